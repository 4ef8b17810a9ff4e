//! The loop of 10,000,000 steps, in each of one, two and four threads.
//!
//! An optimizing compiler deletes a loop that does nothing. `black_box` must be assumed to use what it is
//! given, so that every step happens.

mod report;

use std::{hint::black_box, thread};

use report::{quick, report, seconds};

fn count(steps: u32) {
    for i in 0..steps {
        black_box(i);
    }
}

fn main() {
    let steps = if quick() { 1_000_000 } else { 10_000_000 };
    count(steps);
    for threads in [1, 2, 4] {
        let took = seconds(|| {
            thread::scope(|s| {
                for _ in 0..threads {
                    s.spawn(|| count(steps));
                }
            });
        });
        report(&format!("threads-{threads}"), took, "s");
    }
}
