//! Reads a log back and says what is left of its lines.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result};

use crate::file::{entry, images};
use crate::runs::Outcome;

/// `whole + missing == expected`; what else stands in the file is torn or interleaved.
#[derive(Default)]
pub struct Lines {
    pub expected: u64,
    /// As some worker meant it.
    pub whole: u64,
    /// A part of one worker's line.
    pub torn: u64,
    /// Parts of more than one line.
    pub interleaved: u64,
    /// Nowhere whole.
    pub missing: u64,
}

impl Lines {
    pub fn read_back(path: &Path, threads: usize, lines: usize) -> Result<Lines> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {} back", path.display()))?;
        let log = String::from_utf8_lossy(&bytes);
        let every_line: String = (0..threads)
            .flat_map(|worker| images(worker, lines).map(move |image| entry(worker, image).concat()))
            .collect();

        let mut missing: HashSet<&str> = every_line.lines().collect();
        let mut found = Lines { expected: missing.len() as u64, ..Lines::default() };
        // ANCHOR: judge
        for line in log.lines() {
            if missing.remove(line) {
                found.whole += 1;
            } else if every_line.contains(line) {
                found.torn += 1;
            } else {
                found.interleaved += 1;
            }
        }
        // ANCHOR_END: judge
        found.missing = missing.len() as u64;
        Ok(found)
    }
}

impl Outcome for Lines {
    fn wrong(&self) -> u64 {
        self.torn + self.interleaved + self.missing
    }

    fn columns(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("expected", self.expected),
            ("whole", self.whole),
            ("torn", self.torn),
            ("interleaved", self.interleaved),
            ("missing", self.missing),
        ]
    }
}
