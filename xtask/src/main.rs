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
    /// Compile, run and compare the snippets of one chapter, or of all
    Test {
        /// A chapter's file below src/, such as threads/starting.md
        chapters: Vec<String>,
        /// Write what programs really print into the blocks that say what they print
        #[arg(long)]
        bless: bool,
    },
    /// What mdBook calls (see book.toml): the book comes on standard input
    #[command(hide = true)]
    Preprocess {
        /// `supports RENDERER`, to which the answer is always yes
        question: Vec<String>,
    },
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
    let root = xtask::root();
    match cli.command {
        None => anyhow::bail!("serve is not here yet"),
        Some(Command::Build { dest }) => xtask::book::build(&root, &std::path::absolute(dest)?),
        Some(Command::Test { chapters, bless }) => xtask::author::test(&root, &chapters, bless),
        Some(Command::Preprocess { question }) if question.first().is_some_and(|word| word == "supports") => {
            Ok(())
        }
        Some(Command::Preprocess { .. }) => xtask::preprocess::run_as_command(&root),
    }
}
