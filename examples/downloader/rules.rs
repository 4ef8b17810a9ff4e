//! What a reply means. Functions of the status and the headers and nothing else: no socket, no clock, no
//! file, so that both clients obey the same rules.

use std::time::{Duration, SystemTime};

use hyper::http::HeaderMap;
use hyper::http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, HeaderName, LAST_MODIFIED,
    LOCATION, RETRY_AFTER,
};
use hyper::http::response::Parts;

use crate::fault::Fault;

/// What to do with a reply.
#[derive(Debug)]
pub enum Verdict {
    /// The whole file follows.
    Whole(Body),
    /// The rest of the file follows, from where we were.
    Rest,
    /// Ask there instead.
    Elsewhere(String),
}

/// What is known about a file before its first byte.
#[derive(Debug)]
pub struct Body {
    /// How many bytes will come, if the server says so.
    pub length: Option<u64>,
    /// Whether they are to be unpacked.
    pub packed: bool,
    /// What a resumed download must match. None: it cannot be resumed.
    pub version: Option<Version>,
}

/// Tells one version of a file from the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    header: HeaderName,
    /// What goes into `If-Range`, as the server wrote it.
    pub tag: String,
}

/// What we have of a file that we ask the rest of.
pub struct Have<'a> {
    pub received: u64,
    pub length: Option<u64>,
    pub version: &'a Version,
}

pub fn judge(head: &Parts, have: Option<Have>) -> Result<Verdict, Fault> {
    let code = head.status.as_u16();
    match code {
        200 => Ok(Verdict::Whole(body(&head.headers)?)),
        206 => match have {
            Some(have) => rest(&head.headers, have),
            None => Err(Fault::Garbled("a part of the file, but the whole was asked for".to_string())),
        },
        301 | 302 | 303 | 307 | 308 => match text(&head.headers, &LOCATION) {
            Some(location) => Ok(Verdict::Elsewhere(location.to_string())),
            None => Err(Fault::Redirect("to nowhere".to_string())),
        },
        // The part that we have is longer than the file is now.
        416 if have.is_some() => Err(Fault::Changed),
        _ => Err(Fault::Status { code, again: retry_after(&head.headers, SystemTime::now()) }),
    }
}

fn body(headers: &HeaderMap) -> Result<Body, Fault> {
    let packed = match text(headers, &CONTENT_ENCODING).map(str::trim) {
        None | Some("") => false,
        Some(how) if how.eq_ignore_ascii_case("identity") => false,
        Some(how) if how.eq_ignore_ascii_case("gzip") || how.eq_ignore_ascii_case("x-gzip") => true,
        Some(how) => return Err(Fault::Packed(how.escape_debug().take(40).collect())),
    };
    let ranges = text(headers, &ACCEPT_RANGES).is_none_or(|ranges| !ranges.eq_ignore_ascii_case("none"));
    let version = if packed || !ranges { None } else { version(headers) };
    Ok(Body { length: length(headers)?, packed, version })
}

/// A reply with two different lengths is an attack or a bug; which of them to believe is not ours to guess.
fn length(headers: &HeaderMap) -> Result<Option<u64>, Fault> {
    let mut found = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        for text in value.to_str().unwrap_or("?").split(',') {
            let text = text.trim();
            let length = if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None };
            let Some(length) = length else { return Err(Fault::Garbled("a length that is not one".into())) };
            if found.is_some_and(|found| found != length) {
                return Err(Fault::Garbled("two different lengths".into()));
            }
            found = Some(length);
        }
    }
    Ok(found)
}

/// Only a strong validator will do: a weak one is the same for files that differ in some bytes.
fn version(headers: &HeaderMap) -> Option<Version> {
    if let Some(tag) = text(headers, &ETAG) {
        return (!tag.starts_with("W/")).then(|| Version { header: ETAG, tag: tag.to_string() });
    }
    // A date is strong only if the file could not have changed again in the same second (RFC 9110, 8.8.2.2).
    let modified = text(headers, &LAST_MODIFIED)?;
    let at = httpdate::parse_http_date(modified).ok()?;
    let now = httpdate::parse_http_date(text(headers, &DATE)?).ok()?;
    (now.duration_since(at).ok()? >= Duration::from_secs(1))
        .then(|| Version { header: LAST_MODIFIED, tag: modified.to_string() })
}

/// Whether the offered rest fits the part that we have, to the byte and to the version.
fn rest(headers: &HeaderMap, have: Have) -> Result<Verdict, Fault> {
    let same = text(headers, &have.version.header) == Some(have.version.tag.as_str());
    let packed = headers.contains_key(CONTENT_ENCODING);
    let (first, last, total) = text(headers, &CONTENT_RANGE)
        .and_then(content_range)
        .ok_or_else(|| Fault::Garbled("a part of the file that does not say which".to_string()))?;
    let to_the_end = total.is_none_or(|total| last.checked_add(1) == Some(total));
    let same_length = have.length.is_none() || total.is_none() || have.length == total;
    if !same || packed || first != have.received || !to_the_end || !same_length {
        return Err(Fault::Changed);
    }
    if length(headers)?.is_some_and(|length| length != last - first + 1) {
        return Err(Fault::Garbled("a length that is not its range's".to_string()));
    }
    Ok(Verdict::Rest)
}

/// `bytes 100-199/200`, or `/*`.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    (first <= last && last < u64::MAX).then_some((first, last, total))
}

/// In seconds, or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = text(headers, &RETRY_AFTER)?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
