//! Brings a strategy, a client and the jobs together.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::runtime;

use crate::engine::Engine;
use crate::input::Job;
use crate::options::Strategy;
use crate::strategy::{pool, queue, sequential, tasks, threads};
use crate::{blocking, nonblocking};

// ANCHOR: run
pub fn run(
    strategy: Strategy,
    jobs: Vec<Job>,
    at_once: NonZeroUsize,
    engine: &Arc<Engine>,
) -> io::Result<()> {
    if strategy == Strategy::Async {
        return run_async(jobs, at_once, engine);
    }
    let agent = blocking::agent(&engine.options, at_once);
    let closer = agent.clone();
    engine.stop.closes(move || closer.clone().shutdown());

    let download = |job: &Job| blocking::download(engine, &agent, job);
    match strategy {
        Strategy::Sequential => sequential::run(&jobs, download),
        Strategy::Threads => threads::run(&jobs, at_once, download),
        Strategy::Queue => queue::run(&jobs, at_once, download),
        Strategy::Pool | Strategy::Async => pool::run(&jobs, at_once, download),
    }
    Ok(())
}

fn run_async(jobs: Vec<Job>, at_once: NonZeroUsize, engine: &Arc<Engine>) -> io::Result<()> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let client = nonblocking::client(&engine.options, at_once);
    let engine = Arc::clone(engine);
    let download = move |job| {
        let (engine, client) = (Arc::clone(&engine), client.clone());
        async move { nonblocking::download(&engine, &client, &job).await }
    };
    // Spawned, because this thread is not one of the runtime's: waiting here for a permit would cost a
    // thread switch for every file.
    let all = runtime.spawn(tasks::run(jobs, at_once, download));
    let ended = runtime.block_on(all);
    // Not dropped: that would wait for a thread that looks up a name, and after Ctrl-C no one wants to.
    runtime.shutdown_background();
    ended.map_err(io::Error::other)
}
// ANCHOR_END: run

/// How many downloads the system lets us do at once. Each has a connection and a file open; a few more are
/// the program's own.
pub fn affordable(wanted: NonZeroUsize) -> NonZeroUsize {
    const OURS: u64 = 24;
    let Ok(open_files) = rlimit::increase_nofile_limit(wanted.get() as u64 * 2 + OURS) else { return wanted };
    let most = usize::try_from(open_files.saturating_sub(OURS) / 2).unwrap_or(usize::MAX);
    wanted.min(NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN))
}
