//! The least that a client can do: a thread per connection, one request after the other, no look at the
//! header but for its end and its length.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// `floor LIST FOLDER JOBS`
pub fn main(arguments: &[String]) {
    let [list, folder, jobs] = arguments else { panic!("floor LIST FOLDER JOBS") };
    let list = fs::read_to_string(list).expect("a list of URLs");
    let urls: Vec<&str> = list.lines().collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..jobs.parse::<usize>().expect("a number").min(urls.len()) {
            scope.spawn(|| download(&urls, &next, Path::new(folder)));
        }
    });
}

fn download(urls: &[&str], next: &AtomicUsize, folder: &Path) {
    let host = urls[0].strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("a host");
    let mut requests = TcpStream::connect(host).expect("a connection");
    requests.set_nodelay(true).expect("an option");
    let mut replies = BufReader::with_capacity(128 * 1024, requests.try_clone().expect("a second handle"));
    let mut line = String::new();
    while let Some(url) = urls.get(next.fetch_add(1, Relaxed)) {
        let path = &url["http://".len() + host.len()..];
        write!(requests, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("a request");
        let mut length = 0;
        loop {
            line.clear();
            replies.read_line(&mut line).expect("a header");
            if let Some(text) = line.strip_prefix("Content-Length: ") {
                length = text.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut file = File::create(folder.join(path.rsplit('/').next().expect("a name"))).expect("a file");
        while length > 0 {
            let piece = replies.fill_buf().expect("a body");
            let piece = &piece[..piece.len().min(length)];
            assert!(!piece.is_empty(), "the body ends early");
            file.write_all(piece).expect("a write");
            let read = piece.len();
            length -= read;
            replies.consume(read);
        }
    }
}
