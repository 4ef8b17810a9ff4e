//! Everything that can go wrong with a download, and which of it can get better.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why a URL was not saved. Both clients' errors are translated into this, so that retrying and reporting
/// do not depend on which of them was used.
#[derive(Debug)]
pub enum Fault {
    /// The text is not a URL that we download.
    Url(String),
    /// No connection: refused, no route, unknown host, no free file descriptor.
    Connect(String),
    /// Nothing came for too long, while waiting for what is named.
    Silent(&'static str),
    /// Something came, but less than `--min-speed`.
    Slow,
    /// The connection ended before the body did.
    Truncated,
    /// The connection broke.
    Broken(String),
    /// What came is not HTTP, or contradicts itself.
    Garbled(String),
    /// The part that we have and the rest that we were offered belong to different versions of the file.
    Changed,
    /// The server answered, with an error; it may have said when to come back.
    Status { code: u16, again: Option<Duration> },
    /// The server wants us to wait longer than we are willing to.
    Busy { code: u16, again: Duration },
    /// A redirect that leads nowhere.
    Redirect(String),
    /// Larger than `--max-size`.
    Large,
    /// Packed in a way that we did not ask for and cannot unpack.
    Packed(String),
    /// The file could not be written: full disk, missing permission.
    Disk(io::Error),
    /// `--max-time` is over.
    Late,
    /// Ctrl-C.
    Stopped,
}

impl Fault {
    /// Whether the same request can end differently in a moment. A missing file stays missing and a full
    /// disk stays full, but a server can recover, a connection can be made again, and a reply that was
    /// garbled by what an earlier one left in the connection will be fine in a new one.
    pub fn can_get_better(&self) -> bool {
        match self {
            Fault::Connect(_)
            | Fault::Silent(_)
            | Fault::Slow
            | Fault::Truncated
            | Fault::Broken(_)
            | Fault::Garbled(_)
            | Fault::Changed => true,
            Fault::Status { code, .. } => matches!(code, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// One word for `--json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Url(_) => "url",
            Fault::Connect(_) => "connect",
            Fault::Silent(_) => "timeout",
            Fault::Slow => "slow",
            Fault::Truncated => "truncated",
            Fault::Broken(_) => "broken",
            Fault::Garbled(_) => "garbled",
            Fault::Changed => "changed",
            Fault::Status { .. } => "status",
            Fault::Busy { .. } => "busy",
            Fault::Redirect(_) => "redirect",
            Fault::Large => "large",
            Fault::Packed(_) => "packed",
            Fault::Disk(_) => "disk",
            Fault::Late => "late",
            Fault::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Url(why) => write!(f, "not a URL to download: {why}"),
            Fault::Connect(why) => write!(f, "no connection: {why}"),
            Fault::Silent(phase) => write!(f, "timed out waiting for {phase}"),
            Fault::Slow => write!(f, "slower than --min-speed"),
            Fault::Truncated => write!(f, "the connection ended before the file did"),
            Fault::Broken(why) => write!(f, "the connection broke: {why}"),
            Fault::Garbled(why) => write!(f, "the reply makes no sense: {why}"),
            Fault::Changed => write!(f, "the file changed between two tries"),
            Fault::Status { code, .. } => write!(f, "the server says {code}{}", reason(*code)),
            Fault::Busy { code, again } => {
                write!(f, "the server says {code}{}, and to wait {} s", reason(*code), again.as_secs())
            }
            Fault::Redirect(why) => write!(f, "redirected {why}"),
            Fault::Large => write!(f, "larger than --max-size"),
            Fault::Packed(how) => write!(f, "packed as {how}, which nobody asked for"),
            Fault::Disk(why) => write!(f, "cannot save: {why}"),
            Fault::Late => write!(f, "took longer than --max-time"),
            Fault::Stopped => write!(f, "stopped"),
        }
    }
}

fn reason(code: u16) -> String {
    let status = hyper::http::StatusCode::from_u16(code).ok();
    status.and_then(|status| status.canonical_reason()).map_or(String::new(), |text| format!(" {text}"))
}
