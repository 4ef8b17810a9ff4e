//! What all downloads of a run share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::folder::Folder;
use crate::options::Options;
use crate::progress::Progress;
use crate::report::{Outcome, Report};
use crate::stop::Stop;

pub struct Engine {
    pub options: Arc<Options>,
    pub folder: Arc<Folder>,
    pub stop: Arc<Stop>,
    pub progress: Progress,
    pub meter: Meter,
    /// Where outcomes go, from every thread, as they come.
    report: Mutex<Report>,
}

impl Engine {
    pub fn new(
        options: Arc<Options>,
        folder: Arc<Folder>,
        stop: Arc<Stop>,
        progress: Progress,
        report: Report,
    ) -> Engine {
        let report = Mutex::new(report);
        Engine { options, folder, stop, progress, meter: Meter::default(), report }
    }

    pub fn record(&self, outcome: Outcome) {
        self.progress.ended(&outcome);
        self.report().add(outcome);
    }

    /// A look at what has been recorded.
    pub fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts what the comparison shows.
#[derive(Default)]
pub struct Meter {
    in_flight: AtomicUsize,
    pub peak: AtomicUsize,
    threads: Mutex<HashSet<ThreadId>>,
}

impl Meter {
    /// Counts one request until the guard is dropped, however that comes about.
    pub fn request(&self) -> InFlight<'_> {
        let now = self.in_flight.fetch_add(1, Relaxed) + 1;
        self.peak.fetch_max(now, Relaxed);
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).insert(thread::current().id());
        InFlight(self)
    }

    /// How many threads sent requests.
    pub fn threads(&self) -> usize {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

pub struct InFlight<'a>(&'a Meter);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
