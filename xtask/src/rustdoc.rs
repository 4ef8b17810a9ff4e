//! What rustdoc is given of a chapter, so that `mdbook test` needs no flags.
//!
//! Every block keeps its line, since that is how rustdoc names it. Three kinds of block change:
//! one that rustdoc cannot see as a whole (an include, an excerpt, an exercise's tests); one that
//! uses a crate, because stock mdBook gives rustdoc no way to find it: such a program is compiled here
//! and rustdoc runs the result; and every other program gets a time limit.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    chapter::{Block, Chapter, Program},
    check::transcript,
    fence::{Edition, Ending, Fence, Role},
    run::{self, side_by_side},
    rustc::{Compiler, Outcome, Source, dependency_names, uses_crate},
    stamp::Stamps,
};

/// A program under rustdoc or skeptic that has not ended by then is stopped, and says so.
pub const LIMIT_SECONDS: u64 = 30;

/// The chapter as rustdoc is to see it. `compiler` is called upon only for programs that use crates
/// or include files; it is made when the first of them is met.
///
/// # Errors
///
/// When the compiler cannot be started.
pub fn chapter_for_rustdoc(chapter: &Chapter, compiler: &LazyCompiler<'_>) -> Result<String> {
    let mut replaced: HashMap<usize, String> = HashMap::new();
    let programs: Vec<Program<'_>> = chapter.programs().filter(|program| !program.is_python()).collect();
    let standing_in: Vec<Program<'_>> =
        programs.iter().copied().filter(|program| compiler.must_stand_in(program.block)).collect();
    if !standing_in.is_empty() {
        let compiler = compiler.get()?;
        for (program, text) in
            standing_in.iter().zip(side_by_side(&standing_in, |program| stand_in(compiler, *program)))
        {
            replaced.insert(program.block.line, text?);
        }
    }
    let mut out = String::new();
    let mut at = 0;
    for block in &chapter.blocks {
        let Fence::Rust(rust) = &block.fence else { continue };
        out.push_str(&chapter.source[at..block.range.start]);
        at = block.range.end;
        let whole = &chapter.source[block.range.clone()];
        let text = match &rust.role {
            Role::Excerpt | Role::Tests => same_lines(chapter, block, "text", ""),
            _ => match replaced.get(&block.line) {
                Some(program) => same_lines(chapter, block, &info(block), program),
                None => {
                    let opening = whole.lines().next().unwrap_or_default();
                    let ticks: String = opening.chars().take_while(|c| ['`', '~'].contains(c)).collect();
                    let rest = &whole[opening.len()..];
                    let rest = match rust.role {
                        Role::Program(Ending::Succeeds | Ending::Fails) | Role::Solution => {
                            with_time_limit(rest)
                        }
                        _ => rest.to_string(),
                    };
                    format!("{ticks}{}{rest}", info(block))
                }
            },
        };
        out.push_str(&text);
    }
    out.push_str(&chapter.source[at..]);
    Ok(out)
}

/// A compiler that is made when the first program needs it: building the crates takes a while, and
/// most chapters use none.
pub struct LazyCompiler<'a> {
    root: &'a Path,
    crates: Vec<String>,
    made: std::sync::OnceLock<Compiler>,
}

impl<'a> LazyCompiler<'a> {
    /// For the book in `root`.
    ///
    /// # Errors
    ///
    /// When `Cargo.toml` cannot be read.
    pub fn new(root: &'a Path) -> Result<Self> {
        Ok(Self { root, crates: dependency_names(root)?, made: std::sync::OnceLock::new() })
    }

    /// The compiler.
    ///
    /// # Errors
    ///
    /// As [`Compiler::new`].
    pub fn get(&self) -> Result<&Compiler> {
        if let Some(compiler) = self.made.get() {
            return Ok(compiler);
        }
        let compiler = Compiler::new(self.root)?;
        Ok(self.made.get_or_init(|| compiler))
    }

    /// Whether rustdoc cannot compile the block by itself.
    fn must_stand_in(&self, block: &Block) -> bool {
        let code = block.code();
        !block.includes.is_empty() || self.crates.iter().any(|name| uses_crate(&code, name))
    }
}

/// The words that rustdoc knows, and no others: it drops a block quietly over an unknown one in the
/// wrong place.
fn info(block: &Block) -> String {
    let Fence::Rust(rust) = &block.fence else { return String::new() };
    let mut info = String::from("rust");
    if let Some(edition) = rust.edition {
        info.push_str(",edition");
        info.push_str(edition.year());
    }
    match &rust.role {
        Role::Program(Ending::Fails) => info.push_str(",should_panic"),
        Role::Program(Ending::Hangs) | Role::Starter => info.push_str(",no_run"),
        Role::CompileFail(code) => {
            info.push_str(",compile_fail,");
            info.push_str(code);
        }
        _ => {}
    }
    info
}

/// A block of the same height with other words: `program` is one line.
fn same_lines(chapter: &Chapter, block: &Block, info: &str, program: &str) -> String {
    let ending = if chapter.source[block.range.clone()].ends_with('\n') { "\n" } else { "" };
    let padding = "\n".repeat(block.source_lines.saturating_sub(1));
    let line = if block.source_lines == 0 { "" } else { "\n" };
    // Ten backticks: no program has as many.
    format!("``````````{info}\n{program}{line}{padding}``````````{ending}")
}

/// One line that does what the program does: the program is compiled here, and run by it.
fn stand_in(compiler: &Compiler, program: Program<'_>) -> Result<String> {
    let place = format!("src/{}:{}", program.chapter.path, program.block.line);
    let code = program.block.code();
    let edition = program.block.edition().unwrap_or(Edition::E2024);
    let outcome = compiler.compile(Source { code: &code, edition, harness: false })?;
    let refuse = |message: String| format!("fn main() {{ panic!(\"{{}}\", {message:?}) }}");
    Ok(match (program.block.role(), outcome) {
        (Some(Role::CompileFail(code)), Outcome::Refused(message))
            if message.contains(&format!("error[{code}]")) =>
        {
            // rustdoc has to see a program that does not compile.
            format!("compile_error!({:?}); fn main() {{}}", format!("{place}: {code}"))
        }
        (Some(Role::CompileFail(_)), _) => "fn main() {}".to_string(),
        (Some(Role::Starter | Role::Program(Ending::Hangs)), Outcome::Compiled(_)) => {
            "fn main() {}".to_string()
        }
        (Some(Role::Starter | Role::Program(Ending::Hangs)), Outcome::Refused(message)) => {
            format!("compile_error!({:?}); fn main() {{}}", format!("{place} does not compile:\n{message}"))
        }
        (Some(Role::Program(Ending::Fails)), Outcome::Refused(_)) => {
            // A panic is what is expected here; only a program that does not compile fails for certain.
            format!("compile_error!({:?}); fn main() {{}}", format!("{place} does not compile"))
        }
        (_, Outcome::Refused(message)) => refuse(format!("{place} does not compile:\n{message}")),
        (_, Outcome::Compiled(compiled)) => format!(
            "fn main() {{ let mut child = std::process::Command::new({:?}).spawn().unwrap(); \
             for _ in 0..{LIMIT_SECONDS}00 {{ \
             if let Some(status) = child.try_wait().unwrap() {{ std::process::exit(status.code().unwrap_or(101)) }} \
             std::thread::sleep(std::time::Duration::from_millis(10)) }} \
             child.kill().unwrap(); panic!({:?}) }}",
            compiled.program,
            format!("{place} hung: it did not end within {LIMIT_SECONDS} s and was stopped"),
        ),
    })
}

/// The program with a guard at the beginning of `main`, on the same line, that ends a program that
/// hangs. rustdoc and skeptic have no limit of their own.
pub fn with_time_limit(program: &str) -> String {
    let Some(main) = program.find("fn main(") else { return program.to_string() };
    let Some(open) = program[main..].find('{') else { return program.to_string() };
    let (before, after) = program.split_at(main + open + 1);
    // The status has to be neither 0 nor that of a panic, which may be what is expected.
    let guard = format!(
        " ::std::thread::spawn(|| {{ ::std::thread::sleep(::std::time::Duration::from_secs({LIMIT_SECONDS})); \
         ::std::eprintln!(\"hung: it did not end within {LIMIT_SECONDS} s and was stopped\"); \
         ::std::process::abort() }}); "
    );
    format!("{before}{guard}{after}")
}

/// How many blocks rustdoc has to test in the chapter.
pub fn expected_tests(chapter: &Chapter) -> usize {
    chapter.programs().filter(|program| !program.is_python()).count()
}

/// What rustdoc said of a chapter.
#[derive(Debug)]
pub enum Verdict {
    /// This many blocks passed.
    Passed(usize),
    /// It passed before, and nothing has changed since.
    Unchanged(usize),
    /// rustdoc's own report.
    Failed(String),
}

/// Runs rustdoc on the chapter as stock `mdbook test` does, in edition 2024. A chapter that passed is
/// not run again while its text, the crates and rustdoc are the same.
///
/// # Errors
///
/// When rustdoc cannot be started or a file cannot be written.
pub fn test(
    chapter: &Chapter,
    compiler: &LazyCompiler<'_>,
    version: &str,
    stamps: &Stamps,
) -> Result<Verdict> {
    let text = chapter_for_rustdoc(chapter, compiler)?;
    let depends_on = ("rustdoc", &chapter.path, &text, version);
    if let Some(count) = stamps.passed(depends_on).and_then(|note| note.parse().ok()) {
        return Ok(Verdict::Unchanged(count));
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join(&chapter.path);
    fs::create_dir_all(file.parent().unwrap_or(folder.path()))?;
    fs::write(&file, &text)?;
    let mut command = Command::new(rustdoc());
    command.current_dir(folder.path()).args([OsStr::new("--test"), OsStr::new("--edition=2024")]);
    command.arg(&chapter.path).env_remove("RUST_BACKTRACE");
    let ran = run::run(command, Duration::from_secs(600)).context("cannot start rustdoc")?;
    if !ran.succeeded() {
        return Ok(Verdict::Failed(transcript(&ran)));
    }
    let passed = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<usize>().ok())
        .sum::<usize>();
    stamps.record(depends_on, &passed.to_string())?;
    Ok(Verdict::Passed(passed))
}

/// `rustdoc --version`.
///
/// # Errors
///
/// When rustdoc cannot be started.
pub fn version() -> Result<String> {
    let output = Command::new(rustdoc()).arg("--version").output().context("cannot start rustdoc")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

fn rustdoc() -> PathBuf {
    std::env::var_os("RUSTDOC").map_or_else(|| "rustdoc".into(), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_stays_on_the_line_of_main() {
        let program = "use a;\n# async fn main() -> Result<(), E> {\n    b();\n# }\n";
        let guarded = with_time_limit(program);
        assert_eq!(guarded.lines().count(), program.lines().count());
        assert!(
            guarded.lines().nth(1).unwrap().contains("Result<(), E> { ::std::thread::spawn"),
            "{guarded}"
        );
    }
}
