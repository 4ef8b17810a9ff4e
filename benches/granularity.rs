//! How much faster a job gets in parallel, by the work in each of its pieces: as a parallel iterator, which
//! cuts the job as it sees fit, and as one task for each piece.

mod report;

use std::hint::black_box;

use rayon::prelude::*;
use report::{quick, report, seconds};

/// So many steps, none of which the compiler may leave out.
fn work(steps: u64) {
    for i in 0..steps {
        black_box(i);
    }
}

fn main() {
    let total: u64 = if quick() { 3_000_000 } else { 50_000_000 };
    // The pool starts its threads when it is first used.
    rayon::join(|| work(1_000), || work(1_000));
    for steps in [1, 10, 100, 1_000, 10_000, 100_000] {
        // As many steps in all, unless that would be tens of millions of tasks.
        let pieces = (total / steps).min(if quick() { 20_000 } else { 500_000 });
        let alone = seconds(|| (0..pieces).for_each(|_| work(steps)));
        let iterator = seconds(|| (0..pieces).into_par_iter().for_each(|_| work(steps)));
        let tasks = seconds(|| {
            rayon::scope(|s| {
                for _ in 0..pieces {
                    s.spawn(move |_| work(steps));
                }
            });
        });
        report(&format!("piece-{steps}"), alone / pieces as f64, "s");
        report(&format!("iterator-{steps}"), alone / iterator, "×");
        report(&format!("tasks-{steps}"), alone / tasks, "×");
    }
}
