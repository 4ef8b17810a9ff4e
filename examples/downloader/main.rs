//! A downloader of many files: five ways to be concurrent around one idea of a safe download.
//!
//! Read the files in this order:
//!
//! | file | role |
//! |---|---|
//! | `options.rs` | the command line |
//! | `input.rs` | URLs from arguments and lists become jobs, each once |
//! | `strategy/` | `sequential`, `threads`, `queue`, `pool`, `tasks`: who downloads what, and when |
//! | `semaphore.rs` | bounds `strategy/threads.rs` |
//! | `run.rs` | brings a strategy, a client and the jobs together |
//! | `engine.rs` | what all downloads of a run share |
//! | `download.rs` | the state of one download: tries, redirects, limits, resuming |
//! | `rules.rs` | what a status and headers mean |
//! | `fault.rs` | what can go wrong, and what of it can get better |
//! | `blocking.rs`, `plumbing.rs` | the bytes, with `ureq` |
//! | `nonblocking.rs` | the bytes, with `hyper` |
//! | `folder.rs` | names, unfinished files, and the moment when a file is finished |
//! | `name.rs` | a file name that is safe, from text that is not |
//! | `stop.rs` | Ctrl-C |
//! | `progress.rs`, `report.rs` | what is shown while it runs, and at the end |
//! | `compare.rs` | all strategies in turn, in a table |
//! | `origin.rs`, `image.rs` | a server of pictures on this machine, for when there is no network |

mod blocking;
mod compare;
mod download;
mod engine;
mod fault;
mod folder;
mod image;
mod input;
mod name;
mod nonblocking;
mod options;
mod origin;
mod plumbing;
mod progress;
mod report;
mod rules;
mod run;
mod semaphore;
mod stop;
mod strategy;

use std::fmt::Display;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use tokio::{runtime, signal, time};

use crate::engine::Engine;
use crate::folder::Folder;
use crate::input::Input;
use crate::options::Options;
use crate::progress::Progress;
use crate::report::{Outcome, Report};
use crate::stop::Stop;

const NOT_ALL_SAVED: u8 = 1;
const BAD_USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// How many downloads at once, if no one says.
const JOBS: NonZeroUsize = NonZeroUsize::new(16).unwrap();
/// How long after Ctrl-C a thread may still be inside a system call that nothing interrupts.
const GRACE: Duration = Duration::from_millis(1500);

fn main() -> ExitCode {
    let options = Arc::new(Options::parse());
    if options.origin {
        return code(origin::main(&options), NOT_ALL_SAVED);
    }
    if options.urls.is_empty() && options.input.is_none() {
        return compare::demonstrate(options);
    }
    let folder = match Folder::open(&options.output, options.if_exists) {
        Ok(folder) => Arc::new(folder),
        Err(why) => {
            return fail(NOT_ALL_SAVED, format!("cannot save to {}: {why}", options.output.display()));
        }
    };
    let input = match read_input(&options, &folder) {
        Ok(input) => input,
        Err(why) => return fail(BAD_USAGE, format!("cannot read the list of URLs: {why}")),
    };
    let at_once = affordable(options.jobs.unwrap_or(JOBS));
    if options.compare {
        compare::compare(options, input, at_once)
    } else {
        download_all(options, folder, input, at_once)
    }
}

fn read_input(options: &Options, folder: &Folder) -> io::Result<Input> {
    let mut input = Input::default();
    for url in &options.urls {
        input.add(url, None, folder);
    }
    if let Some(list) = &options.input {
        input.add_list(list, folder)?;
    }
    Ok(input)
}

fn affordable(wanted: NonZeroUsize) -> NonZeroUsize {
    let jobs = run::affordable(wanted);
    if jobs < wanted {
        complain(format!("{jobs} at once instead of {wanted}: this process may not open more files"));
    }
    jobs
}

fn download_all(options: Arc<Options>, folder: Arc<Folder>, input: Input, at_once: NonZeroUsize) -> ExitCode {
    let stop = Arc::new(Stop::default());
    if let Err(why) = on_interrupt(&stop, vec![Arc::clone(&folder)]) {
        return fail(NOT_ALL_SAVED, format!("cannot listen for Ctrl-C: {why}"));
    }
    let started = Instant::now();
    let progress = Progress::new(options.quiet, input.jobs.len());
    let engine = Arc::new(Engine::new(
        Arc::clone(&options),
        folder,
        Arc::clone(&stop),
        progress,
        Report::new(options.json),
    ));
    for reject in input.rejects {
        engine.record(Outcome {
            url: reject.text,
            line: reject.line,
            result: Err(reject.fault),
            tries: 0,
            took: Duration::ZERO,
        });
    }
    if let Err(why) = run::run(options.strategy, input.jobs, at_once, &engine) {
        return fail(NOT_ALL_SAVED, format!("cannot start: {why}"));
    }
    engine.progress.clear();
    let report = engine.report();
    let summary =
        if options.quiet { report.failures() } else { report.summary(input.duplicates, started.elapsed()) };
    // A closed standard error changes nothing about what was saved.
    let _ = io::stderr().write_all(summary.as_bytes());
    if stop.is_set() {
        ExitCode::from(INTERRUPTED)
    } else if report.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_ALL_SAVED)
    }
}

/// Ctrl-C once: everything is told to stop, and has a moment to do so. Twice, or when the moment is over:
/// the program ends here and now. Either way no unfinished file stays behind.
fn on_interrupt(stop: &Arc<Stop>, folders: Vec<Arc<Folder>>) -> io::Result<()> {
    let stop = Arc::clone(stop);
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    // A thread that nobody joins: when `main` returns, it is gone.
    thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            if signal::ctrl_c().await.is_err() {
                return complain("Ctrl-C will end the program without tidying up");
            }
            stop.set();
            tokio::select! {
                _ = signal::ctrl_c() => {}
                () = time::sleep(GRACE) => {}
            }
            folders.iter().for_each(|folder| folder.sweep());
            process::exit(INTERRUPTED.into());
        });
    })?;
    Ok(())
}

fn complain(what: impl Display) {
    let _ = writeln!(io::stderr(), "downloader: {what}");
}

fn fail(code: u8, why: impl Display) -> ExitCode {
    complain(why);
    ExitCode::from(code)
}

fn code(result: io::Result<()>, otherwise: u8) -> ExitCode {
    result.map_or_else(|why| fail(otherwise, why), |()| ExitCode::SUCCESS)
}
