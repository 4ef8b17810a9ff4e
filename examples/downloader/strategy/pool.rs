//! A rayon pool. Rayon is made for work, one thread per core; waiting needs a pool of its own with as many
//! threads as downloads at once, so that the rest of the program keeps its cores.

use std::num::NonZeroUsize;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::sequential;

// ANCHOR: run
pub fn run<J: Sync>(jobs: &[J], at_once: NonZeroUsize, download: impl Fn(&J) + Sync) {
    match ThreadPoolBuilder::new().num_threads(at_once.get().min(jobs.len())).build() {
        // One download is work enough to be stolen: without the limit, a thread may keep a row of them to
        // itself while others have nothing to do.
        Ok(pool) => pool.install(|| jobs.par_iter().with_max_len(1).for_each(&download)),
        Err(_) => sequential::run(jobs, &download),
    }
}
// ANCHOR_END: run
