//! A small web server on the loopback interface: a thread per connection, which stays open. It runs in a
//! process of its own, so that its processor time and its threads are not counted as the downloader's.
//!
//! It has `/image-00.png`, `/image-01.png` and so on, and `/bytes/8192/anything` for measurements.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::image;
use crate::options::Options;

/// The server, as the process that started it sees it. Dropping it ends it.
pub struct Origin {
    process: Child,
    /// Such as `http://127.0.0.1:40000`.
    pub address: String,
}

impl Origin {
    pub fn start(options: &Options) -> io::Result<Origin> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--origin").stdin(Stdio::piped()).stdout(Stdio::piped());
        command.args(["--images", &options.images.to_string()]);
        command.args(["--image-size", &options.image_size.to_string()]);
        command.args(["--latency", &options.latency.to_string()]);
        if let Some(bandwidth) = options.bandwidth {
            command.args(["--bandwidth", &bandwidth.to_string()]);
        }
        let mut process = command.spawn()?;
        let mut address = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut address)?;
        }
        let origin = Origin { process, address: address.trim_end().to_string() };
        if origin.address.is_empty() {
            return Err(io::Error::other("the server of images did not start"));
        }
        Ok(origin)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        // It ends when its standard input does; killing it is only quicker, and it may be gone already.
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the server knows when it runs.
struct Site {
    images: Vec<Vec<u8>>,
    latency: Duration,
    bandwidth: Option<u64>,
}

pub fn main(options: &Options) -> io::Result<()> {
    let site = Arc::new(Site {
        images: (0..options.images.get()).map(|number| image::draw(number, options.image_size)).collect(),
        latency: Duration::from_millis(options.latency),
        bandwidth: options.bandwidth,
    });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    thread::Builder::new().spawn(move || {
        for connection in listener.incoming().flatten() {
            let site = Arc::clone(&site);
            // A client that breaks off is none of our business, and neither is one that we have no thread for.
            let _ = thread::Builder::new().stack_size(256 * 1024).spawn(move || serve(&site, connection));
        }
    })?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn serve(site: &Site, connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut requests = BufReader::new(&connection);
    let mut line = String::new();
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or("").to_string();
        while line.trim_end() != "" {
            line.clear();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
        }
        thread::sleep(site.latency);
        answer(site, &path, &connection)?;
    }
}

fn answer(site: &Site, path: &str, mut to: &TcpStream) -> io::Result<()> {
    let image = path.strip_prefix("/image-").and_then(|rest| rest.strip_suffix(".png"));
    let image = image.and_then(|number| site.images.get(number.parse::<usize>().ok()?));
    if let Some(image) = image {
        to.write_all(header("200 OK", "image/png", image.len() as u64).as_bytes())?;
        return pour(site, image.len() as u64, image, to);
    }
    let bytes = path.strip_prefix("/bytes/").and_then(|rest| rest.split('/').next()?.parse::<u64>().ok());
    if let Some(bytes) = bytes {
        let mut piece = header("200 OK", "application/octet-stream", bytes).into_bytes();
        if bytes <= PATTERN.len() as u64 {
            // In one piece with the header, as a server with small files does.
            piece.extend_from_slice(&PATTERN[..bytes as usize]);
            return to.write_all(&piece);
        }
        to.write_all(&piece)?;
        return pour(site, bytes, &PATTERN, to);
    }
    to.write_all(header("404 Not Found", "text/plain", 0).as_bytes())
}

/// A body of any length without a copy of it.
static PATTERN: [u8; 128 * 1024] = {
    let mut pattern = [0; 128 * 1024];
    let mut i = 0;
    while i < pattern.len() {
        pattern[i] = (i % 251) as u8;
        i += 1;
    }
    pattern
};

fn header(status: &str, kind: &str, length: u64) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n")
}

/// Sends the content over and over until so many bytes have gone, no faster than the site's bandwidth.
fn pour(site: &Site, bytes: u64, content: &[u8], mut to: &TcpStream) -> io::Result<()> {
    let started = Instant::now();
    let mut sent = 0;
    while sent < bytes {
        let at = (sent % content.len() as u64) as usize;
        let most = if site.bandwidth.is_some() { 8 * 1024 } else { content.len() };
        let piece = &content[at..content.len().min(at + most)];
        let piece = &piece[..piece.len().min(usize::try_from(bytes - sent).unwrap_or(usize::MAX))];
        to.write_all(piece)?;
        sent += piece.len() as u64;
        if let Some(bandwidth) = site.bandwidth {
            let due = Duration::from_secs_f64(sent as f64 / bandwidth.max(1) as f64);
            thread::sleep(due.saturating_sub(started.elapsed()));
        }
    }
    Ok(())
}
