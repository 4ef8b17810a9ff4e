//! A web server that misbehaves on purpose. It speaks through raw sockets, because a server library is too
//! polite to send half a chunk.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What a server does with a request. The connection is closed when it returns.
pub type Manners = fn(&Request, &mut TcpStream) -> io::Result<()>;

pub struct Request {
    pub path: String,
    /// Lower-case names.
    pub headers: HashMap<String, String>,
    /// 1 for the first request to this path.
    pub tries: u32,
    /// `127.0.0.1:40000`
    pub host: String,
}

pub struct Origin {
    /// `http://127.0.0.1:40000`
    pub address: String,
    tries: Arc<Mutex<HashMap<String, u32>>>,
}

impl Origin {
    /// Which manners belong to a path, `find` knows. Unread requests, for resets, are its business too:
    /// `leave_unread` says so before the request is taken from the socket.
    pub fn start(find: fn(&str) -> Option<(Manners, bool)>) -> Origin {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let origin = Origin { address: format!("http://{host}"), tries: Arc::default() };
        let tries = Arc::clone(&origin.tries);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (tries, host) = (Arc::clone(&tries), host.clone());
                thread::Builder::new()
                    .stack_size(1024 * 1024)
                    .spawn(move || {
                        // The client may be gone: that is what many of the cases are about.
                        let _ = converse(find, connection, &host, &tries);
                    })
                    .unwrap();
            }
        });
        origin
    }

    /// How many requests a path has seen.
    pub fn tries(&self, path: &str) -> u32 {
        self.tries.lock().unwrap().get(path).copied().unwrap_or(0)
    }
}

fn converse(
    find: fn(&str) -> Option<(Manners, bool)>,
    mut connection: TcpStream,
    host: &str,
    tries: &Mutex<HashMap<String, u32>>,
) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut head = vec![0; 64 * 1024];
    let length = loop {
        let length = connection.peek(&mut head)?;
        if length == 0 {
            return Ok(());
        }
        if !head[..length].starts_with(b"G") {
            // A TLS handshake, to which a web server without TLS answers like this.
            return reply(&mut connection, "400 Bad Request", &[], b"GET or nothing");
        }
        if let Some(end) = head[..length].windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let text = String::from_utf8_lossy(&head[..length]).into_owned();
    let mut lines = text.lines();
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_string();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_string()))
        .collect();
    let tries = {
        let mut all = tries.lock().unwrap();
        let tries = all.entry(path.clone()).or_insert(0);
        *tries += 1;
        *tries
    };
    let Some((manners, leave_unread)) = find(&path) else {
        return reply(&mut connection, "404 Not Found", &[], b"no such case");
    };
    if !leave_unread {
        connection.read_exact(&mut head[..length])?;
    }
    manners(&Request { path, headers, tries, host: host.to_string() }, &mut connection)?;
    if !leave_unread {
        // A polite end: closing with unread bytes would be a reset.
        connection.shutdown(std::net::Shutdown::Write)?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        while connection.read(&mut head)? > 0 {}
    }
    Ok(())
}

pub fn reply(to: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) -> io::Result<()> {
    let length = format!("Content-Length: {}", body.len());
    let headers: Vec<&str> = headers.iter().copied().chain([length.as_str()]).collect();
    raw(to, status, &headers, body)
}

/// Exactly these headers, and `Connection: close`, so that every case has a connection of its own.
pub fn raw(to: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) -> io::Result<()> {
    let mut message = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    for header in headers {
        message.extend_from_slice(header.as_bytes());
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(body);
    to.write_all(&message)
}
