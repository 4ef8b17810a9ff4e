//! What is going on, and for how much longer: one line that changes on a terminal, plain lines elsewhere.

use std::{
    io::{IsTerminal, Write, stderr},
    time::Duration,
};

pub struct Progress {
    terminal: bool,
    /// What each measurement that has not ended is expected to take
    left: Vec<Duration>,
    total: usize,
}

impl Progress {
    /// `budgets`: how long each measurement may take.
    pub fn new(budgets: Vec<Duration>) -> Self {
        let progress = Self { terminal: stderr().is_terminal(), total: budgets.len(), left: budgets };
        let count = progress.total;
        let measurements = if count == 1 { "measurement" } else { "measurements" };
        eprintln!("{count} {measurements}, {}", about(progress.left.iter().sum()));
        progress
    }

    /// The measurement at hand has run `round` of `rounds` and takes `left` more.
    pub fn round(&mut self, name: &str, round: usize, rounds: usize, left: Duration) {
        if let Some(first) = self.left.first_mut() {
            *first = left;
        }
        if self.terminal {
            let line = format!("{name}: round {round} of {rounds}, {} left", about(self.left.iter().sum()));
            // The cursor stays on the line, which the next one overwrites.
            let _ = write!(stderr(), "\r\x1b[K[{}/{}] {line}", self.total - self.left.len() + 1, self.total);
        }
    }

    /// The measurement at hand is done.
    pub fn done(&mut self, line: &str) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
        if !self.left.is_empty() {
            self.left.remove(0);
        }
        let left = if self.left.is_empty() {
            String::new()
        } else {
            format!("; {} left", about(self.left.iter().sum()))
        };
        eprintln!("[{}/{}] {line}{left}", self.total - self.left.len(), self.total);
    }

    /// Something that the reader should know, on a line of its own.
    pub fn say(&self, line: &str) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
        eprintln!("{line}");
    }
}

fn about(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..90 => format!("about {} s", seconds.max(1)),
        seconds => format!("about {} min", (seconds + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_round() {
        assert_eq!(about(Duration::from_millis(200)), "about 1 s");
        assert_eq!(about(Duration::from_secs(89)), "about 89 s");
        assert_eq!(about(Duration::from_secs(200)), "about 3 min");
    }
}
