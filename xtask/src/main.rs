//! The command line, and nothing else.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Threads Without the GIL: read the book, build it, test it.
#[derive(Parser)]
#[command(name = "cargo run --", bin_name = "cargo run --", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Write the static site
    Build {
        /// Where to write it
        #[arg(long, default_value = "book")]
        dest: PathBuf,
    },
    /// Repeat the book's measurements on this machine
    Measure(xtask::measure::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    match cli.command {
        None => anyhow::bail!("serve is not here yet"),
        Some(Command::Build { dest }) => xtask::book::build(&root, &std::path::absolute(dest)?),
        Some(Command::Measure(options)) => xtask::measure::run(&root, &options),
    }
}
