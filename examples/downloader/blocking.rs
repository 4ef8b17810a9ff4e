//! Downloads one URL on the thread that calls: [`Download`]'s rules, `ureq`'s bytes.

use std::io::Read;
use std::num::NonZeroUsize;

use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Error, Timeout};

use crate::download::{Download, Step, Then};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::input::Job;
use crate::options::Options;
use crate::plumbing::{NoticeResets, ResolveOnce};
use hyper::http::Request;

/// How much is read at once, at most. Each running download has one such buffer, and nothing else that grows
/// with its file.
const CHUNK: usize = 64 * 1024;

// ANCHOR: agent
/// One for all threads: it keeps the connections that are free, and any thread may take one.
pub fn agent(options: &Options, at_once: NonZeroUsize) -> Agent {
    let wait = Some(options.timeout);
    let config = Agent::config_builder()
        // Statuses and redirects are for the rules to judge.
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        // There are no time limits unless they are set. None for the whole call: a body may take as long
        // as it needs, provided that it keeps coming.
        .timeout_resolve(wait)
        .timeout_connect(wait)
        .timeout_recv_response(wait)
        .timeout_per_read(wait)
        .timeout_per_write(wait)
        // By default three connections per host stay open; the fourth thread would connect for every file.
        .max_idle_connections(at_once.get())
        .max_idle_connections_per_host(at_once.get())
        .build();
    let connector = TcpConnector::default().chain(NoticeResets).chain(RustlsConnector::default());
    Agent::with_parts(config, connector, ResolveOnce::default())
}
// ANCHOR_END: agent

// ANCHOR: download
pub fn download(engine: &Engine, agent: &Agent, job: &Job) {
    let mut download = Download::new(engine, job);
    loop {
        match download.step() {
            Step::Send(request) => {
                let tried = attempt(engine, agent, request, &mut download);
                download.attempted(tried);
            }
            Step::Wait(pause) => engine.stop.sleep(pause),
            Step::Done(outcome) => return engine.record(outcome),
        }
    }
}

fn attempt(
    engine: &Engine,
    agent: &Agent,
    request: Request<()>,
    download: &mut Download,
) -> Result<(), Fault> {
    let _in_flight = engine.meter.request();
    let (head, body) = agent.run(request).map_err(explain)?.into_parts();
    if download.head(&head)? == Then::AskAgain {
        return Ok(());
    }
    let mut body = body.into_reader();
    let mut chunk = vec![0; download.at_most(CHUNK)];
    loop {
        match body.read(&mut chunk).map_err(|e| explain(e.into()))? {
            0 => return download.end(),
            read => download.chunk(&chunk[..read])?,
        }
    }
}
// ANCHOR_END: download

/// Translates `ureq`'s errors into ours.
fn explain(error: Error) -> Fault {
    use std::io::ErrorKind as Kind;
    match error {
        Error::Timeout(Timeout::Resolve) => Fault::Silent("an address"),
        Error::Timeout(Timeout::Connect) => Fault::Silent("a connection"),
        Error::Timeout(Timeout::RecvResponse) => Fault::Silent("a complete reply header"),
        Error::Timeout(_) => Fault::Silent("more of the file"),
        Error::HostNotFound => Fault::Connect("host not found".to_string()),
        Error::ConnectionFailed => Fault::Connect("failed".to_string()),
        Error::BadUri(why) => Fault::Url(why),
        Error::LargeResponseHeader(..) => Fault::Garbled("a header without end".to_string()),
        Error::Io(error) => match error.kind() {
            Kind::UnexpectedEof => Fault::Truncated,
            Kind::TimedOut => Fault::Silent("a connection"),
            Kind::ConnectionAborted | Kind::ConnectionReset | Kind::BrokenPipe | Kind::NotConnected => {
                Fault::Broken(error.to_string())
            }
            Kind::InvalidData => Fault::Garbled(error.to_string()),
            // Refused, unreachable, unknown, or no file descriptor left for it.
            _ => Fault::Connect(error.to_string()),
        },
        error @ (Error::Tls(_) | Error::Rustls(_)) => Fault::Connect(error.to_string()),
        error => Fault::Garbled(error.to_string()),
    }
}
