//! A queue and workers: as many threads as downloads at once, each of which takes the next job when it is
//! done with the last. The queue is short, so that whoever fills it never gets far ahead.

use std::num::NonZeroUsize;
use std::thread;

use crossbeam_channel::bounded;

// ANCHOR: run
pub fn run<J: Sync>(jobs: &[J], at_once: NonZeroUsize, download: impl Fn(&J) + Sync) {
    let workers = at_once.get().min(jobs.len());
    let (queue, waiting) = bounded::<&J>(workers);
    thread::scope(|scope| {
        let download = &download;
        let mut started = 0;
        for _ in 0..workers {
            let waiting = waiting.clone();
            let worker = move || waiting.iter().for_each(download);
            started += usize::from(thread::Builder::new().spawn_scoped(scope, worker).is_ok());
        }
        // Only the workers keep a receiving end, so that no one waits for them if they have all panicked.
        drop(waiting);
        for job in jobs {
            if started == 0 {
                // The system has no thread left for us, but this one.
                download(job);
            } else if queue.send(job).is_err() {
                break;
            }
        }
        // The workers' loops end when the queue is empty and no one can fill it.
        drop(queue);
    });
}
// ANCHOR_END: run
