//! Writing what programs really showed into the blocks that say what they show.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    chapter::{Block, Chapter, Problem},
    check::Checker,
    run::side_by_side,
};

/// Brings the chapter's `output`, `stderr` and `error` blocks up to date, and leaves alone those that
/// agree already. Returns how many it wrote, and what it could not run.
///
/// # Errors
///
/// When the chapter cannot be written.
pub fn bless(checker: &Checker, src: &Path, chapter: &Chapter) -> Result<(usize, Vec<Problem>)> {
    let programs: Vec<_> = chapter.programs().filter(|program| program.shown().next().is_some()).collect();
    let mut stale: Vec<(&Block, String)> = Vec::new();
    let mut problems = Vec::new();
    for result in side_by_side(&programs, |program| checker.stale(*program)) {
        match result {
            Ok(blocks) => stale.extend(blocks),
            Err(problem) => problems.push(problem),
        }
    }
    let mut source = chapter.source.clone();
    stale.sort_by_key(|(block, _)| std::cmp::Reverse(block.range.start));
    for (block, text) in &stale {
        let whole = &chapter.source[block.range.clone()];
        let opening = whole.lines().next().unwrap_or_default();
        let fence: String = opening.chars().take_while(|c| ['`', '~'].contains(c)).collect();
        let text = without_thread_ids(text);
        let text = text.trim_end().trim_start_matches('\n');
        let newline = if text.is_empty() { "" } else { "\n" };
        let ending = if whole.ends_with('\n') { "\n" } else { "" };
        source.replace_range(block.range.clone(), &format!("{opening}\n{text}{newline}{fence}{ending}"));
    }
    if !stale.is_empty() {
        let file = src.join(&chapter.path);
        fs::write(&file, source).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok((stale.len(), problems))
}

/// `thread 'main' (4711) panicked` with the number left out, which is another one in every run.
fn without_thread_ids(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_suffix(':').and_then(|line| line.rsplit_once(" panicked at ")) {
            Some((who, place)) if who.starts_with("thread '") && who.ends_with(')') => {
                let name = who.rsplit_once(" (").map_or(who, |(name, _)| name);
                out.push_str(&format!("{name} (…) panicked at {place}:"));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_id_is_left_out() {
        assert_eq!(
            without_thread_ids("thread 'main' (4711) panicked at src/main.rs:2:5:\nno (1) panicked at x\n"),
            "thread 'main' (…) panicked at src/main.rs:2:5:\nno (1) panicked at x\n"
        );
    }
}
