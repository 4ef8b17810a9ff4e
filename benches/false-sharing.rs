//! Counters that share a cache line, and counters that do not. No thread ever touches another's counter,
//! but in `shared-2`.

mod report;

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
};

use report::{quick, report, seconds};

/// Two lines of 64 bytes: Intel's processors fetch them in pairs, and Apple's lines are this long.
#[repr(align(128))]
#[derive(Default)]
struct Padded(AtomicU64);

/// Seconds for each increment of each thread.
fn count(counters: &[&AtomicU64]) -> f64 {
    let times = if quick() { 500_000 } else { 10_000_000 };
    let took = seconds(|| {
        thread::scope(|s| {
            for counter in counters {
                s.spawn(move || {
                    for _ in 0..times {
                        counter.fetch_add(1, Relaxed);
                    }
                });
            }
        });
    });
    took / f64::from(times)
}

fn main() {
    // Both in one line: an array that begins where a line begins.
    #[repr(align(128))]
    struct Line([AtomicU64; 2]);
    let adjacent = Line([AtomicU64::new(0), AtomicU64::new(0)]);
    let padded = [Padded::default(), Padded::default()];

    count(&[&padded[0].0]);
    report("alone", count(&[&padded[0].0]), "s");
    report("adjacent-2", count(&[&adjacent.0[0], &adjacent.0[1]]), "s");
    report("padded-2", count(&[&padded[0].0, &padded[1].0]), "s");
    report("shared-2", count(&[&padded[0].0, &padded[0].0]), "s");
}
