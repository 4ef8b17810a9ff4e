//! What the first line of a fenced block promises. `CONTRIBUTING.md` has the table.

use std::fmt;

/// A fence's promise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fence {
    /// A Rust program, or a part of one.
    Rust(Rust),
    /// A Python program.
    Python(Ending),
    /// What the program before it showed.
    Shown(Shown),
    /// Commands that the reader types.
    Console,
    /// Lines of a manifest.
    Manifest,
}

/// A Rust block: what happens to it, and in which edition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rust {
    /// What the block is for.
    pub role: Role,
    /// Set when the block means something else in the other edition.
    pub edition: Option<Edition>,
}

/// What a Rust block is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A program that is compiled and run.
    Program(Ending),
    /// A program that the compiler refuses with this code, such as `E0373`.
    CompileFail(String),
    /// A part of a program in `examples/`, tested there.
    Excerpt,
    /// Where an exercise begins.
    Starter,
    /// How an exercise is checked.
    Tests,
    /// How an exercise can be solved.
    Solution,
}

/// How a program that runs comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It exits with 0.
    Succeeds,
    /// Rust: it panics. Python: it exits with another status than 0.
    Fails,
    /// It never ends by itself.
    Hangs,
}

/// A Rust edition that the book is tested in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// What skeptic compiles.
    E2021,
    /// What `mdbook test` compiles.
    E2024,
}

impl Edition {
    /// The year, as `rustc --edition` wants it.
    pub fn year(self) -> &'static str {
        match self {
            Edition::E2021 => "2021",
            Edition::E2024 => "2024",
        }
    }
}

/// Which words of a program a block shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// Standard output, line by line.
    Output,
    /// Standard output, in any order.
    UnorderedOutput,
    /// Standard error.
    Stderr,
    /// The compiler's message.
    Error,
}

impl Shown {
    /// Whether it is standard output, in whatever order.
    pub fn is_output(self) -> bool {
        matches!(self, Shown::Output | Shown::UnorderedOutput)
    }
}

impl Fence {
    /// Reads the words behind the backticks.
    ///
    /// # Errors
    ///
    /// When the words are none that the book uses; the message says what to write instead.
    pub fn parse(info: &str) -> Result<Fence, String> {
        let (language, tags) = match info.split_once(',') {
            Some((language, tags)) => (language, tags.split(',').collect::<Vec<_>>()),
            None => (info, Vec::new()),
        };
        match (language, tags.as_slice()) {
            ("", _) => Err("a fence without a language (rustdoc would take it for Rust)".into()),
            ("rust", tags) => rust(tags).map(Fence::Rust),
            ("python", []) => Ok(Fence::Python(Ending::Succeeds)),
            ("python", ["fails"]) => Ok(Fence::Python(Ending::Fails)),
            ("python", ["hangs"]) => Ok(Fence::Python(Ending::Hangs)),
            ("output", []) => Ok(Fence::Shown(Shown::Output)),
            ("output", ["unordered"]) => Ok(Fence::Shown(Shown::UnorderedOutput)),
            ("stderr", []) => Ok(Fence::Shown(Shown::Stderr)),
            ("error", []) => Ok(Fence::Shown(Shown::Error)),
            ("console", []) => Ok(Fence::Console),
            ("toml", []) => Ok(Fence::Manifest),
            _ => Err(format!("`{info}` is not a fence of this book (see CONTRIBUTING.md)")),
        }
    }
}

fn rust(tags: &[&str]) -> Result<Rust, String> {
    let (edition, tags): (Vec<&str>, Vec<&str>) = tags.iter().partition(|tag| tag.starts_with("edition"));
    let edition = match edition.as_slice() {
        [] => None,
        ["edition2021"] => Some(Edition::E2021),
        ["edition2024"] => Some(Edition::E2024),
        _ => {
            return Err("the editions of this book are `edition2021` and `edition2024`, one at a time".into());
        }
    };
    let role = match tags.as_slice() {
        [] => Role::Program(Ending::Succeeds),
        ["should_panic"] => Role::Program(Ending::Fails),
        ["no_run", "hangs"] => Role::Program(Ending::Hangs),
        ["compile_fail", code] if is_error_code(code) => Role::CompileFail((*code).into()),
        ["excerpt"] => Role::Excerpt,
        ["no_run", "starter"] => Role::Starter,
        ["tests"] => Role::Tests,
        ["solution"] => Role::Solution,
        _ if tags.contains(&"ignore") => {
            return Err("`ignore`: every block of this book is compiled".into());
        }
        ["compile_fail", ..] => {
            return Err("`compile_fail` needs exactly one error code behind it, as in `E0373`".into());
        }
        _ => {
            return Err(format!(
                "`rust,{}` is not a fence of this book (see CONTRIBUTING.md; rustdoc's tags come first)",
                tags.join(",")
            ));
        }
    };
    Ok(Rust { role, edition })
}

fn is_error_code(word: &str) -> bool {
    word.len() == 5 && word.starts_with('E') && word[1..].bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shown::Output | Shown::UnorderedOutput => "standard output",
            Shown::Stderr => "standard error",
            Shown::Error => "the compiler's message",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fence_of_the_book_is_read() {
        for (info, role) in [
            ("rust", Role::Program(Ending::Succeeds)),
            ("rust,should_panic", Role::Program(Ending::Fails)),
            ("rust,no_run,hangs", Role::Program(Ending::Hangs)),
            ("rust,compile_fail,E0373", Role::CompileFail("E0373".into())),
            ("rust,excerpt", Role::Excerpt),
            ("rust,no_run,starter", Role::Starter),
            ("rust,tests", Role::Tests),
            ("rust,solution", Role::Solution),
        ] {
            assert_eq!(Fence::parse(info), Ok(Fence::Rust(Rust { role, edition: None })), "{info}");
        }
        assert_eq!(
            Fence::parse("rust,edition2021,should_panic"),
            Ok(Fence::Rust(Rust { role: Role::Program(Ending::Fails), edition: Some(Edition::E2021) }))
        );
    }

    #[test]
    fn what_would_be_skipped_quietly_is_refused() {
        for info in [
            "",
            "rust,ignore",
            "rust,no_run",
            "rust,editable,no_run",
            "rust,hangs",
            "rust,compile_fail",
            "rust,compile_fail,E0373,E0382",
            "rust,edition2018",
            "Rust",
            "text",
            "python,ignore",
        ] {
            assert!(Fence::parse(info).is_err(), "{info}");
        }
    }
}
