//! What skeptic is given of a chapter.
//!
//! skeptic knows no includes, no `compile_fail` and no edition after 2021, so it gets files that hold
//! only what it can test, each program on the line where the chapter has it: skeptic names a test after
//! its file and line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    chapter::Chapter,
    fence::{Edition, Ending, Role},
    rustdoc::with_time_limit,
};

/// Writes the chapters' programs into `out` and returns the files, which are for
/// `skeptic::generate_doc_tests`. A file that would not change is not touched.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(chapters: &[Chapter], out: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for chapter in chapters {
        let stem = chapter.path.trim_end_matches(".md").replace('/', "-");
        for (number, text) in texts(chapter).into_iter().enumerate() {
            let folder = out.join(number.to_string());
            fs::create_dir_all(&folder)?;
            let file = folder.join(format!("{stem}.md"));
            if fs::read_to_string(&file).is_ok_and(|old| old == text) {
                files.push(file);
                continue;
            }
            fs::write(&file, text)?;
            files.push(file);
        }
    }
    Ok(files)
}

/// How many programs skeptic has to test in the chapter.
pub fn expected_tests(chapter: &Chapter) -> usize {
    for_skeptic(chapter).count()
}

fn for_skeptic(chapter: &Chapter) -> impl Iterator<Item = (usize, &'static str, String)> + '_ {
    chapter.programs().filter_map(|program| {
        if program.is_python() || program.block.edition() == Some(Edition::E2024) {
            return None;
        }
        let code = program.block.code();
        let (info, code) = match program.block.role()? {
            Role::Program(Ending::Succeeds) | Role::Solution => ("rust", with_time_limit(&code)),
            Role::Program(Ending::Fails) => ("rust,should_panic", with_time_limit(&code)),
            Role::Program(Ending::Hangs) | Role::Starter => ("rust,no_run", code),
            Role::CompileFail(_) | Role::Excerpt | Role::Tests => return None,
        };
        Some((program.block.line, info, code))
    })
}

/// The programs in as few texts as let each stand on its line: an include makes a program longer than
/// its block, and what follows may have to begin a new text.
fn texts(chapter: &Chapter) -> Vec<String> {
    let mut texts: Vec<(usize, String)> = Vec::new();
    for (line, info, code) in for_skeptic(chapter) {
        let height = code.lines().count() + 2;
        let slot = match texts.iter().position(|(lines, _)| *lines < line) {
            Some(slot) => slot,
            None => {
                texts.push((0, String::new()));
                texts.len() - 1
            }
        };
        let (lines, text) = &mut texts[slot];
        text.push_str(&"\n".repeat(line - 1 - *lines));
        text.push_str(&format!("``````````{info}\n{}\n``````````\n", code.trim_end_matches('\n')));
        *lines = line - 1 + height;
    }
    texts.into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_stands_on_its_line() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("examples")).unwrap();
        fs::write(dir.path().join("examples/long.rs"), "//\n".repeat(50)).unwrap();
        let source = "# T\n\n```rust\n# {{#include examples/long.rs}}\nfn main() {}\n```\n\n```rust,compile_fail,E0373\nfn main() {}\n```\n\n```rust,no_run,hangs\nfn main() {}\n```\n\n```output\n```\n";
        let chapter = Chapter::parse(dir.path(), "chapter.md", source).unwrap();
        let texts = texts(&chapter);
        assert_eq!(texts.len(), 2);
        assert_eq!(texts[0].lines().nth(2), Some("``````````rust"));
        assert_eq!(texts[1].lines().nth(11), Some("``````````rust,no_run"));
        assert!(!texts.concat().contains("compile_fail"));
    }
}
