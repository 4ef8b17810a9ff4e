//! The command line, and nothing else.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
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
    /// Draw the diagrams from their Mermaid sources (cargo run -p xtask --features diagrams -- diagrams)
    Diagrams {
        /// Only say which drawing is not the one of its source
        #[arg(long)]
        check: bool,
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
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this package has no workspace")?;
    let root = match &cli.root {
        Some(root) => std::path::absolute(root)?,
        None => here.to_path_buf(),
    };
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(Serve { port, open }) => serve::run(&serve::Options { root, port, open }),
        Command::Build { dest } => {
            xtask::book::build(&root, &std::path::absolute(dest)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Diagrams { check } => diagrams(&root, check),
    }
}

#[cfg(feature = "diagrams")]
fn diagrams(root: &Path, check: bool) -> Result<ExitCode> {
    xtask::diagrams::run(root, check)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "diagrams"))]
fn diagrams(_root: &Path, _check: bool) -> Result<ExitCode> {
    anyhow::bail!("this build cannot draw; cargo run -p xtask --features diagrams -- diagrams")
}
