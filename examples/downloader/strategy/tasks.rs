//! A tokio task per download: the shape of `threads`, with tasks, each of which costs what it has to
//! remember instead of a stack, on as many threads as there are cores.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

// ANCHOR: run
pub async fn run<J, F>(jobs: Vec<J>, at_once: NonZeroUsize, download: impl Fn(J) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let free = Arc::new(Semaphore::new(at_once.get().min(Semaphore::MAX_PERMITS)));
    let mut tasks = JoinSet::new();
    for job in jobs {
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { unreachable!("no one closes it") };
        let download = download(job);
        tasks.spawn(async move {
            download.await;
            drop(permit);
        });
        // Those that are done need not be kept until the end.
        while tasks.try_join_next().is_some() {}
    }
    tasks.join_all().await;
}
// ANCHOR_END: run
