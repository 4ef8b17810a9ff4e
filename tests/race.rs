//! `examples/race`: the broken versions are broken every time, the repaired ones never.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use xtask::example;

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example::built("race"))
}

fn race(args: &[&str]) -> Output {
    Command::new(program()).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The long runs are not repeated while neither the program nor this file has changed, except in CI.
fn unless_unchanged(what: &str, run: impl FnOnce()) {
    example::unless_unchanged(what, program(), include_str!("race.rs"), run);
}

/// To the terminal itself: libtest shows what a passing test prints only when asked.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI needs this: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {why} ***\n");
}

struct Row {
    language: String,
    version: String,
    repaired: bool,
    runs: u64,
    wrong: u64,
    /// By the heading of its column.
    count: HashMap<String, u64>,
}

/// What `--tsv` printed: a heading, then rows, for each of the tasks.
fn rows(output: &Output) -> Vec<Row> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut headings = Vec::new();
    let mut rows = Vec::new();
    for line in stdout(output).lines() {
        let cells: Vec<String> = line.split('\t').map(String::from).collect();
        if cells[0] == "language" {
            headings = cells;
            continue;
        }
        let seconds: f64 = cells.last().unwrap().parse().unwrap();
        assert!(seconds > 0.0);
        let counts = headings.iter().zip(&cells).skip(5).take(cells.len() - 6);
        rows.push(Row {
            language: cells[0].clone(),
            version: cells[1].clone(),
            repaired: cells[2].parse().unwrap(),
            runs: cells[3].parse().unwrap(),
            wrong: cells[4].parse().unwrap(),
            count: counts.map(|(heading, cell)| (heading.clone(), cell.parse().unwrap())).collect(),
        });
    }
    rows
}

/// The versions of both tasks, broken ones wrong in every run, repaired ones in none.
fn assert_as_promised(rows: &[Row], runs: u64) {
    let versions: Vec<&str> = rows.iter().map(|row| row.version.as_str()).collect();
    let counters = ["load-store", "mutex", "fetch-add", "sums"];
    let files = ["pieces", "offsets", "lock", "append", "channel"];
    assert_eq!(versions, [&counters[..], &files[..]].concat());
    for row in rows {
        let wrong = if ["load-store", "pieces", "offsets"].contains(&&*row.version) { runs } else { 0 };
        assert_eq!((row.runs, row.wrong), (runs, wrong), "{}", row.version);
        assert_eq!(row.repaired, wrong == 0, "{}", row.version);
    }
}

const CORRUPT: [&str; 4] = ["--repeat=200", "--increments=100", "--lines=5", "--tsv"];

#[test]
fn corrupts_200_times_of_200() {
    unless_unchanged("corrupts 200 times of 200", || {
        assert_as_promised(&rows(&race(&CORRUPT)), 200);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn corrupts_200_times_of_200_on_one_core() {
    let Some(core) = a_core_of_ours() else {
        return skip("the race on one core, because there is no taskset");
    };
    unless_unchanged("corrupts 200 times of 200 on one core", || {
        let pinned = Command::new("taskset").args(["-c", &core]).arg(program()).args(CORRUPT).output();
        assert_as_promised(&rows(&pinned.unwrap()), 200);
    });
}

#[cfg(target_os = "linux")]
/// The first core that this process may run on, if there is a `taskset` to pin a program to it.
fn a_core_of_ours() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let core = allowed.trim().split([',', '-']).next()?.to_string();
    Command::new("taskset").arg("--version").output().ok()?;
    Some(core)
}

#[test]
fn repairs_hold_1000_times_under_load() {
    unless_unchanged("repairs hold 1000 times under load", || {
        let stop = AtomicBool::new(false);
        let cores = thread::available_parallelism().map_or(2, |n| n.get());
        let output = thread::scope(|s| {
            for _ in 0..cores {
                s.spawn(|| {
                    while !stop.load(Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let args = ["--threads=3", "--repeat=1000", "--increments=100", "--lines=3", "--tsv"];
            let run = Command::new(program()).args(args).output();
            stop.store(true, Relaxed);
            run.unwrap()
        });
        assert_as_promised(&rows(&output), 1000);
    });
}

#[test]
fn loses_at_least_one_update_for_every_thread_but_one() {
    for threads in [2, 3, 8] {
        let output = race(&["counter", &format!("--threads={threads}"), "--increments=1", "--tsv"]);
        let rows = rows(&output);
        assert_eq!(rows[0].count["expected"], threads);
        assert_eq!(rows[0].count["got"], 1, "every thread read 0 and wrote 1");
        assert_eq!(rows[0].count["lost"], threads - 1);
    }
}

#[test]
fn one_thread_races_with_nobody() {
    let output = race(&["--threads=1", "--increments=1000", "--lines=10", "--tsv"]);
    assert!(rows(&output).iter().all(|row| row.wrong == 0));
}

/// The program counts the lines of the file that it left; so does this, in another way.
#[test]
fn counts_what_stands_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let keep = OsString::from(folder.path());
    let output = Command::new(program())
        .args(["file", "--threads=3", "--lines=50", "--tsv", "--keep"])
        .arg(keep)
        .output()
        .unwrap();
    for row in rows(&output) {
        let log = std::fs::read_to_string(folder.path().join(format!("rust-{}.log", row.version))).unwrap();
        let whole = (0..150).filter(|image| {
            let bytes = image * 7919 % 100_000;
            let line = format!("worker {} saved {image:06}.jpg ({bytes} bytes)", image / 50);
            log.lines().any(|l| l == line)
        });
        let whole = whole.count() as u64;
        let of = |column: &str| row.count[column];
        assert_eq!(of("whole"), whole, "{}", row.version);
        assert_eq!((of("expected"), of("missing")), (150, 150 - whole), "{}", row.version);
        let lines = log.lines().count() as u64;
        assert_eq!(of("whole") + of("torn") + of("interleaved"), lines, "{}", row.version);
        // A line with two beginnings is no part of one line.
        let two = log.lines().filter(|line| line.matches("worker").count() > 1).count() as u64;
        assert!(of("interleaved") >= two && (row.version != "pieces" || two > 0), "{}", row.version);
    }
}

#[test]
fn adds_rows_from_python() {
    let Ok(version) = Command::new("python3").arg("--version").output() else {
        return skip("the race's rows from Python, because there is no python3");
    };
    unless_unchanged(&format!("rows from {}", stdout(&version).trim()), || {
        let output = race(&["--python", "--repeat=3", "--increments=500", "--lines=20", "--tsv"]);
        let rows = rows(&output);
        let python: Vec<&Row> = rows.iter().filter(|row| row.language.starts_with("Python 3.")).collect();
        let versions: Vec<&str> = python.iter().map(|row| row.version.as_str()).collect();
        let all = ["load-store", "mutex", "sums", "pieces", "offsets", "lock", "append", "channel"];
        assert_eq!(versions, all);
        for row in python {
            let wrong = if row.repaired { 0 } else { 3 };
            assert_eq!((row.runs, row.wrong), (3, wrong), "{}", row.version);
        }
    });
}

#[test]
fn prints_a_table_for_people() {
    let printed = stdout(&race(&["counter", "--threads=2", "--increments=1"]));
    assert!(printed.contains("counter: 2 threads, 1 increments each"), "{printed}");
    let broken = printed.lines().find(|line| line.contains("read, then write")).unwrap();
    let cells: Vec<&str> = broken.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells[..6], ["Rust", "read, then write", "2", "1", "1", "1 of 1"]);
    assert_eq!(*cells.last().unwrap(), "1.00×");
    assert!(!printed.contains("append"), "{printed}");
}

#[test]
fn says_what_is_wrong_with_a_command_line() {
    for (args, says) in [
        (&["--threads=0"][..], "--threads wants a whole number from 1 to 256, not 0"),
        (&["--increments", "many"], "--increments wants a whole number from 1 to 1000000000, not many"),
        (&["--lines"], "missing argument for option '--lines'"),
        (&["sockets"], "unexpected argument \"sockets\""),
        (&["file", "counter"], "unexpected argument \"counter\""),
        (&["--treads=2"], "invalid option '--treads'"),
    ] {
        let output = race(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let stderr = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(stderr, format!("race: {says}; see race --help\n"));
        assert_eq!(stdout(&output), "");
    }
    let missing = race(&["--python=/no/such/python"]);
    assert_eq!(missing.status.code(), Some(1));
    let stderr = String::from_utf8(missing.stderr).unwrap();
    assert!(
        stderr.starts_with("race: cannot run /no/such/python: ") && stderr.lines().count() == 1,
        "{stderr}"
    );
}

#[test]
fn helps() {
    let output = race(&["--help"]);
    assert!(output.status.success());
    let help = stdout(&output);
    for option in ["--threads", "--increments", "--lines", "--repeat", "--python", "--keep", "--tsv"] {
        assert!(help.contains(option), "{option}");
    }
    assert!(help.lines().all(|line| line.len() <= 80), "{help}");
}
