//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;

pub const HELP: &str = "\
Two jobs that threads share, done wrong and then repaired, and what that costs.

Usage: race [counter|file] [OPTIONS]

  counter   increment one number from every thread; counts the lost updates
  file      append lines to one file from every thread; reads the file back and
            counts whole, torn, interleaved and missing lines
            Without either, both.

Options:
  --threads N        how many threads, 1 to 256 [4]
  --increments N     counter: increments per thread, 1 to 1000000000 [250000]
  --lines N          file: lines per thread, 1 to 100000 [1000]
  --repeat N         run every version N times [1]
  --python[=PATH]    add rows from Python: python3, or the interpreter at PATH;
                     may be given more than once
  --keep DIR         leave the written files in DIR, to look at
  --tsv              print tab-separated rows, times in seconds, for programs
  -h, --help         print this

Measure with `cargo run --release`. Exit codes: 0, 1 if something went wrong (a
repaired version that is not right counts), 2 for a bad command line.
";

pub enum Command {
    Run(Args),
    Help,
}

pub struct Args {
    pub counter: bool,
    pub file: bool,
    pub threads: usize,
    pub increments: u64,
    pub lines: usize,
    pub repeat: usize,
    pub pythons: Vec<PathBuf>,
    pub keep: Option<PathBuf>,
    pub tsv: bool,
}

pub fn parse(raw: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut task = None;
    let mut args = Args {
        counter: true,
        file: true,
        threads: 4,
        increments: 250_000,
        lines: 1000,
        repeat: 1,
        pythons: Vec::new(),
        keep: None,
        tsv: false,
    };
    let mut parser = lexopt::Parser::from_iter(raw);
    while let Some(arg) = parser.next()? {
        match arg {
            // No more than 256, because the barrier needs every thread to exist.
            Long("threads") => args.threads = number(&mut parser, "--threads", 256)? as usize,
            Long("increments") => args.increments = number(&mut parser, "--increments", 1_000_000_000)?,
            Long("lines") => args.lines = number(&mut parser, "--lines", 100_000)? as usize,
            Long("repeat") => args.repeat = number(&mut parser, "--repeat", 1_000_000)? as usize,
            Long("python") => {
                args.pythons.push(parser.optional_value().unwrap_or_else(|| "python3".into()).into());
            }
            Long("keep") => args.keep = Some(parser.value()?.into()),
            Long("tsv") => args.tsv = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(value) if task.is_none() && (value == "counter" || value == "file") => {
                args.counter = value == "counter";
                args.file = value == "file";
                task = Some(value);
            }
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(args))
}

fn number(parser: &mut lexopt::Parser, option: &str, most: u64) -> Result<u64, lexopt::Error> {
    let given = parser.value()?;
    let number = given.to_str().and_then(|text| text.parse().ok()).filter(|n| (1..=most).contains(n));
    number.ok_or_else(|| {
        lexopt::Error::Custom(
            format!("{option} wants a whole number from 1 to {most}, not {}", given.display()).into(),
        )
    })
}
