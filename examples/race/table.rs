//! Prints rows, aligned for people or tab-separated for programs.

use std::time::Duration;

use crate::runs::{Outcome, Runs};

pub struct Table {
    pub title: String,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub language: String,
    pub version: &'static str,
    pub what: &'static str,
    pub repaired: bool,
    pub wrong: usize,
    pub runs: usize,
    pub columns: Vec<(&'static str, u64)>,
    pub time: Duration,
}

impl Row {
    pub fn new<T: Outcome>(
        language: &str,
        version: &'static str,
        what: &'static str,
        repaired: bool,
        runs: Runs<T>,
    ) -> Row {
        Row {
            language: language.to_string(),
            version,
            what,
            repaired,
            wrong: runs.wrong,
            runs: runs.runs,
            columns: runs.worst.columns(),
            time: runs.median,
        }
    }
}

impl Table {
    /// The last column is the time relative to the first version, the broken one, in the same language.
    pub fn print(&self) {
        let Some(first) = self.rows.first() else { return };
        let mut heading = vec!["".to_string(), "".to_string()];
        heading.extend(first.columns.iter().map(|(name, _)| name.to_string()));
        heading.extend(["wrong runs", "time", "cost"].map(String::from));

        let mut lines = vec![heading];
        let mut broken = first;
        for row in &self.rows {
            if row.language != broken.language {
                broken = row;
            }
            let mut line = vec![row.language.clone(), row.what.to_string()];
            line.extend(row.columns.iter().map(|(_, count)| with_commas(*count)));
            line.push(format!("{} of {}", row.wrong, row.runs));
            line.push(format!("{:.2} ms", row.time.as_secs_f64() * 1e3));
            line.push(format!("{:.2}×", row.time.as_secs_f64() / broken.time.as_secs_f64()));
            lines.push(line);
        }

        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        println!("\n{}\n", self.title);
        for line in &lines {
            let cells = line.iter().zip(&widths).enumerate();
            let cells = cells.map(|(column, (cell, &width))| match column {
                0 | 1 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            println!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
    }

    pub fn print_tsv(&self) {
        let Some(first) = self.rows.first() else { return };
        print!("language\tversion\trepaired\truns\twrong");
        first.columns.iter().for_each(|(name, _)| print!("\t{name}"));
        println!("\tseconds");
        for row in &self.rows {
            print!("{}\t{}\t{}\t{}\t{}", row.language, row.version, row.repaired, row.runs, row.wrong);
            row.columns.iter().for_each(|(_, count)| print!("\t{count}"));
            println!("\t{}", row.time.as_secs_f64());
        }
    }
}

fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
