//! What the book measures. A measurement is a pair of programs in `benches/`, `NAME.rs` and `NAME.py`,
//! which print values under the keys that are listed here; a table shows them in this order.

use anyhow::{Result, bail};

/// One measurement.
#[derive(Debug)]
pub struct Measurement {
    /// Names the programs, the file of results, and the measurement in a page
    pub name: &'static str,
    /// What is measured, in a line
    pub about: &'static str,
    /// What is smaller in a quick run, in words for the reader
    pub quick: &'static str,
    /// The programs do nothing but sleep, so that they may run at the same time
    pub asleep: bool,
    /// Keys without the language in front, and what a table calls them
    pub rows: &'static [(&'static str, &'static str)],
    /// The rows that a plot shows: all of one unit
    pub plot: &'static [&'static str],
}

impl Measurement {
    /// What a table calls a key.
    pub fn label(&self, key: &str) -> Option<&'static str> {
        self.rows.iter().find(|row| row.0 == key).map(|row| row.1)
    }
}

/// The measurement of this name.
///
/// # Errors
///
/// When there is none; the message lists the names.
pub fn find(name: &str) -> Result<&'static Measurement> {
    match CATALOG.iter().find(|measurement| measurement.name == name) {
        Some(measurement) => Ok(measurement),
        None => {
            let names: Vec<_> = CATALOG.iter().map(|measurement| measurement.name).collect();
            bail!("there is no measurement `{name}`; there are {}", names.join(", "))
        }
    }
}

/// Every measurement, in the order in which they run.
pub const CATALOG: &[Measurement] = &[
    Measurement {
        name: "spawn",
        about: "starting one of each kind of worker and waiting for its end",
        quick: "fewer repetitions",
        asleep: false,
        rows: &[
            ("thread", "a thread"),
            ("scoped-thread", "a scoped thread"),
            ("pool-task", "a task in a pool (rayon; ThreadPoolExecutor)"),
            ("async-task", "an async task (tokio; asyncio)"),
            ("process", "a process, started from nothing"),
            ("process-fork", "a process, forked"),
        ],
        plot: &["thread", "scoped-thread", "pool-task", "async-task"],
    },
    Measurement {
        name: "many-threads",
        about: "10 to 10,000 threads that wait: time to start them, memory of each",
        quick: "no 10,000 threads",
        asleep: false,
        rows: &[
            ("start-10", "until 10 threads run"),
            ("start-100", "until 100 threads run"),
            ("start-1000", "until 1,000 threads run"),
            ("start-10000", "until 10,000 threads run"),
            ("resident-10", "resident memory of each of 10"),
            ("resident-100", "resident memory of each of 100"),
            ("resident-1000", "resident memory of each of 1,000"),
            ("resident-10000", "resident memory of each of 10,000"),
            ("virtual-10", "address space of each of 10"),
            ("virtual-100", "address space of each of 100"),
            ("virtual-1000", "address space of each of 1,000"),
            ("virtual-10000", "address space of each of 10,000"),
        ],
        plot: &["start-10", "start-100", "start-1000", "start-10000"],
    },
    Measurement {
        name: "gil",
        about: "a loop of 10,000,000 steps in each of one, two and four threads",
        quick: "loops of 1,000,000 steps",
        asleep: false,
        rows: &[
            ("threads-1", "the loop in one thread"),
            ("threads-2", "in each of two threads"),
            ("threads-4", "in each of four threads"),
            ("processes-2", "in each of two processes"),
            ("hash-1", "hashing 64 MiB in one thread"),
            ("hash-2", "64 MiB in each of two threads"),
        ],
        plot: &["threads-1", "threads-2", "threads-4"],
    },
    Measurement {
        name: "io",
        about: "ten tasks that wait, one after another and in ten threads",
        quick: "a tenth of every wait",
        asleep: true,
        rows: &[
            ("sequential-1.5", "ten waits of 1.5 s, one after another"),
            ("threads-1.5", "ten waits of 1.5 s, in ten threads"),
            ("sequential-1", "ten waits of 1 s, one after another"),
            ("threads-1", "ten waits of 1 s, in ten threads"),
        ],
        plot: &["sequential-1.5", "threads-1.5", "sequential-1", "threads-1"],
    },
    Measurement {
        name: "race",
        about: "four threads on one counter and on one file, without a lock and with each repair",
        quick: "fewer increments and lines",
        asleep: false,
        rows: &[
            ("counter-lost", "increments lost without a lock"),
            ("counter-unlocked", "an increment, without a lock"),
            ("counter-mutex", "an increment, with a lock"),
            ("counter-fetch-add", "an increment, atomic"),
            ("counter-sums", "an increment, summed per thread"),
            ("file-torn", "lines torn without a lock"),
            ("file-unlocked", "a line in pieces, without a lock"),
            ("file-lock", "a line in pieces, with a lock"),
            ("file-append", "a line in one write, appended"),
            ("file-channel", "a line sent to one writer thread, buffered"),
        ],
        plot: &["counter-unlocked", "counter-mutex", "counter-fetch-add", "counter-sums"],
    },
    Measurement {
        name: "locks",
        about: "one increment or one read under each kind of lock, alone and contended",
        quick: "fewer repetitions",
        asleep: false,
        rows: &[
            ("mutex-1", "Mutex (Lock), one thread"),
            ("mutex-2", "Mutex (Lock), two threads"),
            ("mutex-4", "Mutex (Lock), four threads"),
            ("parking-1", "parking_lot's Mutex, one thread"),
            ("parking-2", "parking_lot's Mutex, two threads"),
            ("parking-4", "parking_lot's Mutex, four threads"),
            ("atomic-1", "fetch_add, one thread"),
            ("atomic-2", "fetch_add, two threads"),
            ("atomic-4", "fetch_add, four threads"),
            ("sums-2", "a sum per thread, two threads"),
            ("short-mutex", "a short read under a Mutex, two threads"),
            ("short-rwlock-50", "RwLock instead, half of them reads"),
            ("short-rwlock-90", "RwLock instead, 90% reads"),
            ("short-rwlock-100", "RwLock instead, only reads"),
            ("long-mutex", "a long read under a Mutex, two threads"),
            ("long-rwlock-50", "RwLock instead, half of them reads"),
            ("long-rwlock-90", "RwLock instead, 90% reads"),
            ("long-rwlock-100", "RwLock instead, only reads"),
        ],
        plot: &["mutex-1", "mutex-2", "mutex-4", "atomic-1", "atomic-2", "atomic-4", "sums-2"],
    },
    Measurement {
        name: "false-sharing",
        about: "counters that share a cache line, and counters that do not",
        quick: "fewer increments",
        asleep: false,
        rows: &[
            ("alone", "an increment, one thread alone"),
            ("adjacent-2", "two threads, counters side by side"),
            ("padded-2", "two threads, counters 128 bytes apart"),
            ("shared-2", "two threads, one counter"),
        ],
        plot: &["alone", "adjacent-2", "padded-2", "shared-2"],
    },
    Measurement {
        name: "channels",
        about: "messages per second through each kind of queue",
        quick: "fewer messages",
        asleep: false,
        rows: &[
            ("mpsc-1-1", "mpsc::channel (SimpleQueue), 1 to 1"),
            ("mpsc-4-1", "mpsc::channel (SimpleQueue), 4 to 1"),
            ("mpsc-4-4", "mpsc::channel in a Mutex (SimpleQueue), 4 to 4"),
            ("bounded-1-1", "sync_channel (Queue) of 1,000, 1 to 1"),
            ("bounded-4-1", "sync_channel (Queue) of 1,000, 4 to 1"),
            ("bounded-4-4", "sync_channel in a Mutex (Queue) of 1,000, 4 to 4"),
            ("crossbeam-1-1", "crossbeam's unbounded, 1 to 1"),
            ("crossbeam-4-1", "crossbeam's unbounded, 4 to 1"),
            ("crossbeam-4-4", "crossbeam's unbounded, 4 to 4"),
            ("crossbeam-bounded-1-1", "crossbeam's bounded of 1,000, 1 to 1"),
            ("crossbeam-bounded-4-1", "crossbeam's bounded of 1,000, 4 to 1"),
            ("crossbeam-bounded-4-4", "crossbeam's bounded of 1,000, 4 to 4"),
            ("async-1-1", "tokio's mpsc (asyncio.Queue) of 1,000, 1 to 1"),
            ("async-4-1", "tokio's mpsc (asyncio.Queue) of 1,000, 4 to 1"),
            ("processes-1-1", "multiprocessing.Queue of 1,000, 1 to 1"),
            ("processes-4-1", "multiprocessing.Queue of 1,000, 4 to 1"),
            ("processes-4-4", "multiprocessing.Queue of 1,000, 4 to 4"),
        ],
        plot: &[
            "mpsc-1-1",
            "bounded-1-1",
            "crossbeam-1-1",
            "crossbeam-bounded-1-1",
            "async-1-1",
            "processes-1-1",
        ],
    },
    Measurement {
        name: "pools",
        about: "squares and a search for primes, in a loop and in each kind of pool",
        quick: "fewer and smaller pieces",
        asleep: false,
        rows: &[
            ("squares-loop", "a square, in a loop"),
            ("squares-pool", "a square, in a pool by hand (ThreadPoolExecutor)"),
            ("squares-rayon", "a square, with rayon"),
            ("squares-processes", "a square, with ProcessPoolExecutor"),
            ("primes-loop", "the primes below 5,000, in a loop"),
            ("primes-pool", "the primes, in a pool by hand (ThreadPoolExecutor)"),
            ("primes-rayon", "the primes, with rayon"),
            ("primes-processes", "the primes, with ProcessPoolExecutor"),
        ],
        plot: &["primes-loop", "primes-pool", "primes-rayon", "primes-processes"],
    },
    Measurement {
        name: "granularity",
        about: "speed-up by the work in each piece: a parallel iterator, and a task for each piece",
        quick: "fewer pieces",
        asleep: false,
        rows: &[
            ("piece-1", "1 step: one piece in a loop"),
            ("iterator-1", "1 step: speed-up, iterator"),
            ("tasks-1", "1 step: speed-up, a task each"),
            ("piece-10", "10 steps: one piece in a loop"),
            ("iterator-10", "10 steps: speed-up, iterator"),
            ("tasks-10", "10 steps: speed-up, a task each"),
            ("piece-100", "100 steps: one piece in a loop"),
            ("iterator-100", "100 steps: speed-up, iterator"),
            ("tasks-100", "100 steps: speed-up, a task each"),
            ("piece-1000", "1,000 steps: one piece in a loop"),
            ("iterator-1000", "1,000 steps: speed-up, iterator"),
            ("tasks-1000", "1,000 steps: speed-up, a task each"),
            ("piece-10000", "10,000 steps: one piece in a loop"),
            ("iterator-10000", "10,000 steps: speed-up, iterator"),
            ("tasks-10000", "10,000 steps: speed-up, a task each"),
            ("piece-100000", "100,000 steps: one piece in a loop"),
            ("iterator-100000", "100,000 steps: speed-up, iterator"),
            ("tasks-100000", "100,000 steps: speed-up, a task each"),
        ],
        plot: &["tasks-1", "tasks-10", "tasks-100", "tasks-1000", "tasks-10000", "tasks-100000"],
    },
    Measurement {
        name: "crossover",
        about: "10 to 10,000 waits of one second at once, in threads and in async tasks",
        quick: "shorter waits, and only 10 and 1,000 of them",
        asleep: false,
        rows: &[
            ("threads-time-10", "10 threads: time beyond the wait"),
            ("async-time-10", "10 tasks: time beyond the wait"),
            ("threads-time-100", "100 threads"),
            ("async-time-100", "100 tasks"),
            ("threads-time-1000", "1,000 threads"),
            ("async-time-1000", "1,000 tasks"),
            ("threads-time-10000", "10,000 threads"),
            ("async-time-10000", "10,000 tasks"),
            ("threads-memory-10", "10 threads: memory of all"),
            ("async-memory-10", "10 tasks: memory of all"),
            ("threads-memory-100", "100 threads"),
            ("async-memory-100", "100 tasks"),
            ("threads-memory-1000", "1,000 threads"),
            ("async-memory-1000", "1,000 tasks"),
            ("threads-memory-10000", "10,000 threads"),
            ("async-memory-10000", "10,000 tasks"),
        ],
        plot: &["threads-time-1000", "async-time-1000", "threads-time-10000", "async-time-10000"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_keys_occur_once_and_a_plot_shows_rows() {
        let names: BTreeSet<_> = CATALOG.iter().map(|measurement| measurement.name).collect();
        assert_eq!(names.len(), CATALOG.len());
        for measurement in CATALOG {
            let keys: BTreeSet<_> = measurement.rows.iter().map(|row| row.0).collect();
            assert_eq!(keys.len(), measurement.rows.len(), "{}", measurement.name);
            for key in measurement.plot {
                assert!(keys.contains(key), "{}: {key}", measurement.name);
            }
        }
    }

    #[test]
    fn an_unknown_name_is_told_what_there_is() {
        let message = find("gill").unwrap_err().to_string();
        assert!(message.contains("`gill`") && message.contains("spawn, many-threads, gil, io"), "{message}");
    }
}
