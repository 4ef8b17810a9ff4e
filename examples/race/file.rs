//! One file that every thread appends lines to: the log of a downloader's workers.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Barrier, Mutex, mpsc};
use std::thread;

pub struct Version {
    pub name: &'static str,
    pub what: &'static str,
    pub repaired: bool,
    pub run: fn(path: &Path, threads: usize, lines: usize) -> io::Result<()>,
}

pub const VERSIONS: [Version; 5] = [
    Version { name: "pieces", what: "append in pieces", repaired: false, run: pieces },
    Version { name: "offsets", what: "write at own offset", repaired: false, run: offsets },
    Version { name: "lock", what: "lock around a line", repaired: true, run: lock },
    Version { name: "append", what: "append in one write", repaired: true, run: append },
    Version { name: "channel", what: "one writer thread", repaired: true, run: channel },
];

// ANCHOR: entry
/// A line of the log, in the pieces in which a program that formats as it goes would write it.
pub fn entry(worker: usize, image: usize) -> [String; 3] {
    let bytes = image * 7919 % 100_000;
    [format!("worker {worker} saved "), format!("{image:06}.jpg "), format!("({bytes} bytes)\n")]
}
// ANCHOR_END: entry

/// The numbers of the images that a worker saves. No other worker saves them.
pub fn images(worker: usize, lines: usize) -> std::ops::Range<usize> {
    worker * lines..(worker + 1) * lines
}

// ANCHOR: pieces
/// Corrupt: between two pieces of one line, other threads append theirs.
fn pieces(path: &Path, threads: usize, lines: usize) -> io::Result<()> {
    let logs = (0..threads)
        .map(|_| OpenOptions::new().append(true).open(path))
        .collect::<io::Result<Vec<File>>>()?;
    let all_have_begun = Barrier::new(threads);
    in_threads(threads, |worker| {
        let mut log = &logs[worker];
        for (round, image) in images(worker, lines).enumerate() {
            let [head, rest @ ..] = entry(worker, image);
            let begun = log.write_all(head.as_bytes());
            if round == 0 {
                all_have_begun.wait(); // before the `?`, or the others would wait for ever
            }
            begun?;
            for piece in rest {
                log.write_all(piece.as_bytes())?;
            }
        }
        Ok(())
    })
}
// ANCHOR_END: pieces

// ANCHOR: offsets
/// Corrupt: every handle starts at the file's beginning, so the threads overwrite each other.
fn offsets(path: &Path, threads: usize, lines: usize) -> io::Result<()> {
    in_threads(threads, |worker| {
        let mut log = OpenOptions::new().write(true).open(path)?;
        for image in images(worker, lines) {
            log.write_all(entry(worker, image).concat().as_bytes())?;
        }
        Ok(())
    })
}
// ANCHOR_END: offsets

// ANCHOR: lock
fn lock(path: &Path, threads: usize, lines: usize) -> io::Result<()> {
    let log = Mutex::new(OpenOptions::new().append(true).open(path)?);
    in_threads(threads, |worker| {
        for image in images(worker, lines) {
            let mut log = log.lock().unwrap();
            for piece in entry(worker, image) {
                log.write_all(piece.as_bytes())?;
            }
        }
        Ok(())
    })
}
// ANCHOR_END: lock

// ANCHOR: append
fn append(path: &Path, threads: usize, lines: usize) -> io::Result<()> {
    in_threads(threads, |worker| {
        let mut log = OpenOptions::new().append(true).open(path)?;
        for image in images(worker, lines) {
            let line = entry(worker, image).concat();
            // Not write_all, which would write the rest of a half-written line in a second call.
            if log.write(line.as_bytes())? < line.len() {
                return Err(io::Error::new(io::ErrorKind::WriteZero, "only a part of a line was written"));
            }
        }
        Ok(())
    })
}
// ANCHOR_END: append

// ANCHOR: channel
fn channel(path: &Path, threads: usize, lines: usize) -> io::Result<()> {
    let mut log = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    let (sender, receiver) = mpsc::channel::<[String; 3]>();
    thread::scope(|s| {
        for worker in 0..threads {
            let sender = sender.clone();
            s.spawn(move || {
                for image in images(worker, lines) {
                    if sender.send(entry(worker, image)).is_err() {
                        return; // the writer gave up, and says why
                    }
                }
            });
        }
        drop(sender); // the writer's loop ends when the last worker's sender is gone
        let writer = s.spawn(move || {
            for pieces in receiver {
                for piece in pieces {
                    log.write_all(piece.as_bytes())?;
                }
            }
            log.flush()
        });
        writer.join().expect("the writer panicked")
    })
}
// ANCHOR_END: channel

/// Runs `work` in as many threads, waits for all of them, and returns the first error.
fn in_threads(threads: usize, work: impl Fn(usize) -> io::Result<()> + Sync) -> io::Result<()> {
    let work = &work;
    thread::scope(|s| {
        let workers: Vec<_> = (0..threads).map(|worker| s.spawn(move || work(worker))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker panicked"))
    })
}
