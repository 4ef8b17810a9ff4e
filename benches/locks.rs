//! One increment or one read under each kind of lock, alone and contended.
//!
//! Each number is the time that passes for each operation, over all threads: with two threads that never
//! wait for each other it is half of what it is with one.

mod report;

use std::{
    hint::black_box,
    sync::{
        Mutex, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use report::{quick, report, seconds};

/// Seconds for each of the operations that `threads` do at once, `times` in all; `work` is told how many
/// it has to do.
fn each(threads: u64, times: u64, work: impl Fn(u64) + Sync) -> f64 {
    let took = seconds(|| {
        thread::scope(|s| {
            for _ in 0..threads {
                s.spawn(|| work(times / threads));
            }
        });
    });
    took / times as f64
}

fn increments() {
    let times = if quick() { 200_000 } else { 4_000_000 };
    for threads in [1, 2, 4] {
        let count = Mutex::new(0);
        let took = each(threads, times, |n| (0..n).for_each(|_| *count.lock().unwrap() += 1));
        assert_eq!(count.into_inner().unwrap(), times);
        report(&format!("mutex-{threads}"), took, "s");

        let count = parking_lot::Mutex::new(0);
        let took = each(threads, times, |n| (0..n).for_each(|_| *count.lock() += 1));
        assert_eq!(count.into_inner(), times);
        report(&format!("parking-{threads}"), took, "s");

        let count = AtomicU64::new(0);
        let took = each(threads, times, |n| {
            for _ in 0..n {
                count.fetch_add(1, Relaxed);
            }
        });
        assert_eq!(count.into_inner(), times);
        report(&format!("atomic-{threads}"), took, "s");
    }

    let sum = AtomicU64::new(0);
    let took = each(2, times, |n| {
        let mut mine = 0;
        for _ in 0..n {
            // Without this the compiler would add all of them at once.
            mine = black_box(mine + 1);
        }
        sum.fetch_add(mine, Relaxed);
    });
    assert_eq!(sum.into_inner(), times);
    report("sums-2", took, "s");
}

/// What a reader does with the lock in its hand: it looks at so many numbers.
fn look(numbers: &[u64]) {
    black_box(numbers.iter().fold(0, |sum, number| black_box(sum + number)));
}

/// The same reads and writes through a `Mutex` and through an `RwLock`.
fn reads(name: &str, numbers: usize, times: u64) {
    let table = Mutex::new(vec![1; numbers]);
    let took = each(2, times, |n| (0..n).for_each(|_| look(&table.lock().unwrap())));
    report(&format!("{name}-mutex"), took, "s");

    for percent in [50, 90, 100] {
        let table = RwLock::new(vec![1; numbers]);
        let took = each(2, times, |n| {
            for i in 0..n {
                // 37 and 100 have no common factor: reads and writes alternate evenly.
                if i * 37 % 100 < percent {
                    look(&table.read().unwrap());
                } else {
                    table.write().unwrap()[0] += 1;
                }
            }
        });
        report(&format!("{name}-rwlock-{percent}"), took, "s");
    }
}

fn main() {
    increments();
    let times = if quick() { 20_000 } else { 1_000_000 };
    reads("short", 4, times);
    reads("long", 4_000, times / 20);
}
