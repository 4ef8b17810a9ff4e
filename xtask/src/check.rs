//! Whether a program keeps the promise of its fence, and shows what the page says it shows.

use std::{cell::Cell, collections::BTreeSet, fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    chapter::{Block, Problem, Program},
    expect,
    fence::{Edition, Ending, Fence, Role, Shown},
    python::Python,
    run::{self, Ran},
    rustc::{Compiled, Compiler, Outcome, Source},
    stamp::Stamps,
};

/// A program that has not ended by then is called hung.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A program that is to hang is watched for this long after its output is there.
const HANG: Duration = Duration::from_millis(500);

/// Checks programs with one compiler and one Python.
pub struct Checker {
    compiler: Compiler,
    stamps: Stamps,
    python: Result<Python, String>,
    /// Whether the compiler is the one whose words the chapters quote.
    reference: bool,
    limit: Duration,
}

/// What a program showed, to be held beside what the page shows.
#[derive(Debug, Default)]
pub struct Showed {
    stdout: String,
    stderr: String,
    error: String,
}

/// What was done with a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The program was run.
    pub ran: bool,
    /// How many blocks were compared with what it showed.
    pub compared: usize,
    /// It passed before, and nothing has changed since.
    pub unchanged: bool,
}

impl Checker {
    /// A checker for the book in `root`.
    ///
    /// # Errors
    ///
    /// When there is no compiler, or the crates that snippets use cannot be built.
    pub fn new(root: &Path) -> Result<Checker> {
        let compiler = Compiler::new(root)?;
        let reference = compiler.release() == reference_compiler(root)?;
        let stamps = Stamps::new(compiler.cache());
        Ok(Checker { compiler, stamps, python: Python::find(), reference, limit: LIMIT })
    }

    /// What has passed already.
    pub fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// The same with another limit for programs that are to end.
    pub fn with_limit(self, limit: Duration) -> Checker {
        Checker { limit, ..self }
    }

    /// The compiler.
    pub fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// The Python, or why there is none.
    pub fn python(&self) -> Result<&Python, &str> {
        self.python.as_ref().map_err(String::as_str)
    }

    /// Whether the compiler is the one whose words the chapters quote, so that they are compared exactly.
    pub fn is_reference(&self) -> bool {
        self.reference
    }

    /// Compiles and runs the program and compares what it shows with the blocks behind it.
    ///
    /// # Errors
    ///
    /// What went wrong, at its line, with the program's or the compiler's words.
    pub fn check(&self, program: Program<'_>) -> Result<Done, Problem> {
        let showed = self.show(program)?;
        let mut compared = 0;
        for (shown, block) in program.shown() {
            let actual = showed.of(shown);
            if !self.agrees(shown, &block.text, actual) {
                return Err(Problem {
                    line: block.line,
                    ..program.problem(format!(
                        "{shown} is not what the page shows\n--- the page\n{}--- the program (line {})\n{}",
                        block.text,
                        program.block.line,
                        if actual.is_empty() { "(nothing)\n" } else { actual },
                    ))
                });
            }
            compared += 1;
        }
        Ok(Done { ran: program.ending().is_some(), compared, unchanged: false })
    }

    /// As [`Checker::check`], except that a program that passed is not run again while it, what the
    /// page says of it, the compiler, the crates and Python are the same.
    ///
    /// # Errors
    ///
    /// As [`Checker::check`].
    pub fn check_unless_unchanged(&self, program: Program<'_>) -> Result<Done, Problem> {
        let code = program.block.code();
        let shown: Vec<_> = program.shown().map(|(shown, block)| (shown, &block.text)).collect();
        let python = self.python().map(|python| &python.version);
        let built_with = if program.is_python() { None } else { Some(self.compiler.identity(&code)) };
        let depends_on = (&code, &program.block.fence, shown, python, built_with);
        if self.stamps.passed(&depends_on).is_some() {
            let (ran, compared) = (program.ending().is_some(), program.shown().count());
            return Ok(Done { ran, compared, unchanged: true });
        }
        let done = self.check(program)?;
        self.stamps.record(&depends_on, "").map_err(|error| program.problem(error.to_string()))?;
        Ok(done)
    }

    /// Whether the program compiles in edition 2021 too; [`Checker::check`] compiles it in 2024.
    ///
    /// # Errors
    ///
    /// The compiler's words, at the program's line.
    pub fn check_older_edition(&self, program: Program<'_>) -> Result<(), Problem> {
        let Some(role) = program.block.role() else { return Ok(()) };
        if program.block.edition().is_some() || matches!(role, Role::CompileFail(_)) {
            return Ok(());
        }
        let code = program.block.code();
        let source = Source { code: &code, edition: Edition::E2021, harness: false };
        match self.compiler.compile(source) {
            Ok(Outcome::Compiled(_)) => Ok(()),
            Ok(Outcome::Refused(message)) => {
                Err(program.problem(format!("does not compile in edition 2021:\n{message}")))
            }
            Err(error) => Err(program.problem(format!("{error:#}"))),
        }
    }

    /// The blocks behind the program that do not say what it shows, each with what it shows.
    ///
    /// # Errors
    ///
    /// When the program does not keep its fence's promise.
    pub fn stale<'a>(&self, program: Program<'a>) -> Result<Vec<(&'a Block, String)>, Problem> {
        let showed = self.show(program)?;
        Ok(program
            .shown()
            .filter(|(shown, block)| !self.agrees(*shown, &block.text, showed.of(*shown)))
            .map(|(shown, block)| (block, showed.of(shown).to_string()))
            .collect())
    }

    fn agrees(&self, shown: Shown, expected: &str, actual: &str) -> bool {
        match shown {
            Shown::UnorderedOutput => expect::unordered(expected, actual),
            Shown::Error if !self.reference => places(expected) == places(actual),
            _ => expect::ordered(expected, actual),
        }
    }

    /// Compiles the program and, when its fence says so, runs it.
    fn show(&self, program: Program<'_>) -> Result<Showed, Problem> {
        let fail = |error: anyhow::Error| program.problem(format!("{error:#}"));
        match &program.block.fence {
            Fence::Python(ending) => {
                let python = self.python().map_err(|why| program.problem(why))?;
                let folder = tempfile::tempdir().map_err(|error| fail(error.into()))?;
                fs::write(folder.path().join("main.py"), &program.block.text)
                    .map_err(|error| fail(error.into()))?;
                self.run(program, python.command(), folder.path(), *ending)
            }
            Fence::Rust(rust) => {
                let edition = rust.edition.unwrap_or(Edition::E2024);
                let code = program.block.code();
                let outcome =
                    self.compiler.compile(Source { code: &code, edition, harness: false }).map_err(fail)?;
                match (&rust.role, outcome) {
                    (Role::CompileFail(code), Outcome::Refused(error)) => {
                        let codes: BTreeSet<String> =
                            places(&error).into_iter().map(|(code, _)| code).collect();
                        if codes.len() != 1 || !codes.contains(code) {
                            return Err(program.problem(format!("does not fail with {code} alone:\n{error}")));
                        }
                        Ok(Showed { error, ..Showed::default() })
                    }
                    (Role::CompileFail(code), Outcome::Compiled(_)) => {
                        Err(program.problem(format!("compiles; it should fail with {code}")))
                    }
                    (_, Outcome::Refused(error)) => {
                        Err(program.problem(format!("does not compile:\n{error}")))
                    }
                    (Role::Starter, Outcome::Compiled(_)) => Ok(Showed::default()),
                    (_, Outcome::Compiled(Compiled { message, .. }))
                        if self.reference && !message.is_empty() =>
                    {
                        Err(program.problem(format!("compiles with warnings:\n{message}")))
                    }
                    (_, Outcome::Compiled(compiled)) => {
                        let folder = tempfile::tempdir().map_err(|error| fail(error.into()))?;
                        let ending = program.ending().unwrap_or(Ending::Succeeds);
                        self.run(program, Command::new(compiled.program), folder.path(), ending)
                    }
                }
            }
            Fence::Shown(_) | Fence::Console | Fence::Manifest => {
                unreachable!("Chapter::programs yields programs only")
            }
        }
    }

    /// Runs `command` in `folder`, an empty one, and holds its end against `ending`.
    fn run(
        &self,
        program: Program<'_>,
        mut command: Command,
        folder: &Path,
        ending: Ending,
    ) -> Result<Showed, Problem> {
        command.current_dir(folder);
        for variable in ["RUST_BACKTRACE", "RUST_LIB_BACKTRACE", "RUST_LOG", "PYTHONPATH", "PYTHONWARNINGS"] {
            command.env_remove(variable);
        }
        let ran = match ending {
            Ending::Hangs => {
                // It hangs when nothing more comes after the output that the page shows. A program that
                // is merely slow to start has not printed that yet.
                let output = program.shown().find(|(shown, _)| shown.is_output());
                let there = Cell::new(None);
                run::run_until(command, self.limit, |so_far, since| {
                    if output.is_none_or(|(shown, block)| !self.agrees(shown, &block.text, so_far)) {
                        there.set(None);
                        return false;
                    }
                    let first = there.get().unwrap_or(since);
                    there.set(Some(first));
                    since >= first + HANG
                })
            }
            _ => run::run(command, self.limit),
        };
        let ran = ran.map_err(|error| program.problem(format!("cannot be run: {error}")))?;
        let complaint = match (ending, ran.status) {
            (Ending::Hangs, None) => None,
            (Ending::Hangs, Some(_)) => Some("ends by itself; it should hang".to_string()),
            (_, None) => {
                Some(format!("hung: it did not end within {} s and was stopped", self.limit.as_secs()))
            }
            (Ending::Succeeds, Some(status)) if !status.success() => Some(format!("fails ({status})")),
            (Ending::Fails, Some(status)) if status.success() => {
                Some("ends well; it should fail".to_string())
            }
            // A Rust program that fails on purpose panics: that is status 101, or an abort.
            (Ending::Fails, Some(status))
                if !program.is_python() && status.code().is_some_and(|code| code != 101) =>
            {
                Some(format!("does not panic ({status})"))
            }
            _ => None,
        };
        match complaint {
            Some(complaint) => Err(program.problem(format!("{complaint}\n{}", transcript(&ran)))),
            None => Ok(Showed { stdout: ran.stdout, stderr: ran.stderr, error: String::new() }),
        }
    }
}

impl Showed {
    fn of(&self, shown: Shown) -> &str {
        match shown {
            Shown::Output | Shown::UnorderedOutput => &self.stdout,
            Shown::Stderr => &self.stderr,
            Shown::Error => &self.error,
        }
    }
}

/// What a program wrote, for a report.
pub fn transcript(ran: &Ran) -> String {
    let mut text = String::new();
    for (name, stream) in [("standard output", &ran.stdout), ("standard error", &ran.stderr)] {
        if !stream.is_empty() {
            text.push_str(&format!("--- {name}\n{}\n", stream.trim_end()));
        }
    }
    text
}

/// The error codes in a compiler's message and the lines that they point at: what stays the same when
/// the compiler's wording changes.
fn places(message: &str) -> BTreeSet<(String, Option<usize>)> {
    let mut found = BTreeSet::new();
    let mut lines = message.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(code) = line.strip_prefix("error[").and_then(|rest| rest.get(..5)) else { continue };
        let place = lines
            .peek()
            .and_then(|next| next.trim_start().strip_prefix("--> "))
            .and_then(|place| place.split(':').nth(1)?.parse().ok());
        found.insert((code.to_string(), place));
    }
    found
}

/// The compiler that `Cargo.toml` names as the one whose words the chapters quote.
///
/// # Errors
///
/// When `root/Cargo.toml` cannot be read or names none.
pub fn reference_compiler(root: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        workspace: Workspace,
    }
    #[derive(Deserialize)]
    struct Workspace {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        book: BookMetadata,
    }
    #[derive(Deserialize)]
    struct BookMetadata {
        compiler: String,
    }
    let file = root.join("Cargo.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let manifest: Manifest = toml::from_str(&text)
        .with_context(|| format!("{} needs [workspace.metadata.book] compiler", file.display()))?;
    Ok(manifest.workspace.metadata.book.compiler)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_compiler_must_agree_on_codes_and_lines() {
        let one = "error[E0373]: closure may outlive\n --> src/main.rs:4:24\n  |\n";
        let reworded = "error[E0373]: this closure can live longer\n --> src/main.rs:4:20\n  |\n";
        let elsewhere = "error[E0373]: closure may outlive\n --> src/main.rs:5:24\n  |\n";
        assert_eq!(places(one), places(reworded));
        assert_ne!(places(one), places(elsewhere));
        assert_ne!(places(one), places(""));
    }
}
