//! The command line, and nothing else.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use xtask::serve;

/// Threads Without the GIL: read the book, build it, test it.
///
/// Without a command, `serve`.
#[derive(Parser)]
#[command(name = "cargo run --", bin_name = "cargo run --", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// The folder of `book.toml`
    #[arg(long, global = true, hide = true)]
    root: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Show the book in a browser, and rebuild it when a file changes
    Serve(Serve),
    /// Write the static site
    Build {
        /// Where to write it
        #[arg(long, value_name = "FOLDER", default_value = "book")]
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
    /// Draw the diagrams from their Mermaid sources (cargo run -p xtask --features diagrams -- diagrams)
    Diagrams {
        /// Only say which drawing is not the one of its source
        #[arg(long)]
        check: bool,
    },
    /// Repeat the book's measurements on this machine
    Measure(xtask::measure::Options),
    /// What mdBook calls (see book.toml): the book comes on standard input
    #[command(hide = true)]
    Preprocess {
        /// `supports RENDERER`, to which the answer is always yes
        question: Vec<String>,
    },
}

#[derive(Args)]
struct Serve {
    /// Where to listen on 127.0.0.1; 0 takes any free port [default: 3000, or the next free one]
    #[arg(long)]
    port: Option<u16>,
    /// Open the book in the browser
    #[arg(long)]
    open: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    xtask::log::show();
    run(cli).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(cli: Cli) -> Result<ExitCode> {
    let root = match &cli.root {
        Some(root) => std::path::absolute(root)?,
        None => xtask::root(),
    };
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(Serve { port, open }) => serve::run(&serve::Options { root, port, open }),
        Command::Build { dest } => done(xtask::book::build(&root, &std::path::absolute(dest)?)),
        Command::Test { chapters, bless } => done(xtask::author::test(&root, &chapters, bless)),
        Command::Measure(options) => done(xtask::measure::run(&root, &options)),
        Command::Diagrams { check } => done(diagrams(&root, check)),
        Command::Preprocess { question } if question.first().is_some_and(|word| word == "supports") => {
            done(Ok(()))
        }
        Command::Preprocess { .. } => done(xtask::preprocess::run_as_command(&root)),
    }
}

fn done(result: Result<()>) -> Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}

#[cfg(feature = "diagrams")]
fn diagrams(root: &Path, check: bool) -> Result<()> {
    xtask::diagrams::run(root, check)
}

#[cfg(not(feature = "diagrams"))]
fn diagrams(_root: &Path, _check: bool) -> Result<()> {
    anyhow::bail!("this build cannot draw; cargo run -p xtask --features diagrams -- diagrams")
}
