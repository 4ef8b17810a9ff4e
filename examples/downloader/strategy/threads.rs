//! A thread per download. A semaphore keeps ten thousand URLs from becoming ten thousand threads.

use std::num::NonZeroUsize;
use std::thread;

use crate::semaphore::Semaphore;

// ANCHOR: run
pub fn run<J: Sync>(jobs: &[J], at_once: NonZeroUsize, download: impl Fn(&J) + Sync) {
    let free = Semaphore::new(at_once.get());
    thread::scope(|scope| {
        for job in jobs {
            // Before the thread is there, not in it: a thread that waits for its turn costs memory too.
            let permit = free.acquire();
            let started = thread::Builder::new().spawn_scoped(scope, || {
                let _permit = permit;
                download(job);
            });
            if started.is_err() {
                // The system has no thread left for us, but this one.
                download(job);
            }
        }
    });
}
// ANCHOR_END: run
