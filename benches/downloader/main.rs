//! The downloader beside what people use instead, on this machine, in one run.
//!
//!     cargo bench --bench downloader              # everything; minutes
//!     cargo bench --bench downloader -- --rounds 1 --peers pool,async,curl small
//!
//! `--samples` prints every time as a line of JSON instead of the tables. The files go to the system's folder
//! for temporary files, which `TMPDIR` names; a file system in memory keeps the disk out of the comparison.
//!
//! Rounds are interleaved: every program runs once, then every program again, so that a busy moment of the
//! machine hits them all alike. The table shows medians, and how many times the floor's they are. The floor is
//! a client without HTTP library, progress, retries or temporary files: bare sockets that write to files.
//! Peers that are not installed are left out. For Python, `--python PATH` names an interpreter that has
//! `requests` and `aiohttp`.

mod floor;
mod peers;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use peers::Peer;

/// What is downloaded.
pub struct Race {
    name: &'static str,
    about: &'static str,
    files: usize,
    bytes: u64,
    latency: Duration,
    jobs: usize,
}

const RACES: [Race; 4] = [
    Race {
        name: "images",
        about: "20 files of 200 KiB, after 200 ms each, 20 at once",
        files: 20,
        bytes: 200 << 10,
        latency: Duration::from_millis(200),
        jobs: 20,
    },
    Race {
        name: "small",
        about: "5,000 files of 8 KiB, 16 at once",
        files: 5_000,
        bytes: 8 << 10,
        latency: Duration::ZERO,
        jobs: 16,
    },
    Race {
        name: "large",
        about: "one file of 1 GiB",
        files: 1,
        bytes: 1 << 30,
        latency: Duration::ZERO,
        jobs: 1,
    },
    Race {
        name: "queue",
        about: "200 files of 32 KiB, after 100 ms each, 16 at once",
        files: 200,
        bytes: 32 << 10,
        latency: Duration::from_millis(100),
        jobs: 16,
    },
];

fn main() {
    let mut arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == "floor") {
        return floor::main(&arguments[1..]);
    }
    let rounds = option(&mut arguments, "--rounds").map_or(5, |rounds| rounds.parse().expect("a number"));
    let samples = flag(&mut arguments, "--samples");
    let python = option(&mut arguments, "--python").unwrap_or_else(|| "python3".to_string());

    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--example", "downloader"])
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the downloader does not compile");
    let bench = env::current_exe().expect("a path");
    let downloader = bench.ancestors().nth(2).expect("a profile's folder").join("examples/downloader");

    let peers = peers::installed(&bench, &downloader, &python);
    let only = option(&mut arguments, "--peers");
    let peers: Vec<Peer> = peers
        .into_iter()
        .filter(|peer| {
            only.as_ref()
                .is_none_or(|only| peer.name == "floor" || only.split(',').any(|name| name == peer.name))
        })
        .collect();
    for peer in peers.iter().filter(|_| !samples) {
        println!("{:<16} {}", peer.name, peer.version);
    }
    for race in &RACES {
        if arguments.is_empty() || arguments.iter().any(|name| name == race.name) {
            run(race, &peers, rounds, samples, &downloader);
        }
    }
}

fn flag(arguments: &mut Vec<String>, name: &str) -> bool {
    let at = arguments.iter().position(|argument| argument == name);
    at.map(|at| arguments.remove(at)).is_some()
}

fn option(arguments: &mut Vec<String>, name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.remove(at);
    Some(arguments.remove(at))
}

fn run(race: &Race, peers: &[Peer], rounds: usize, samples: bool, downloader: &Path) {
    let scratch = tempfile::tempdir().expect("a folder for the files");
    let origin = Origin::start(downloader, race.latency);
    let urls: Vec<String> = (0..race.files)
        .map(|number| format!("{}/bytes/{}/{number:04}.bin", origin.address, race.bytes))
        .collect();
    let list = scratch.path().join("urls.txt");
    fs::write(&list, urls.join("\n") + "\n").expect("a list of URLs");

    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); peers.len()];
    for round in 0..rounds {
        for (peer, times) in peers.iter().zip(&mut times) {
            let output = scratch.path().join(format!("{}-{round}", peer.name));
            fs::create_dir(&output).expect("a folder for the files");
            let mut command = (peer.command)(&peer.program, &list, &output, race.jobs);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let started = Instant::now();
            let status = command.status().expect("it starts");
            let took = started.elapsed();
            if status.success() && complete(&output, race) {
                times.push(took);
                if samples {
                    let (key, value) = (format!("{}-{}", race.name, peer.name), took.as_secs_f64());
                    println!("{}", serde_json::json!({"key": key, "value": value, "unit": "s"}));
                }
            }
            // Many small files stay until the end: ext4 does not use a deleted file's inode again for some
            // seconds, and looks for another one at length, which the next in line would pay for.
            if race.bytes * race.files as u64 > 100 << 20 {
                fs::remove_dir_all(&output).expect("the folder can be removed");
            }
        }
    }
    if samples {
        return;
    }
    let medians: Vec<Option<f64>> = times.into_iter().map(median).collect();
    let floor = medians.first().copied().flatten().expect("the floor works");
    let limit = race.latency.as_secs_f64() * race.files.div_ceil(race.jobs) as f64;
    println!(
        "\n{}, {rounds} rounds{}",
        race.about,
        if limit > 0.0 { format!("; waiting alone: {limit:.3} s") } else { String::new() }
    );
    for (peer, median) in peers.iter().zip(medians) {
        match median {
            Some(seconds) => {
                let waiting = if limit > 0.0 {
                    format!("  {:>6.3} × waiting", seconds / limit)
                } else {
                    String::new()
                };
                println!("{:<16} {seconds:>8.3} s  {:>6.2} × floor{waiting}", peer.name, seconds / floor);
            }
            None => println!("{:<16}   failed", peer.name),
        }
    }
}

/// A peer that is quick because it failed has not won.
fn complete(output: &Path, race: &Race) -> bool {
    let files: Vec<u64> = fs::read_dir(output)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").metadata().expect("its size").len())
        .collect();
    files.len() == race.files && files.iter().all(|&bytes| bytes == race.bytes)
}

fn median(mut times: Vec<Duration>) -> Option<f64> {
    times.sort();
    times.get(times.len() / 2).map(Duration::as_secs_f64)
}

/// The downloader's own server, in a process of its own.
struct Origin {
    process: Child,
    address: String,
}

impl Origin {
    fn start(downloader: &Path, latency: Duration) -> Origin {
        let mut process = Command::new(downloader)
            .args([
                "--origin",
                "--images",
                "1",
                "--image-size",
                "1",
                "--latency",
                &latency.as_millis().to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut address = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut address).expect("an address");
        Origin { process, address: address.trim().to_string() }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a program says of itself; none, if it is not there.
pub fn first_line(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or("").trim().to_string())
}

pub type MakeCommand = fn(&PathBuf, &Path, &Path, usize) -> Command;
