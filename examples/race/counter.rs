//! One number that every thread increments.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::thread;

use crate::runs::Outcome;

pub struct Version {
    pub name: &'static str,
    pub what: &'static str,
    pub repaired: bool,
    /// Python's integers have no counterpart to `fetch_add`.
    pub in_python: bool,
    pub run: fn(threads: usize, increments: u64) -> u64,
}

pub const VERSIONS: [Version; 4] = [
    Version {
        name: "load-store",
        what: "read, then write",
        repaired: false,
        in_python: true,
        run: load_store,
    },
    Version { name: "mutex", what: "under a lock", repaired: true, in_python: true, run: mutex },
    Version { name: "fetch-add", what: "fetch_add", repaired: true, in_python: false, run: fetch_add },
    Version { name: "sums", what: "a sum per thread", repaired: true, in_python: true, run: sums },
];

/// How the number ended.
pub struct Count {
    pub expected: u64,
    pub got: u64,
}

impl Outcome for Count {
    fn wrong(&self) -> u64 {
        self.expected.abs_diff(self.got)
    }

    fn columns(&self) -> Vec<(&'static str, u64)> {
        vec![("expected", self.expected), ("got", self.got), ("lost", self.wrong())]
    }
}

// ANCHOR: load_store
/// Loses at least `threads - 1` updates: on the first round every thread has read 0 before one writes.
fn load_store(threads: usize, increments: u64) -> u64 {
    let counter = AtomicU64::new(0);
    let all_have_read = Barrier::new(threads);
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                for round in 0..increments {
                    let read = counter.load(Relaxed);
                    if round == 0 {
                        all_have_read.wait();
                    }
                    counter.store(read + 1, Relaxed);
                }
            });
        }
    });
    counter.into_inner()
}
// ANCHOR_END: load_store

// ANCHOR: mutex
fn mutex(threads: usize, increments: u64) -> u64 {
    let counter = Mutex::new(0);
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                for _ in 0..increments {
                    *counter.lock().unwrap() += 1;
                }
            });
        }
    });
    counter.into_inner().unwrap()
}
// ANCHOR_END: mutex

// ANCHOR: fetch_add
fn fetch_add(threads: usize, increments: u64) -> u64 {
    let counter = AtomicU64::new(0);
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                for _ in 0..increments {
                    counter.fetch_add(1, Relaxed);
                }
            });
        }
    });
    counter.into_inner()
}
// ANCHOR_END: fetch_add

// ANCHOR: sums
/// Nothing is shared until a thread has finished.
fn sums(threads: usize, increments: u64) -> u64 {
    thread::scope(|s| {
        let count = || {
            let mut mine = 0;
            for _ in 0..increments {
                // Without black_box the compiler replaces the loop by one addition.
                mine = std::hint::black_box(mine + 1);
            }
            mine
        };
        let counting: Vec<_> = (0..threads).map(|_| s.spawn(count)).collect();
        counting.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}
// ANCHOR_END: sums
