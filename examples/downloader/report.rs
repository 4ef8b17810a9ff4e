//! What became of every URL: one JSON object each, a summary, and the exit status.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use crate::fault::Fault;
use crate::folder::Finished;

pub struct Outcome {
    pub url: String,
    pub line: Option<usize>,
    pub result: Result<Finished, Fault>,
    pub tries: u32,
    pub took: Duration,
}

/// Adds up outcomes. Keeps only the failures: five thousand successes are a number.
pub struct Report {
    json: bool,
    pub saved: usize,
    pub kept: usize,
    pub bytes: u64,
    pub failed: Vec<Outcome>,
}

impl Report {
    pub fn new(json: bool) -> Report {
        Report { json, saved: 0, kept: 0, bytes: 0, failed: Vec::new() }
    }

    pub fn add(&mut self, outcome: Outcome) {
        if self.json {
            // Whoever reads along may go away. The downloads are worth finishing all the same.
            let _ = writeln!(io::stdout(), "{}", to_json(&outcome));
        }
        match &outcome.result {
            Ok(Finished::Saved { bytes, .. }) => {
                self.saved += 1;
                self.bytes += bytes;
            }
            Ok(Finished::Kept { .. }) => self.kept += 1,
            Err(_) => self.failed.push(outcome),
        }
    }

    /// One line for each failure: what and why.
    pub fn failures(&self) -> String {
        let mut text = String::new();
        for outcome in &self.failed {
            if let Err(fault) = &outcome.result {
                let line = outcome.line.map_or(String::new(), |line| format!("line {line}: "));
                let tries =
                    if outcome.tries > 1 { format!(" ({} tries)", outcome.tries) } else { String::new() };
                text += &format!("failed: {line}{}: {fault}{tries}\n", printable(&outcome.url));
            }
        }
        text
    }

    /// The failures, and one line for everything.
    pub fn summary(&self, duplicates: usize, took: Duration) -> String {
        let mut text = self.failures();
        text += &format!("{} saved ({})", self.saved, size(self.bytes));
        for (count, what) in [(self.kept, "kept"), (duplicates, "given twice"), (self.failed.len(), "failed")]
        {
            if count > 0 {
                text += &format!(", {count} {what}");
            }
        }
        text + &format!(", {:.2} s\n", took.as_secs_f64())
    }
}

fn to_json(outcome: &Outcome) -> serde_json::Value {
    let mut object = json!({
        "url": outcome.url,
        "tries": outcome.tries,
        "seconds": outcome.took.as_secs_f64(),
    });
    if let Some(line) = outcome.line {
        object["line"] = line.into();
    }
    match &outcome.result {
        Ok(Finished::Saved { path, bytes }) => {
            object["status"] = "saved".into();
            object["path"] = path.to_string_lossy().into();
            object["bytes"] = (*bytes).into();
        }
        Ok(Finished::Kept { path }) => {
            object["status"] = "kept".into();
            object["path"] = path.to_string_lossy().into();
        }
        Err(fault) => {
            object["status"] = "failed".into();
            object["error"] = fault.kind().into();
            object["message"] = fault.to_string().into();
        }
    }
    object
}

/// A rejected line of the input may contain anything, and a terminal obeys some of it.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

pub fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => format!("{:.2} GiB", bytes as f64 / 1_073_741_824.0),
    }
}
