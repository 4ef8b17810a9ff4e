//! Runs `race.py`, which this program carries with it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

const SCRIPT: &str = include_str!("race.py");

pub struct Interpreter {
    path: std::path::PathBuf,
    /// Such as “Python 3.13” or, for a free-threaded build, “Python 3.13t”.
    pub name: String,
}

impl Interpreter {
    pub fn find(path: &Path) -> Result<Interpreter> {
        let mut interpreter = Interpreter { path: path.to_path_buf(), name: String::new() };
        interpreter.name = interpreter.call([OsStr::new("name")])?.trim().to_string();
        Ok(interpreter)
    }

    /// Seconds as the script measured them, without its start, and what it counted.
    pub fn count(&self, version: &str, threads: usize, increments: u64) -> Result<(Duration, u64)> {
        let (threads, increments) = (threads.to_string(), increments.to_string());
        let printed = self.call(["counter", version, &threads, &increments].map(OsStr::new))?;
        let (seconds, got) = printed.trim().split_once(' ').context("race.py did not print two numbers")?;
        Ok((Duration::from_secs_f64(seconds.parse()?), got.parse()?))
    }

    pub fn append(&self, version: &str, path: &Path, threads: usize, lines: usize) -> Result<Duration> {
        let (threads, lines) = (threads.to_string(), lines.to_string());
        let printed = self.call([
            OsStr::new("file"),
            OsStr::new(version),
            OsStr::new(&threads),
            OsStr::new(&lines),
            path.as_os_str(),
        ])?;
        Ok(Duration::from_secs_f64(printed.trim().parse()?))
    }

    fn call<'a>(&self, args: impl IntoIterator<Item = &'a OsStr>) -> Result<String> {
        let run = Command::new(&self.path).arg("-c").arg(SCRIPT).args(args).output();
        let output = run.with_context(|| format!("cannot run {}", self.path.display()))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let last = stderr.lines().last().unwrap_or("no message").to_string();
            bail!("{} failed on race.py: {last}", self.path.display());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}
