//! Downloads one URL in a task: the same rules, `hyper`'s bytes.
//!
//! `hyper` and not `reqwest`: redirects, time limits, unpacking and proxies, which `reqwest` adds to it, are
//! decided by [`Download`] for both clients, and without them the program is smaller and starts sooner.

use std::error::Error as _;
use std::future::Future;
use std::num::NonZeroUsize;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::http::Request;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time;

use crate::download::{Download, Step, Then};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::input::Job;
use crate::options::Options;

pub type Pool = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

pub fn client(options: &Options, at_once: NonZeroUsize) -> Pool {
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(Some(options.timeout));
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let tls =
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(15))
        .pool_max_idle_per_host(at_once.get())
        .build(tls)
}

pub async fn download(engine: &Engine, client: &Pool, job: &Job) {
    let mut download = Download::new(engine, job);
    loop {
        match download.step() {
            Step::Send(request) => {
                let tried = tokio::select! {
                    tried = attempt(engine, client, request, &mut download) => Some(tried),
                    // Here the other future is dropped, and with it the connection: no one has to be woken.
                    () = engine.stop.wished() => None,
                };
                download.attempted(tried.unwrap_or(Err(Fault::Stopped)));
            }
            Step::Wait(pause) => tokio::select! {
                () = time::sleep(pause) => {}
                () = engine.stop.wished() => {}
            },
            Step::Done(outcome) => return engine.record(outcome),
        }
    }
}

// ANCHOR: attempt
async fn attempt(
    engine: &Engine,
    client: &Pool,
    request: Request<()>,
    download: &mut Download<'_>,
) -> Result<(), Fault> {
    let _in_flight = engine.meter.request();
    let limit = engine.options.timeout;
    let request = request.map(|()| Empty::new());
    let reply = within(limit, "a complete reply header", client.request(request)).await?.map_err(explain)?;
    let (head, mut body) = reply.into_parts();
    if download.head(&head)? == Then::AskAgain {
        return Ok(());
    }
    while let Some(frame) = within(limit, "more of the file", body.frame()).await? {
        if let Ok(bytes) = frame.map_err(explain_hyper)?.into_data() {
            // Written here, by a thread of the runtime. It takes a few microseconds, because the kernel
            // only copies it; a hand-over to a thread that may block would take longer than that.
            download.chunk(&bytes)?;
        }
    }
    download.end()
}
// ANCHOR_END: attempt

async fn within<T>(limit: Duration, phase: &'static str, work: impl Future<Output = T>) -> Result<T, Fault> {
    time::timeout(limit, work).await.map_err(|_| Fault::Silent(phase))
}

/// Translates the pool's errors into ours.
fn explain(error: legacy::Error) -> Fault {
    let source = error.source();
    if let Some(error) = source.and_then(|source| source.downcast_ref::<hyper::Error>()) {
        return explain_ref(error);
    }
    // The innermost one says what happened; those around it say only that a connection could not be made.
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Fault::Connect(innermost.to_string())
}

fn explain_hyper(error: hyper::Error) -> Fault {
    explain_ref(&error)
}

fn explain_ref(error: &hyper::Error) -> Fault {
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    match io.map(std::io::Error::kind) {
        // A chunk or a length that is not one, or a body that ends before it should.
        Some(std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData) => {
            Fault::Garbled(error.to_string())
        }
        Some(std::io::ErrorKind::UnexpectedEof) => Fault::Truncated,
        _ if error.is_incomplete_message() => Fault::Truncated,
        _ if error.is_parse() => Fault::Garbled(error.to_string()),
        _ => Fault::Broken(io.map_or_else(|| error.to_string(), ToString::to_string)),
    }
}
