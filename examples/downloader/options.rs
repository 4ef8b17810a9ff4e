//! The command line: what may be asked for, and what holds when nothing is said.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Downloads many files at once, each of them whole or not at all.
///
/// With no URL and no --input, it starts a server of images on this machine, downloads them with every
/// strategy in turn and prints a comparison.
#[derive(Parser, Debug)]
#[command(
    name = "downloader",
    version,
    after_help = "Exit status: 0 when every URL was saved (or was there already, with --if-exists skip), \
                  1 when any was not, 2 for bad usage, 130 after Ctrl-C."
)]
pub struct Options {
    /// What to download
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,

    /// Read URLs from a file, one a line; '-' is standard input, lines that start with '#' are comments
    #[arg(short, long, value_name = "FILE")]
    pub input: Option<PathBuf>,

    /// Where to save the files
    #[arg(short, long, value_name = "DIR", default_value = "downloads")]
    pub output: PathBuf,

    /// How to be concurrent
    #[arg(short, long, value_name = "NAME", value_enum, default_value_t = Strategy::Pool)]
    pub strategy: Strategy,

    /// At most this many downloads at once [default: 16; without URLs, as many as there are images]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// How often to try again after a failure that can get better
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub retries: u32,

    /// The pause before the first new try; it doubles with every further one
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    pub retry_delay: Duration,

    /// The longest to wait for a connection, for a complete reply header, and for the next piece of a body
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,

    /// The longest to spend on one URL, with all its tries
    #[arg(long, value_name = "SECONDS", default_value = "7200", value_parser = seconds)]
    pub max_time: Duration,

    /// Give up on a server that sends less than this per second, over a whole --timeout
    #[arg(long, value_name = "BYTES", default_value = "1K", value_parser = size)]
    pub min_speed: u64,

    /// Refuse a file that is larger, unpacked if the server packed it
    #[arg(long, value_name = "BYTES", default_value = "4G", value_parser = size)]
    pub max_size: u64,

    /// What to do about a file that was there before
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = IfExists::Rename)]
    pub if_exists: IfExists,

    /// Print nothing but errors
    #[arg(short, long)]
    pub quiet: bool,

    /// Print one JSON object per URL on standard output
    #[arg(long)]
    pub json: bool,

    /// Run every strategy on the same URLs, each into a folder of its own, and print a table
    #[arg(long)]
    pub compare: bool,

    /// Without URLs: how many images the server on this machine has
    #[arg(long, value_name = "N", default_value = "20")]
    pub images: NonZeroUsize,

    /// Without URLs: the size of an image, about
    #[arg(long, value_name = "BYTES", default_value = "200K", value_parser = size)]
    pub image_size: u64,

    /// Without URLs: how long the server waits before it answers
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 200)]
    pub latency: u64,

    /// Without URLs: how many bytes a second the server sends on one connection [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub bandwidth: Option<u64>,

    /// Be the server of images, until standard input ends
    #[arg(long, hide = true)]
    pub origin: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// One after the other
    Sequential,
    /// A thread per URL
    Threads,
    /// A queue and as many workers as jobs
    Queue,
    /// A rayon pool
    Pool,
    /// A tokio task per URL
    Async,
}

impl Strategy {
    pub const ALL: [Strategy; 5] =
        [Strategy::Sequential, Strategy::Threads, Strategy::Queue, Strategy::Pool, Strategy::Async];

    pub fn name(self) -> &'static str {
        match self {
            Strategy::Sequential => "sequential",
            Strategy::Threads => "threads",
            Strategy::Queue => "queue",
            Strategy::Pool => "pool",
            Strategy::Async => "async",
        }
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum IfExists {
    /// Save the new file under a free name
    Rename,
    /// Keep the old file and download nothing
    Skip,
    /// Replace the old file once the new one is complete
    Overwrite,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_string())?;
    // Up to a year, so that no sum of them can overflow.
    if !(0.001..=31_536_000.0).contains(&seconds) {
        return Err("must be at least 0.001 and at most 31536000".to_string());
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn size(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let factor = match unit {
        "" => 1,
        "K" | "k" => 1 << 10,
        "M" | "m" => 1 << 20,
        "G" | "g" => 1 << 30,
        _ => return Err("must be a number of bytes, or end in K, M or G".to_string()),
    };
    let number: u64 = digits.parse().map_err(|_| "not a number of bytes".to_string())?;
    number.checked_mul(factor).ok_or_else(|| "too large".to_string())
}
