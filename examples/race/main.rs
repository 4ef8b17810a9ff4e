//! The race: two jobs that threads share, done wrong in the way that is easy to write, then repaired.
//!
//! `cargo run --release --example race -- --help` says how to run it. To read it, go in this order:
//!
//! | file | what it holds |
//! |---|---|
//! | `counter.rs` | one number that every thread increments: one version that loses updates, three that do not |
//! | `file.rs` | one file that every thread appends to: two versions that corrupt it, three that do not |
//! | `check.rs` | reads such a file back and counts what is left of its lines |
//! | `runs.rs` | repeats a version and keeps the worst run, the wrong runs and the median time |
//! | `race.py`, `python.rs` | the same two jobs in Python, and the call that runs them |
//! | `table.rs` | prints the rows, for people or for programs |
//! | `args.rs` | the command line |
//!
//! The broken versions are broken every time, on one core too, and never sleep: a barrier holds every thread
//! between the two halves of its first operation until all of them are there. After that they run free.

mod args;
mod check;
mod counter;
mod file;
mod python;
mod runs;
mod table;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use args::{Args, Command};
use check::Lines;
use counter::Count;
use python::Interpreter;
use runs::repeat;
use table::{Row, Table};

fn main() -> ExitCode {
    let args = match args::parse(std::env::args_os()) {
        Ok(Command::Run(args)) => args,
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("race: {error}; see race --help");
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("race: a repaired version gave a wrong result, which is a bug in this program");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("race: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// True if every repaired version was right every time.
fn run(args: &Args) -> Result<bool> {
    let interpreters = args.pythons.iter().map(|path| Interpreter::find(path)).collect::<Result<Vec<_>>>()?;
    let mut tables = Vec::new();
    if args.counter {
        tables.push(count(args, &interpreters)?);
    }
    if args.file {
        tables.push(append(args, &interpreters)?);
    }
    if !args.tsv && args.repeat > 1 {
        println!("{} runs of each: the counts of the worst, the median of the times", args.repeat);
    }
    for table in &tables {
        if args.tsv { table.print_tsv() } else { table.print() }
    }
    Ok(tables.iter().flat_map(|table| &table.rows).all(|row| !row.repaired || row.wrong == 0))
}

fn count(args: &Args, interpreters: &[Interpreter]) -> Result<Table> {
    let (threads, increments) = (args.threads, args.increments);
    let expected = threads as u64 * increments;
    let mut rows = Vec::new();
    for version in &counter::VERSIONS {
        let runs = repeat(args.repeat, || {
            let start = Instant::now();
            let got = (version.run)(threads, increments);
            Ok((Count { expected, got }, start.elapsed()))
        })?;
        rows.push(Row::new("Rust", version.name, version.what, version.repaired, runs));
    }
    for interpreter in interpreters {
        for version in counter::VERSIONS.iter().filter(|version| version.in_python) {
            let runs = repeat(args.repeat, || {
                let (time, got) = interpreter.count(version.name, threads, increments)?;
                Ok((Count { expected, got }, time))
            })?;
            rows.push(Row::new(&interpreter.name, version.name, version.what, version.repaired, runs));
        }
    }
    Ok(Table { title: format!("counter: {threads} threads, {increments} increments each"), rows })
}

fn append(args: &Args, interpreters: &[Interpreter]) -> Result<Table> {
    let (threads, lines) = (args.threads, args.lines);
    let log = LogFolder::new(args.keep.as_deref())?;
    let mut rows = Vec::new();
    for version in &file::VERSIONS {
        let path = log.file("rust", version.name);
        let runs = repeat(args.repeat, || {
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
            let start = Instant::now();
            (version.run)(&path, threads, lines)
                .with_context(|| format!("cannot write {}", path.display()))?;
            let time = start.elapsed();
            Ok((Lines::read_back(&path, threads, lines)?, time))
        })?;
        rows.push(Row::new("Rust", version.name, version.what, version.repaired, runs));
    }
    for interpreter in interpreters {
        for version in &file::VERSIONS {
            let path = log.file(&interpreter.name.replace(' ', "-").to_lowercase(), version.name);
            let runs = repeat(args.repeat, || {
                File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
                let time = interpreter.append(version.name, &path, threads, lines)?;
                Ok((Lines::read_back(&path, threads, lines)?, time))
            })?;
            rows.push(Row::new(&interpreter.name, version.name, version.what, version.repaired, runs));
        }
    }
    Ok(Table { title: format!("file: {threads} threads, {lines} lines each"), rows })
}

/// Where the logs are written: the reader's folder, or one that goes away at the end.
struct LogFolder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl LogFolder {
    fn new(keep: Option<&Path>) -> Result<LogFolder> {
        if let Some(path) = keep {
            fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
            return Ok(LogFolder { path: path.to_path_buf(), _temporary: None });
        }
        let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
        Ok(LogFolder { path: temporary.path().to_path_buf(), _temporary: Some(temporary) })
    }

    fn file(&self, language: &str, version: &str) -> PathBuf {
        self.path.join(format!("{language}-{version}.log"))
    }
}
