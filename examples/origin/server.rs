//! A web server with nothing to serve but a few small images.
//!
//! The downloaders in this book fetch their images from here, so they run without a network. Each
//! reply takes as long as the program asks for, and the server counts: a program that wants to show
//! that its downloads ran at the same time asks how many were in flight at once, and needs no clock.
//!
//! ```text
//! let origin = origin::start(20, Duration::from_millis(100));
//! for url in origin.urls() { /* http://127.0.0.1:41273/image-00.bmp, … */ }
//! println!("{} at once", origin.peak());
//! ```

use std::{
    io::{BufRead, BufReader, Result, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// A running server. It has no shutdown: its threads end with the program.
pub struct Origin {
    address: SocketAddr,
    images: usize,
    /// Written by the threads that answer requests, read by `peak` and `served`.
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    served: AtomicUsize,
}

/// Serves `images` images on a free port of 127.0.0.1. Each reply leaves `latency` after its request
/// has arrived, however many others are waiting.
#[allow(dead_code)] // not every program lets the server choose its port
pub fn start(images: usize, latency: Duration) -> Origin {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("127.0.0.1 has a free port");
    serve(listener, images, latency)
}

// ANCHOR: serve
/// The same on a port of your choice.
pub fn serve(listener: TcpListener, images: usize, latency: Duration) -> Origin {
    let address = listener.local_addr().expect("a bound socket has an address");
    let counts = Arc::new(Counts::default());
    let origin = Origin { address, images, counts: Arc::clone(&counts) };
    thread::spawn(move || {
        // A client that hangs up while it waits is no reason to stop serving the others.
        for client in listener.incoming().filter_map(Result::ok) {
            let counts = Arc::clone(&counts);
            thread::spawn(move || answer(client, images, latency, &counts));
        }
    });
    origin
}
// ANCHOR_END: serve

#[allow(dead_code)] // no program uses all of these
impl Origin {
    /// One URL for each image.
    pub fn urls(&self) -> Vec<String> {
        (0..self.images).map(|n| format!("http://{}{}", self.address, path(n))).collect()
    }

    /// The most requests that were in flight at any one moment so far. A request is in flight from when
    /// the server has read it until just before the reply leaves, so a client that holds its image is
    /// never counted, and a loop that downloads one image after another has a peak of exactly 1.
    pub fn peak(&self) -> usize {
        self.counts.peak.load(SeqCst)
    }

    /// How many images were asked for so far.
    pub fn served(&self) -> usize {
        self.counts.served.load(SeqCst)
    }
}

/// One request, one reply, one connection.
fn answer(mut client: TcpStream, images: usize, latency: Duration, counts: &Counts) -> Result<()> {
    let mut lines = BufReader::new(&client).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The headers end with an empty line and say nothing that matters here.
    while lines.next().transpose()?.is_some_and(|header| !header.is_empty()) {}

    let wanted = (0..images).find(|&n| request.starts_with(&format!("GET {} ", path(n))));
    let (status, kind, body) = match wanted {
        Some(n) => ("200 OK", "image/bmp", image(n)),
        None => ("404 Not Found", "text/plain", b"There is no such image here.\n".to_vec()),
    };
    if wanted.is_some() {
        let in_flight = counts.in_flight.fetch_add(1, SeqCst) + 1;
        counts.peak.fetch_max(in_flight, SeqCst);
        thread::sleep(latency);
        counts.served.fetch_add(1, SeqCst);
        counts.in_flight.fetch_sub(1, SeqCst);
    }
    let length = body.len();
    let head = format!("Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    client.write_all(&[format!("HTTP/1.1 {status}\r\n{head}").into_bytes(), body].concat())
}

fn path(n: usize) -> String {
    format!("/image-{n:02}.bmp")
}

/// What the server sends as image `n`: 32 by 32 pixels, 3,126 bytes, no two numbers alike, so that a
/// program can check what it received.
pub fn image(n: usize) -> Vec<u8> {
    let (side, header, pixels) = (32, 54, 32 * 32 * 3);
    let mut bmp = b"BM".to_vec();
    // The second field is reserved. The number stands there because colors alone repeat after 256.
    let fields = [header + pixels, n as u32, header, 40, side, side, 1 | 24 << 16, 0, pixels, 0, 0, 0, 0];
    bmp.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
    for pixel in 0..side * side {
        let (across, up) = (pixel % side * 8, pixel / side * 8);
        bmp.extend([(n * 53) as u8, across as u8, up as u8]);
    }
    bmp
}
