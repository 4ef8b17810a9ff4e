//! Four threads on one counter, and four threads on one file: without a lock, and with each repair.
//!
//! Without a lock, safe Rust cannot write a data race; `load`, then `store`, is the race that it can write.

mod report;

use std::{
    env, fs,
    fs::{File, OpenOptions},
    hint::black_box,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc,
    },
    thread,
};

use report::{quick, report, seconds};

const THREADS: u64 = 4;

/// How long the threads take that begin together, so that none is done before the last has begun.
fn together(work: impl Fn(u64) + Sync) -> f64 {
    let begin = Barrier::new(THREADS as usize + 1);
    thread::scope(|s| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (work, begin) = (&work, &begin);
                s.spawn(move || {
                    begin.wait();
                    work(thread);
                })
            })
            .collect();
        // The clock first: on a busy machine the threads may be done before this one goes on.
        seconds(|| {
            begin.wait();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        })
    })
}

fn counter() {
    let increments = if quick() { 500_000 } else { 5_000_000 };
    let total = THREADS * increments;
    let report_each = |key, took: f64| report(key, took / total as f64, "s");

    // Ten times as many: the threads must overlap, and what takes two milliseconds may be over before the
    // next thread has a core.
    let many = 10 * increments;
    let count = AtomicU64::new(0);
    let took = together(|_| {
        for _ in 0..many {
            let seen = count.load(Relaxed);
            count.store(seen + 1, Relaxed);
        }
    });
    let lost = THREADS * many - count.into_inner();
    report("counter-lost", 100.0 * lost as f64 / (THREADS * many) as f64, "%");
    report("counter-unlocked", took / (THREADS * many) as f64, "s");

    let count = Mutex::new(0);
    let took = together(|_| (0..increments).for_each(|_| *count.lock().unwrap() += 1));
    assert_eq!(count.into_inner().unwrap(), total);
    report_each("counter-mutex", took);

    let count = AtomicU64::new(0);
    let took = together(|_| {
        for _ in 0..increments {
            count.fetch_add(1, Relaxed);
        }
    });
    assert_eq!(count.into_inner(), total);
    report_each("counter-fetch-add", took);

    let sum = AtomicU64::new(0);
    let took = together(|_| {
        let mut mine = 0;
        for _ in 0..increments {
            // Without this the compiler would add all of them at once.
            mine = black_box(mine + 1);
        }
        sum.fetch_add(mine, Relaxed);
    });
    assert_eq!(sum.into_inner(), total);
    report_each("counter-sums", took);
}

/// What a thread writes: its letter, many times. A line of two letters is torn.
fn letter(thread: u64) -> char {
    ['a', 'b', 'c', 'd'][thread as usize]
}

const PIECES: usize = 8;

fn piece(thread: u64) -> String {
    letter(thread).to_string().repeat(8)
}

fn line(thread: u64) -> String {
    piece(thread).repeat(PIECES) + "\n"
}

fn write_in_pieces(mut file: &File, thread: u64) {
    let piece = piece(thread);
    for _ in 0..PIECES {
        file.write_all(piece.as_bytes()).unwrap();
    }
    file.write_all(b"\n").unwrap();
}

/// Of 100 lines that were written, how many are not there as they were written.
fn torn(path: &Path, lines: u64) -> f64 {
    let text = fs::read_to_string(path).unwrap();
    let whole: u64 = (0..THREADS)
        .map(|thread| text.split_inclusive('\n').filter(|found| *found == line(thread)).count() as u64)
        .sum();
    100.0 * (lines - whole) as f64 / lines as f64
}

fn file() {
    let lines = if quick() { 500 } else { 10_000 };
    let total = THREADS * lines;
    let path: PathBuf = env::temp_dir().join(format!("race-{}.log", process::id()));
    let fresh = || {
        fs::write(&path, "").unwrap();
        OpenOptions::new().append(true).open(&path).unwrap()
    };
    let report_each = |key, took: f64| report(key, took / total as f64, "s");

    let log = fresh();
    let took = together(|thread| (0..lines).for_each(|_| write_in_pieces(&log, thread)));
    report("file-torn", torn(&path, total), "%");
    report_each("file-unlocked", took);

    let log = Mutex::new(fresh());
    let took = together(|thread| (0..lines).for_each(|_| write_in_pieces(&log.lock().unwrap(), thread)));
    assert_eq!(torn(&path, total), 0.0);
    report_each("file-lock", took);

    let log = fresh();
    let took = together(|thread| {
        let line = line(thread);
        (0..lines).for_each(|_| (&log).write_all(line.as_bytes()).unwrap());
    });
    assert_eq!(torn(&path, total), 0.0);
    report_each("file-append", took);

    let log = fresh();
    let took = seconds(|| {
        let (to_writer, written) = mpsc::channel::<String>();
        thread::scope(|s| {
            s.spawn(move || {
                let mut log = BufWriter::new(log);
                written.into_iter().for_each(|line| log.write_all(line.as_bytes()).unwrap());
                log.flush().unwrap();
            });
            for thread in 0..THREADS {
                let to_writer = to_writer.clone();
                s.spawn(move || (0..lines).for_each(|_| to_writer.send(line(thread)).unwrap()));
            }
            drop(to_writer);
        });
    });
    assert_eq!(torn(&path, total), 0.0);
    report_each("file-channel", took);
    fs::remove_file(&path).unwrap();
}

fn main() {
    counter();
    file();
}
