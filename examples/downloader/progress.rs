//! What a human sees while it runs: bars in a terminal, lines elsewhere, nothing with `--quiet`.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::folder::Finished;
use crate::report::{self, Outcome};

pub enum Progress {
    Nothing,
    Lines,
    Bars {
        /// Redraws all bars together; every bar has to belong to it.
        all: MultiProgress,
        /// The last line: how many of the files are done.
        total: ProgressBar,
    },
}

impl Progress {
    pub fn new(quiet: bool, files: usize) -> Progress {
        if quiet {
            return Progress::Nothing;
        }
        if !io::stderr().is_terminal() {
            return Progress::Lines;
        }
        let all = MultiProgress::new();
        let total = all.add(ProgressBar::new(files as u64));
        total.set_style(style("{wide_bar} {pos}/{len} files, {elapsed}"));
        Progress::Bars { all, total }
    }

    /// A bar for one file, gone when it is dropped.
    pub fn begin(&self, name: &str) -> Bar {
        let Progress::Bars { all, .. } = self else { return Bar(None) };
        let bar = all.insert_from_back(1, ProgressBar::no_length());
        bar.set_style(style("{prefix:24!} {wide_bar} {bytes:>10} {bytes_per_sec:>12}"));
        bar.set_prefix(name.to_string());
        Bar(Some(bar))
    }

    pub fn ended(&self, outcome: &Outcome) {
        match self {
            Progress::Nothing => {}
            Progress::Bars { total, .. } => total.inc(1),
            Progress::Lines => {
                let line = match &outcome.result {
                    Ok(Finished::Saved { path, bytes }) => {
                        let (size, seconds) = (report::size(*bytes), outcome.took.as_secs_f64());
                        format!("saved {} ({size}, {seconds:.2} s)\n", path.display())
                    }
                    Ok(Finished::Kept { path }) => format!("kept {}\n", path.display()),
                    // They come together at the end.
                    Err(_) => return,
                };
                // In one piece, so that no other thread's line gets into it. A closed standard error is no
                // reason to lose a file.
                let _ = io::stderr().write_all(line.as_bytes());
            }
        }
    }

    pub fn clear(&self) {
        if let Progress::Bars { all, total } = self {
            total.finish_and_clear();
            // It fails only if the terminal does, and then there is nothing to clear.
            let _ = all.clear();
        }
    }
}

pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// The file starts from its first byte, for the first time or once more.
    pub fn restart(&self, length: Option<u64>) {
        if let Some(bar) = &self.0 {
            bar.reset();
            match length {
                Some(length) => bar.set_length(length),
                None => bar.unset_length(),
            }
        }
    }

    pub fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The templates are ours and constant; a test of the program in a terminal would show a mistake at once.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
