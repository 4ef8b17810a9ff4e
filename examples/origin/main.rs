//! Serves the images that the book's downloaders fetch, so that other programs can fetch them too.
//!
//! The server itself is `server.rs`. The chapters start it inside their own programs; this program
//! keeps it up until Ctrl-C.

mod server;

use std::{
    env,
    io::{self, Write},
    net::{Ipv4Addr, TcpListener},
    process::ExitCode,
    thread,
    time::Duration,
};

const HELP: &str = "\
Serve a few small images on 127.0.0.1 until Ctrl-C

Usage: cargo run --example origin -- [OPTIONS]

Options:
  --port N      where to listen; 0 takes any free port [default: 8000]
  --images N    how many images there are [default: 20]
  --latency MS  how many milliseconds each reply takes [default: 200]
  --help        print this

The URLs are printed, one a line. Every reply is a BMP image of 32 by 32 pixels.
";

struct Options {
    port: u16,
    images: usize,
    latency: Duration,
}

fn main() -> ExitCode {
    let options = match parse(env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return print(HELP),
        Err(problem) => {
            eprintln!("error: {problem}; see --help");
            return ExitCode::from(2);
        }
    };
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)) {
        Ok(listener) => listener,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            eprintln!("error: port {} is taken; choose another with --port", options.port);
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("error: cannot listen on port {}: {error}", options.port);
            return ExitCode::FAILURE;
        }
    };
    let origin = server::serve(listener, options.images, options.latency);
    print(&origin.urls().iter().map(|url| format!("{url}\n")).collect::<String>());
    loop {
        thread::park();
    }
}

/// `None` when the reader asked for help.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options { port: 8000, images: 20, latency: Duration::from_millis(200) };
    while let Some(option) = args.next() {
        let mut value = || {
            let value = args.next().ok_or(format!("{option} needs a number"))?;
            value.parse::<u32>().map_err(|_| format!("{option} needs a number, not '{value}'"))
        };
        match option.as_str() {
            "--help" | "-h" => return Ok(None),
            "--port" => {
                options.port = value()?.try_into().map_err(|_| "no port is above 65535".to_string())?;
            }
            "--images" => options.images = value()? as usize,
            "--latency" => options.latency = Duration::from_millis(value()?.into()),
            _ => return Err(format!("there is no option '{option}'")),
        }
    }
    Ok(Some(options))
}

/// A reader that closes the pipe early, as `head` does, has seen enough.
fn print(text: &str) -> ExitCode {
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}
