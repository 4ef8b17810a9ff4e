//! What a server can do to a download, one case each, and what has to come of it.

use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::origin::{Manners, Request, raw, reply};

/// Makes what takes long to make, before a client waits for it.
pub fn prepare() {
    LazyLock::force(&BOMB);
}

pub enum Expect {
    /// Saved, with this content, and after so many tries.
    Saved(fn() -> Vec<u8>, u32),
    /// Not saved. The kind of failure is one of these, and so many tries were made.
    Failed(&'static [&'static str], u32),
}
use Expect::{Failed, Saved};

pub struct Case {
    pub name: &'static str,
    pub manners: Manners,
    /// Closing the connection with the request unread makes the kernel send a reset.
    pub reset: bool,
    pub expect: Expect,
}

/// The time limits that the cases are made for; see `run_case`.
pub const TIMEOUT: Duration = Duration::from_millis(800);
pub const RETRIES: u32 = 2;
const ALL_TRIES: u32 = RETRIES + 1;
pub const MAX_SIZE: usize = 300_000;

/// The file as it should be. It does not compress and has no period, so that no two halves are alike.
pub fn content() -> Vec<u8> {
    noise(1, 100_000)
}

fn newer() -> Vec<u8> {
    noise(2, 100_000)
}

pub fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Fifty million zeros.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![0; 50_000_000]));

fn half(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() / 2]
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for piece in bytes.chunks(7_000) {
        write!(body, "{:x}\r\n", piece.len()).unwrap();
        body.extend_from_slice(piece);
        body.extend_from_slice(b"\r\n");
    }
    body
}

fn patience() -> Duration {
    TIMEOUT * 4
}

pub const CASES: &[Case] = &[
    good("a length", |_, to| reply(to, "200 OK", &[], &content())),
    good("chunks", |_, to| {
        let mut body = chunked(&content());
        body.extend_from_slice(b"0\r\n\r\n");
        raw(to, "200 OK", &["Transfer-Encoding: chunked"], &body)
    }),
    good("neither", |_, to| raw(to, "200 OK", &[], &content())),
    good("the same length twice", |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000", "Content-Length: 100000"], &content())
    }),
    Case { expect: Saved(Vec::new, 1), ..good("an empty file", |_, to| reply(to, "200 OK", &[], b"")) },
    // Bodies that end too early, or not at all.
    bad("half a body with a length", &["truncated"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000"], half(&content()))
    }),
    bad("a length that is too large by one", &["truncated"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 100001"], &content())
    }),
    bad("chunks without an end", &["truncated"], |_, to| {
        raw(to, "200 OK", &["Transfer-Encoding: chunked"], &chunked(&content()))
    }),
    bad("half a chunk", &["truncated"], |_, to| {
        raw(to, "200 OK", &["Transfer-Encoding: chunked"], half(&chunked(&content())))
    }),
    reset("a reset in a body with a length", |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000"], half(&content()))?;
        thread::sleep(Duration::from_millis(50));
        Ok(())
    }),
    reset("a reset in chunks", |_, to| {
        raw(to, "200 OK", &["Transfer-Encoding: chunked"], half(&chunked(&content())))?;
        thread::sleep(Duration::from_millis(50));
        Ok(())
    }),
    reset("a reset in a body without a length", |_, to| {
        raw(to, "200 OK", &[], half(&content()))?;
        thread::sleep(Duration::from_millis(50));
        Ok(())
    }),
    reset("a reset before a reply", |_, _| Ok(())),
    bad("silence after half", &["timeout"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000"], half(&content()))?;
        thread::sleep(patience());
        Ok(())
    }),
    bad("a byte now and then", &["slow"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000"], b"")?;
        trickle(to, &content()[..40])
    }),
    // Headers.
    bad("no reply", &["timeout"], |_, _| {
        thread::sleep(patience());
        Ok(())
    }),
    bad("an end before a reply", &["truncated", "broken"], |_, _| Ok(())),
    bad("a header that drips", &["timeout"], |_, to| {
        to.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ")?;
        trickle(to, &[b'a'; 40])
    }),
    bad("headers without end", &["garbled"], |_, to| {
        to.write_all(b"HTTP/1.1 200 OK\r\n")?;
        for number in 0..100_000 {
            write!(to, "X-Number-{number}: {number}\r\n")?;
        }
        Ok(())
    }),
    bad("one huge header", &["garbled"], |_, to| {
        raw(to, "200 OK", &[&format!("X-Huge: {}", "a".repeat(2_000_000))], &content())
    }),
    bad("garbage", &["garbled"], |_, to| to.write_all(&noise(3, 20_000))),
    bad("another protocol", &["garbled"], |_, to| to.write_all(b"220 ftp.example.org ready\r\n\r\n")),
    bad("two different lengths", &["garbled"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000", "Content-Length: 99999"], &content())
    }),
    bad("two different lengths in one header", &["garbled"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 100000, 99999"], &content())
    }),
    bad("a length that is not a number", &["garbled"], |_, to| {
        raw(to, "200 OK", &["Content-Length: many"], &content())
    }),
    bad("a negative length", &["garbled"], |_, to| raw(to, "200 OK", &["Content-Length: -1"], &content())),
    bad("a chunk whose size is not a number", &["garbled"], |_, to| {
        raw(to, "200 OK", &["Transfer-Encoding: chunked"], b"3\r\nabc\r\nxyz\r\nabc\r\n0\r\n\r\n")
    }),
    bad("a part that nobody asked for", &["garbled"], |_, to| {
        reply(to, "206 Partial Content", &["Content-Range: bytes 0-49999/100000"], half(&content()))
    }),
    // Statuses.
    once("404", &["status"], |_, to| reply(to, "404 Not Found", &[], b"<h1>not found</h1>")),
    once("403", &["status"], |_, to| reply(to, "403 Forbidden", &[], b"no")),
    once("204", &["status"], |_, to| raw(to, "204 No Content", &[], b"")),
    bad("500", &["status"], |_, to| reply(to, "500 Internal Server Error", &[], b"oops")),
    Case {
        expect: Saved(content, 2),
        ..good("500, then fine", |request, to| match request.tries {
            1 => reply(to, "500 Internal Server Error", &[], b"oops"),
            _ => reply(to, "200 OK", &[], &content()),
        })
    },
    Case {
        expect: Saved(content, 3),
        ..good("half, then 503, then fine", |request, to| match request.tries {
            1 => raw(to, "200 OK", &["Content-Length: 100000"], half(&content())),
            2 => reply(to, "503 Service Unavailable", &[], b"wait"),
            _ => reply(to, "200 OK", &[], &content()),
        })
    },
    Case {
        expect: Saved(content, 2),
        ..good("429 and seconds to wait", |request, to| match request.tries {
            1 => reply(to, "429 Too Many Requests", &["Retry-After: 1"], b"slower"),
            _ => reply(to, "200 OK", &[], &content()),
        })
    },
    Case {
        expect: Saved(content, 2),
        ..good("503 and a date to wait for", |request, to| match request.tries {
            1 => {
                let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(1));
                reply(to, "503 Service Unavailable", &[&format!("Retry-After: {date}")], b"later")
            }
            _ => reply(to, "200 OK", &[], &content()),
        })
    },
    once("503 and an hour to wait", &["busy"], |_, to| {
        reply(to, "503 Service Unavailable", &["Retry-After: 3600"], b"tomorrow")
    }),
    // Redirects.
    Case {
        // The moved file is another path, which counts its own tries.
        expect: Saved(content, 1),
        ..good("a redirect", |request, to| {
            if request.path.ends_with("/moved") {
                return reply(to, "200 OK", &[], &content());
            }
            reply(to, "302 Found", &[&format!("Location: {}/moved", request.path)], b"over there")
        })
    },
    once("a redirect in a circle", &["redirect"], |request, to| {
        reply(to, "302 Found", &[&format!("Location: http://{}{}", request.host, request.path)], b"")
    }),
    once("a redirect to a local file", &["redirect"], |_, to| {
        reply(to, "302 Found", &["Location: file:///etc/passwd"], b"")
    }),
    once("a redirect to nowhere", &["redirect"], |_, to| reply(to, "301 Moved Permanently", &[], b"")),
    once("a redirect to nonsense", &["redirect"], |_, to| {
        reply(to, "302 Found", &["Location: http://[::1"], b"")
    }),
    // Resuming.
    Case {
        expect: Saved(content, 2),
        ..good("the rest on the second try", |request, to| match request.tries {
            1 => raw(to, "200 OK", &["ETag: \"1\"", "Content-Length: 100000"], half(&content())),
            _ => {
                let from = asked_from(request, "\"1\"").unwrap_or(0);
                if from == 0 {
                    return reply(to, "500 Internal Server Error", &[], b"should have been resumed");
                }
                let range = format!("Content-Range: bytes {from}-99999/100000");
                reply(to, "206 Partial Content", &["ETag: \"1\"", &range], &content()[from..])
            }
        })
    },
    Case {
        expect: Saved(content, 2),
        ..good("the rest, by date", |request, to| {
            let date = "Mon, 06 Jan 2025 10:00:00 GMT";
            let now = format!("Date: {}", httpdate::fmt_http_date(SystemTime::now()));
            let modified = format!("Last-Modified: {date}");
            match request.tries {
                1 => raw(to, "200 OK", &[&modified, &now, "Content-Length: 100000"], half(&content())),
                _ => {
                    let Some(from) = asked_from(request, date) else {
                        return reply(to, "500 Internal Server Error", &[], b"should have been resumed");
                    };
                    let range = format!("Content-Range: bytes {from}-99999/100000");
                    reply(to, "206 Partial Content", &[&modified, &now, &range], &content()[from..])
                }
            }
        })
    },
    Case {
        expect: Saved(newer, 2),
        ..good("another version on the second try", |request, to| match request.tries {
            1 => raw(to, "200 OK", &["ETag: \"1\"", "Content-Length: 100000"], half(&content())),
            _ => reply(to, "200 OK", &["ETag: \"2\""], &newer()),
        })
    },
    Case {
        expect: Saved(newer, 3),
        ..good("the rest of another version", |request, to| match (request.tries, asked(request)) {
            (1, _) => raw(to, "200 OK", &["ETag: \"1\"", "Content-Length: 100000"], half(&content())),
            (_, Some(from)) => {
                let range = format!("Content-Range: bytes {from}-99999/100000");
                reply(to, "206 Partial Content", &["ETag: \"2\"", &range], &newer()[from..])
            }
            (_, None) => reply(to, "200 OK", &["ETag: \"2\""], &newer()),
        })
    },
    Case {
        expect: Saved(content, 3),
        ..good("the rest, from the wrong byte", |request, to| match (request.tries, asked(request)) {
            (1, _) => raw(to, "200 OK", &["ETag: \"1\"", "Content-Length: 100000"], half(&content())),
            (_, Some(_)) => {
                let range = "Content-Range: bytes 10-99999/100000";
                reply(to, "206 Partial Content", &["ETag: \"1\"", range], &content()[10..])
            }
            (_, None) => reply(to, "200 OK", &["ETag: \"1\""], &content()),
        })
    },
    Case {
        expect: Saved(content, 3),
        ..good("416 on the second try", |request, to| match (request.tries, asked(request)) {
            (1, _) => raw(to, "200 OK", &["ETag: \"1\"", "Content-Length: 100000"], half(&content())),
            (_, Some(_)) => reply(to, "416 Range Not Satisfiable", &["Content-Range: bytes */10"], b""),
            (_, None) => reply(to, "200 OK", &["ETag: \"1\""], &content()),
        })
    },
    Case {
        expect: Saved(content, 2),
        ..good("no resuming without a validator", |request, to| match (request.tries, asked(request)) {
            (1, _) => raw(to, "200 OK", &["Content-Length: 100000"], half(&content())),
            (_, Some(_)) => reply(to, "404 Not Found", &[], b"asked for a range"),
            (_, None) => reply(to, "200 OK", &[], &content()),
        })
    },
    Case {
        expect: Saved(content, 2),
        ..good("no resuming with a weak validator", |request, to| match (request.tries, asked(request)) {
            (1, _) => raw(to, "200 OK", &["ETag: W/\"1\"", "Content-Length: 100000"], half(&content())),
            (_, Some(_)) => reply(to, "404 Not Found", &[], b"asked for a range"),
            (_, None) => reply(to, "200 OK", &["ETag: W/\"1\""], &content()),
        })
    },
    // Packed, and too large.
    good("gzip that nobody asked for", |request, to| {
        assert_eq!(request.headers.get("accept-encoding").map(String::as_str), Some("identity"));
        reply(to, "200 OK", &["Content-Encoding: gzip"], &gzip(&content()))
    }),
    once("a gzip bomb", &["large"], |_, to| reply(to, "200 OK", &["Content-Encoding: gzip"], &BOMB)),
    bad("half a gzip", &["garbled"], |_, to| {
        reply(to, "200 OK", &["Content-Encoding: gzip"], half(&gzip(&content())))
    }),
    bad("gzip that is none", &["garbled"], |_, to| {
        reply(to, "200 OK", &["Content-Encoding: gzip"], &content())
    }),
    once("brotli that nobody asked for", &["packed"], |_, to| {
        reply(to, "200 OK", &["Content-Encoding: br"], &content())
    }),
    once("a length above --max-size", &["large"], |_, to| {
        raw(to, "200 OK", &["Content-Length: 300001"], &content())
    }),
    once("chunks without end", &["large"], |_, to| {
        raw(to, "200 OK", &["Transfer-Encoding: chunked"], b"")?;
        loop {
            to.write_all(&chunked(&content()))?;
        }
    }),
    once("a body without end", &["large"], |_, to| {
        raw(to, "200 OK", &[], b"")?;
        loop {
            to.write_all(&content())?;
        }
    }),
];

const fn good(name: &'static str, manners: Manners) -> Case {
    Case { name, manners, reset: false, expect: Saved(content, 1) }
}

const fn bad(name: &'static str, kinds: &'static [&'static str], manners: Manners) -> Case {
    Case { name, manners, reset: false, expect: Failed(kinds, ALL_TRIES) }
}

/// What cannot get better is not tried again.
const fn once(name: &'static str, kinds: &'static [&'static str], manners: Manners) -> Case {
    Case { name, manners, reset: false, expect: Failed(kinds, 1) }
}

const fn reset(name: &'static str, manners: Manners) -> Case {
    Case { name, manners, reset: true, expect: Failed(&["broken", "truncated"], ALL_TRIES) }
}

fn trickle(to: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        to.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Where the request wants to go on, if it wants to.
fn asked(request: &Request) -> Option<usize> {
    request.headers.get("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
}

/// The same, if it asks for this version and no other.
fn asked_from(request: &Request, version: &str) -> Option<usize> {
    (request.headers.get("if-range").map(String::as_str) == Some(version)).then(|| asked(request))?
}
