//! The pairs of programs in `benches/`, built and run.

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{catalog::Measurement, record::Sample};

/// A program that runs for longer hangs: the longest takes half a minute.
const LIMIT: Duration = Duration::from_secs(180);

/// A Python that can run the programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpreter {
    pub path: PathBuf,
    /// The first part of its keys: `python`, `python-ft`, `python-3-14`, …
    pub series: String,
    /// Such as `CPython 3.13.5, free-threaded`
    pub version: String,
}

/// Asks each of `paths` what it is. The first with the GIL is `python`, the first without `python-ft`,
/// any further one has its version in its name; one version of one kind is taken once.
///
/// # Errors
///
/// When one cannot be run, or is older than 3.10.
pub fn interpreters(paths: &[PathBuf]) -> Result<Vec<Interpreter>> {
    let mut found: Vec<Interpreter> = Vec::new();
    for path in paths {
        let about = About::of(path)?;
        let free = !about.gil;
        let version = format!(
            "{} {}{}",
            about.implementation,
            about.version,
            if free { ", free-threaded" } else { "" }
        );
        if found.iter().any(|known| known.version == version) {
            continue;
        }
        let short: Vec<_> = about.version.split('.').take(2).collect();
        let end = if free { "-ft" } else { "" };
        let series = [format!("python{end}"), format!("python-{}{end}", short.join("-"))]
            .into_iter()
            .find(|series| found.iter().all(|known| known.series != *series))
            .with_context(|| format!("{}: there is another {} already", path.display(), short.join(".")))?;
        found.push(Interpreter { path: path.clone(), series, version });
    }
    Ok(found)
}

#[derive(Deserialize)]
struct About {
    implementation: String,
    version: String,
    gil: bool,
}

impl About {
    fn of(path: &Path) -> Result<Self> {
        let ask = "import json, platform, sys; print(json.dumps({'implementation': platform.python_implementation(), \
                   'version': platform.python_version(), 'gil': getattr(sys, '_is_gil_enabled', lambda: True)()}))";
        let output = Command::new(path)
            .args(["-c", ask])
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot run {}", path.display()))?;
        let about: Self = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{} does not answer as a Python would", path.display()))?;
        let mut parts = about.version.split('.').map(|part| part.parse().unwrap_or(0));
        let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        ensure!(version >= (3, 10), "{} is Python {}; the programs need 3.10", path.display(), about.version);
        Ok(about)
    }
}

/// Builds the Rust programs and says where each is.
///
/// # Errors
///
/// When one does not compile, which cargo has then explained on standard error.
pub fn build(root: &Path, measurements: &[&Measurement]) -> Result<BTreeMap<&'static str, PathBuf>> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
        target: Option<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }

    let mut cargo = crate::cargo();
    cargo.args(["bench", "--no-run", "--package", "benches"]);
    cargo.args(["--message-format", "json-render-diagnostics", "--quiet"]);
    for measurement in measurements {
        cargo.args(["--bench", measurement.name]);
    }
    let output = cargo.current_dir(root).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    ensure!(output.status.success(), "the Rust programs in benches/ do not compile");
    let mut programs = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line)?;
        if let (Some(executable), Some(target)) = (message.executable, message.target)
            && target.kind.iter().any(|kind| kind == "bench")
            && let Some(measurement) = measurements.iter().find(|measurement| measurement.name == target.name)
        {
            programs.insert(measurement.name, executable);
        }
    }
    for measurement in measurements {
        ensure!(programs.contains_key(measurement.name), "cargo built no benches/{}.rs", measurement.name);
    }
    Ok(programs)
}

/// Runs a program once and reads what it measured.
///
/// # Errors
///
/// When it fails, hangs, or prints anything but values under keys that `measurement` has.
pub fn run(mut command: Command, measurement: &Measurement) -> Result<Vec<Sample>> {
    let (ok, output, errors) = finish(&mut command, LIMIT)?;
    if !ok {
        let last = errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        bail!("it failed: {last}");
    }
    let mut samples = Vec::new();
    for line in output.lines() {
        let sample: Sample = serde_json::from_str(line).with_context(|| format!("it printed “{line}”"))?;
        ensure!(measurement.label(&sample.key).is_some(), "the catalog has no row for `{}`", sample.key);
        samples.push(sample);
    }
    ensure!(!samples.is_empty(), "it measured nothing");
    Ok(samples)
}

/// Runs a command to its end, but kills it after `limit`.
fn finish(command: &mut Command, limit: Duration) -> Result<(bool, String, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    let mut stdout = child.stdout.take().context("no pipe")?;
    let mut stderr = child.stderr.take().context("no pipe")?;
    let child: Mutex<Child> = Mutex::new(child);
    let lock = || child.lock().unwrap_or_else(PoisonError::into_inner);
    let (done, ended) = mpsc::channel::<()>();
    thread::scope(|s| {
        let killer = s.spawn(move || {
            let late = ended.recv_timeout(limit).is_err();
            if late {
                // It may have ended just now; then there is nothing left to kill.
                let _ = lock().kill();
            }
            late
        });
        let errors = s.spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        let mut output = Vec::new();
        stdout.read_to_end(&mut output)?;
        let errors = errors.join().expect("reading does not panic")?;
        // The killer may have hung up already, when it was too late.
        let _ = done.send(());
        let late = killer.join().expect("killing does not panic");
        let status = lock().wait()?;
        ensure!(!late, "it was stopped after {} s", limit.as_secs());
        Ok((status.success(), String::from_utf8_lossy(&output).into_owned(), errors))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::catalog;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[cfg(unix)]
    #[test]
    fn what_a_program_prints_is_read_and_checked() {
        let gil = catalog::find("gil").unwrap();
        let line = r#"echo '{"key": "threads-2", "value": 0.5, "unit": "s"}'"#;
        assert_eq!(run(shell(line), gil).unwrap()[0].value, 0.5);
        let error = |script: &str| format!("{:#}", run(shell(script), gil).unwrap_err());
        assert!(error("echo hello").starts_with("it printed “hello”"));
        assert_eq!(error("true"), "it measured nothing");
        assert_eq!(error("echo first >&2; echo last >&2; exit 3"), "it failed: last");
        assert!(error(&line.replace("threads-2", "threads-9")).contains("no row for `threads-9`"));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_stopped() {
        let error = finish(Command::new("sleep").arg("60"), Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.to_string(), "it was stopped after 0 s");
    }

    #[test]
    fn what_is_no_python_is_told_so() {
        let error = interpreters(&[PathBuf::from("no-such-python")]).unwrap_err();
        assert_eq!(error.to_string(), "cannot run no-such-python");
    }
}
