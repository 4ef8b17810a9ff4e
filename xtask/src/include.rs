//! `{{#include}}` and `{{#rustdoc_include}}` inside a fenced block, as mdBook expands them.
//!
//! mdBook's own step would come too late: what a snippet is has to be known before it is tested.
//! One thing is added to mdBook's rules: behind `# `, every included line is hidden.

use std::path::{Path, PathBuf};

/// One line of a chapter that stands for lines of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Include<'a> {
    /// Whether the line began with `# `.
    pub hidden: bool,
    /// Whether the lines around the anchor are kept and hidden.
    pub whole_program: bool,
    /// The file, relative to the chapter.
    pub file: &'a str,
    /// The part of the file between `ANCHOR: name` and `ANCHOR_END: name`.
    pub anchor: Option<&'a str>,
}

impl<'a> Include<'a> {
    /// Reads a line of a block; `None` when it is ordinary text.
    pub fn parse(line: &'a str) -> Option<Include<'a>> {
        let line = line.trim();
        let (hidden, line) = match line.strip_prefix("# ") {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let inner = line.strip_prefix("{{#")?.strip_suffix("}}")?;
        let (directive, target) = inner.split_once(char::is_whitespace)?;
        let whole_program = match directive {
            "include" => false,
            "rustdoc_include" => true,
            _ => return None,
        };
        let (file, anchor) = match target.trim().split_once(':') {
            Some((file, anchor)) => (file, Some(anchor)),
            None => (target.trim(), None),
        };
        Some(Include { hidden, whole_program, file, anchor })
    }

    /// The file's place on disk.
    pub fn path(&self, chapter_dir: &Path) -> PathBuf {
        chapter_dir.join(self.file)
    }

    /// The lines that the directive stands for.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has no such anchor.
    pub fn expand(&self, chapter_dir: &Path) -> Result<String, String> {
        let path = self.path(chapter_dir);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot include {}: {error}", self.file))?;
        let mut found = self.anchor.is_none();
        let mut inside = self.anchor.is_none();
        let mut out = String::new();
        for line in text.lines() {
            if let Some(name) = marker(line, "ANCHOR:") {
                if Some(name) == self.anchor {
                    (inside, found) = (true, true);
                }
                continue;
            }
            if let Some(name) = marker(line, "ANCHOR_END:") {
                if Some(name) == self.anchor {
                    inside = false;
                }
                continue;
            }
            if !inside && !self.whole_program {
                continue;
            }
            if self.hidden || !inside {
                out.push_str(if line.is_empty() { "#" } else { "# " });
            }
            out.push_str(line);
            out.push('\n');
        }
        match self.anchor {
            Some(anchor) if !found => Err(format!("{} has no `ANCHOR: {anchor}`", self.file)),
            _ if out.trim().is_empty() => Err(format!("{}: nothing to include", self.file)),
            _ => Ok(out),
        }
    }
}

fn marker<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (_, name) = line.split_once(word)?;
    Some(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(line: &str) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let program = "use std::thread;\n\n// ANCHOR: part\nlet a = 1;\n// ANCHOR_END: part\nfn end() {}\n";
        std::fs::write(dir.path().join("program.rs"), program).unwrap();
        Include::parse(line).expect("an include").expand(dir.path())
    }

    #[test]
    fn include_takes_the_part_and_drops_the_markers() {
        assert_eq!(expand("{{#include program.rs:part}}").unwrap(), "let a = 1;\n");
        assert_eq!(
            expand("{{#include program.rs}}").unwrap(),
            "use std::thread;\n\nlet a = 1;\nfn end() {}\n"
        );
    }

    #[test]
    fn rustdoc_include_hides_the_rest() {
        assert_eq!(
            expand("{{#rustdoc_include program.rs:part}}").unwrap(),
            "# use std::thread;\n#\nlet a = 1;\n# fn end() {}\n"
        );
    }

    #[test]
    fn a_hidden_include_hides_all_of_it() {
        assert_eq!(expand("# {{#include program.rs:part}}").unwrap(), "# let a = 1;\n");
    }

    #[test]
    fn a_missing_anchor_or_file_is_an_error() {
        assert!(expand("{{#include program.rs:other}}").unwrap_err().contains("no `ANCHOR: other`"));
        assert!(expand("{{#include nowhere.rs}}").unwrap_err().contains("nowhere.rs"));
    }
}
