//! What it means to download one URL safely, without saying how bytes travel.
//!
//! A client, blocking or async, asks [`Download::step`] what to do, does it, and tells what happened:
//!
//! ```text
//!            ┌──────── step() ◄───────────────────────────┐
//!            ▼                                            │
//!   Send(request) ─► head() ─► chunk() … ─► end() ─► attempted()
//!   Wait(pause) ─────────────────────────────────────────►│
//!   Done(outcome)
//! ```
//!
//! Redirects, tries, pauses, resuming, limits and the file are all decided here.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use hyper::http::Request;
use hyper::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_DISPOSITION, IF_RANGE, RANGE, USER_AGENT};
use hyper::http::response::Parts;
use url::Url;

use crate::engine::Engine;
use crate::fault::Fault;
use crate::folder::{Finished, Part};
use crate::input::{self, Job};
use crate::name;
use crate::progress::Bar;
use crate::report::Outcome;
use crate::rules::{self, Have, Verdict, Version};

/// As many as curl's and the browsers' limits allow to be useful.
const MOST_REDIRECTS: u32 = 10;
/// A server that wants us to wait longer has to be asked another day.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

// ANCHOR: interface
/// What a client has to do next.
pub enum Step {
    /// Send this, then tell `head`, `chunk` and `end` what comes back.
    Send(Request<()>),
    Wait(Duration),
    Done(Outcome),
}
// ANCHOR_END: interface

/// Whether the body of a reply is of interest.
#[derive(PartialEq, Eq)]
pub enum Then {
    ReadBody,
    AskAgain,
}

pub struct Download<'a> {
    engine: &'a Engine,
    job: &'a Job,
    /// Where the next request goes: the job's URL, or where a redirect points.
    at: Url,
    redirects: u32,
    /// How many times the job's own URL was asked, for the report.
    tries: u32,
    /// The pauses that are left. When there is none, neither is there another try.
    pauses: ExponentialBackoff,
    /// What the next step is, if it is not to send a request.
    next: Option<Next>,
    /// What has come so far. Kept after a failure if the next try can go on from there.
    part: Option<Part>,
    /// How long the whole body is, if the server said so.
    length: Option<u64>,
    /// What the part belongs to. None: it has to be thrown away after a failure.
    version: Option<Version>,
    /// The server's own name for the file, if it gave one.
    better_name: Option<String>,
    pace: Pace,
    bar: Bar,
    started: Instant,
}

enum Next {
    Wait(Duration),
    End(Result<Finished, Fault>),
}

impl<'a> Download<'a> {
    pub fn new(engine: &'a Engine, job: &'a Job) -> Download<'a> {
        let options = &engine.options;
        let pauses = ExponentialBuilder::new()
            .with_min_delay(options.retry_delay)
            .with_max_delay(LONGEST_PAUSE)
            .with_factor(2.0)
            .with_max_times(options.retries as usize)
            .with_jitter()
            .build();
        let kept = engine.folder.keeps(&job.name).map(|path| Next::End(Ok(Finished::Kept { path })));
        Download {
            engine,
            job,
            at: job.url.clone(),
            redirects: 0,
            tries: 0,
            pauses,
            next: kept,
            part: None,
            length: None,
            version: None,
            better_name: None,
            pace: Pace::new(options.timeout, options.min_speed),
            bar: engine.progress.begin(&job.name),
            started: Instant::now(),
        }
    }

    pub fn step(&mut self) -> Step {
        if self.next.is_none() && self.engine.stop.is_set() {
            self.next = Some(Next::End(Err(Fault::Stopped)));
        }
        match self.next.take() {
            Some(Next::Wait(pause)) => Step::Wait(pause),
            Some(Next::End(result)) => Step::Done(Outcome {
                url: self.job.url.to_string(),
                line: self.job.line,
                result,
                tries: self.tries,
                took: self.started.elapsed(),
            }),
            None => match self.request() {
                Ok(request) => Step::Send(request),
                Err(fault) => {
                    self.next = Some(Next::End(Err(fault)));
                    self.step()
                }
            },
        }
    }

    fn request(&mut self) -> Result<Request<()>, Fault> {
        if self.redirects == 0 {
            self.tries += 1;
        }
        let mut request = Request::get(self.at.as_str())
            .header(USER_AGENT, concat!("downloader/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "*/*")
            // A packed body could not be resumed, and its length would say nothing about the file's.
            .header(ACCEPT_ENCODING, "identity");
        if let Some(have) = self.have() {
            request = request
                .header(RANGE, format!("bytes={}-", have.received))
                .header(IF_RANGE, have.version.tag.as_str());
        }
        request.body(()).map_err(|why| Fault::Url(why.to_string()))
    }

    fn have(&self) -> Option<Have<'_>> {
        let received = self.part.as_ref()?.received;
        let version = self.version.as_ref()?;
        (received > 0).then_some(Have { received, length: self.length, version })
    }

    /// The status and the headers of a reply.
    pub fn head(&mut self, head: &Parts) -> Result<Then, Fault> {
        match rules::judge(head, self.have())? {
            Verdict::Elsewhere(location) => {
                self.redirect(&location)?;
                Ok(Then::AskAgain)
            }
            Verdict::Rest => {
                self.pace.restart();
                Ok(Then::ReadBody)
            }
            Verdict::Whole(body) => {
                if body.length.is_some_and(|length| length > self.engine.options.max_size) {
                    return Err(Fault::Large);
                }
                let header = head.headers.get(CONTENT_DISPOSITION);
                let name = header.and_then(|value| name::from_disposition(value.as_bytes()));
                if let Some(name) = name
                    && self.better_name.is_none()
                    && name != self.job.name
                {
                    if let Some(path) = self.engine.folder.keeps(&name) {
                        self.next = Some(Next::End(Ok(Finished::Kept { path })));
                        return Ok(Then::AskAgain);
                    }
                    self.better_name = Some(self.engine.folder.claim(&name));
                }
                self.part = Some(self.engine.folder.start(body.packed, self.engine.options.max_size)?);
                self.length = body.length;
                self.version = body.version;
                self.bar.restart(if body.packed { None } else { body.length });
                self.pace.restart();
                Ok(Then::ReadBody)
            }
        }
    }

    fn redirect(&mut self, location: &str) -> Result<(), Fault> {
        let shown = || location.escape_debug().take(80).collect::<String>();
        self.redirects += 1;
        if self.redirects > MOST_REDIRECTS {
            return Err(Fault::Redirect(format!("more than {MOST_REDIRECTS} times")));
        }
        let to = self.at.join(location).map_err(|why| Fault::Redirect(format!("to {}: {why}", shown())))?;
        input::fetchable(&to).map_err(|why| Fault::Redirect(format!("to {}, which {why}", shown())))?;
        if self.at.scheme() == "https" && to.scheme() == "http" {
            return Err(Fault::Redirect(format!("from https to {}", shown())));
        }
        self.at = to;
        Ok(())
    }

    /// How large a buffer for the body is worth having. Zeroing 64 KiB takes longer than filling 8.
    pub fn at_most(&self, most: usize) -> usize {
        let length = self.length.and_then(|length| usize::try_from(length).ok());
        length.map_or(most, |length| length.clamp(1, most))
    }

    /// A piece of the body.
    pub fn chunk(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.check()?;
        self.pace.take(bytes.len())?;
        let Some(part) = &mut self.part else {
            return Err(Fault::Garbled("a body without a header".to_string()));
        };
        if self.length.is_some_and(|length| part.received + bytes.len() as u64 > length) {
            return Err(Fault::Garbled("more bytes than announced".to_string()));
        }
        part.push(bytes)?;
        self.bar.advance(bytes.len() as u64);
        Ok(())
    }

    /// The body is over, says the client.
    pub fn end(&mut self) -> Result<(), Fault> {
        // Ctrl-C shuts the sockets down, and that too looks like the end of a body.
        self.check()?;
        let Some(part) = self.part.take() else {
            return Err(Fault::Garbled("a body without a header".to_string()));
        };
        if self.length.is_some_and(|length| part.received < length) {
            self.part = Some(part);
            return Err(Fault::Truncated);
        }
        let name = self.better_name.as_ref().unwrap_or(&self.job.name);
        let finished = self.engine.folder.finish(part, name)?;
        self.next = Some(Next::End(Ok(finished)));
        Ok(())
    }

    fn check(&self) -> Result<(), Fault> {
        if self.engine.stop.is_set() {
            return Err(Fault::Stopped);
        }
        if self.started.elapsed() > self.engine.options.max_time {
            return Err(Fault::Late);
        }
        Ok(())
    }

    // ANCHOR: retry
    /// How the try went. After a failure: whether there is another one, when, and what it starts from.
    pub fn attempted(&mut self, tried: Result<(), Fault>) {
        let Err(mut fault) = tried else { return };
        if let Err(fatal) = self.check() {
            fault = fatal;
        }
        if matches!(fault, Fault::Changed | Fault::Garbled(_)) || self.version.is_none() {
            self.part = None;
        }
        self.next = Some(match self.pause(&mut fault) {
            Some(pause) => Next::Wait(pause),
            None => Next::End(Err(fault)),
        });
        // The next try asks the first server again: the one it sent us to may be what is broken.
        self.at = self.job.url.clone();
        self.redirects = 0;
    }

    fn pause(&mut self, fault: &mut Fault) -> Option<Duration> {
        if !fault.can_get_better() {
            return None;
        }
        let mut pause = self.pauses.next()?;
        if let Fault::Status { code, again: Some(again) } = *fault {
            if again > LONGEST_PAUSE {
                *fault = Fault::Busy { code, again };
                return None;
            }
            pause = pause.max(again);
        }
        let left = self.engine.options.max_time.checked_sub(self.started.elapsed())?;
        (pause < left).then_some(pause)
    }
    // ANCHOR_END: retry
}

/// The minimum-speed rule. A time limit between two reads does not catch a server that sends one byte a
/// second; this does.
struct Pace {
    window: Duration,
    fewest: u64,
    since: Instant,
    received: u64,
}

impl Pace {
    fn new(window: Duration, bytes_per_second: u64) -> Pace {
        let fewest = (bytes_per_second as f64 * window.as_secs_f64()) as u64;
        Pace { window, fewest, since: Instant::now(), received: 0 }
    }

    fn restart(&mut self) {
        self.since = Instant::now();
        self.received = 0;
    }

    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        self.received += bytes as u64;
        if self.since.elapsed() < self.window {
            return Ok(());
        }
        if self.received < self.fewest {
            return Err(Fault::Slow);
        }
        self.restart();
        Ok(())
    }
}
