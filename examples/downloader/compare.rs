//! All strategies in turn on the same URLs, and a table of what they took.

use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use serde_json::json;

use crate::engine::Engine;
use crate::folder::Folder;
use crate::input::Input;
use crate::options::{Options, Strategy};
use crate::origin::Origin;
use crate::progress::Progress;
use crate::report::Report;
use crate::stop::Stop;
use crate::{INTERRUPTED, NOT_ALL_SAVED, affordable, complain, fail, image, on_interrupt, report, run};

struct Row {
    strategy: Strategy,
    took: Duration,
    cpu: Duration,
    saved: usize,
    bytes: u64,
    /// The most requests that were on their way at one moment.
    peak: usize,
    /// How many threads sent them.
    threads: usize,
    failures: String,
}

/// With no URLs: the images of a server on this machine, checked byte for byte.
pub fn demonstrate(options: Arc<Options>) -> ExitCode {
    match try_demonstrate(options) {
        Ok(code) => code,
        Err(why) => fail(NOT_ALL_SAVED, why),
    }
}

fn try_demonstrate(options: Arc<Options>) -> io::Result<ExitCode> {
    // Unless someone wants to look at the images, they are not left behind.
    let scratch;
    let output = if options.output == Path::new("downloads") {
        scratch = tempfile::tempdir()?;
        scratch.path()
    } else {
        &options.output
    };
    let images = options.images.get();
    let origin = Origin::start(&options)?;
    let at_once =
        affordable(options.jobs.unwrap_or(options.images.min(const { NonZeroUsize::new(128).unwrap() })));
    let urls = || {
        let mut input = Input::default();
        let names = Folder::open(output, options.if_exists)?;
        (0..images).for_each(|number| {
            input.add(&format!("{}/{}", origin.address, image::name(number)), None, &names)
        });
        Ok(input)
    };
    if !options.json {
        let what = report::size(options.image_size);
        let _ = writeln!(
            io::stdout(),
            "{images} images of about {what} from a server on this machine that answers after {} ms, \
             at most {at_once} at once\n",
            options.latency
        );
    }
    let code = run_all(&options, output, urls, at_once)?;
    let mut wrong = Vec::new();
    for number in 0..images {
        let expected = image::draw(number, options.image_size);
        for strategy in Strategy::ALL {
            let path = output.join(strategy.name()).join(image::name(number));
            if !fs::read(&path).is_ok_and(|found| found == expected) {
                wrong.push(path);
            }
        }
    }
    for path in &wrong {
        complain(format!("{} is not what the server sent", path.display()));
    }
    if !wrong.is_empty() {
        return Ok(if code == ExitCode::from(INTERRUPTED) { code } else { ExitCode::from(NOT_ALL_SAVED) });
    }
    if !options.json {
        let _ = writeln!(io::stdout(), "\nAll {} files are what the server sent, byte for byte.", images * 5);
    }
    Ok(code)
}

/// The URLs that were given.
pub fn compare(options: Arc<Options>, input: Input, at_once: NonZeroUsize) -> ExitCode {
    for reject in &input.rejects {
        complain(format!("{}: {}", reject.text.escape_debug(), reject.fault));
    }
    let again = || {
        let mut same = Input::default();
        let names = Folder::open(&options.output, options.if_exists)?;
        input.jobs.iter().for_each(|job| same.add(job.url.as_str(), job.line, &names));
        Ok(same)
    };
    match run_all(&options, &options.output, again, at_once) {
        Ok(code) if input.rejects.is_empty() => code,
        Ok(_) => ExitCode::from(NOT_ALL_SAVED),
        Err(why) => fail(NOT_ALL_SAVED, why),
    }
}

fn run_all(
    options: &Arc<Options>,
    output: &Path,
    input: impl Fn() -> io::Result<Input>,
    at_once: NonZeroUsize,
) -> io::Result<ExitCode> {
    let stop = Arc::new(Stop::default());
    let mut folders = Vec::new();
    for strategy in Strategy::ALL {
        folders.push(Arc::new(Folder::open(&output.join(strategy.name()), options.if_exists)?));
    }
    on_interrupt(&stop, folders.clone())?;

    let mut rows: Vec<Row> = Vec::new();
    let mut files = 0;
    for (strategy, folder) in Strategy::ALL.into_iter().zip(folders) {
        let input = input()?;
        files = input.jobs.len();
        let engine = Arc::new(Engine::new(
            Arc::clone(options),
            folder,
            Arc::clone(&stop),
            Progress::Nothing,
            Report::new(false),
        ));
        let cpu = ProcessTime::now();
        let started = Instant::now();
        run::run(strategy, input.jobs, at_once, &engine)?;
        let report = engine.report();
        rows.push(Row {
            strategy,
            took: started.elapsed(),
            cpu: cpu.elapsed(),
            saved: report.saved + report.kept,
            bytes: report.bytes,
            peak: engine.meter.peak.load(Relaxed),
            threads: engine.meter.threads(),
            failures: report.failures(),
        });
        if stop.is_set() {
            return Ok(ExitCode::from(INTERRUPTED));
        }
    }
    let text = if options.json { as_json(&rows) } else { as_table(&rows, files) };
    let _ = io::stdout().write_all(text.as_bytes());
    for row in rows.iter().filter(|row| !row.failures.is_empty()) {
        let _ = write!(io::stderr(), "{}:\n{}", row.strategy.name(), row.failures);
    }
    let all = rows.iter().all(|row| row.saved == files);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL_SAVED) })
}

fn as_table(rows: &[Row], files: usize) -> String {
    let longest = rows.iter().map(|row| row.took.as_secs_f64()).fold(f64::MIN_POSITIVE, f64::max);
    let first = rows.first().map_or(longest, |row| row.took.as_secs_f64());
    let mut text = format!(
        "{:<10} {:>9} {:>9}  {:<24} {:>9} {:>10} {:>5} {:>8} {:>9}\n",
        "strategy", "time", "speed-up", "", "files", "bytes", "peak", "threads", "CPU"
    );
    for row in rows {
        let seconds = row.took.as_secs_f64();
        text += &format!(
            "{:<10} {:>7.3} s {:>7.1} ×  {:<24} {:>9} {:>10} {:>5} {:>8} {:>6.0} ms\n",
            row.strategy.name(),
            seconds,
            first / seconds,
            bar(seconds / longest, 24),
            format!("{}/{files}", row.saved),
            report::size(row.bytes),
            row.peak,
            row.threads,
            row.cpu.as_secs_f64() * 1000.0
        );
    }
    text
}

/// In eighths of a character, and never so short that it cannot be seen.
fn bar(share: f64, width: usize) -> String {
    let eighths = ((share * width as f64 * 8.0).round() as usize).clamp(1, width * 8);
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8).wrapping_sub(1)));
    bar
}

fn as_json(rows: &[Row]) -> String {
    rows.iter()
        .map(|row| {
            let object = json!({
                "strategy": row.strategy.name(),
                "seconds": row.took.as_secs_f64(),
                "cpu_seconds": row.cpu.as_secs_f64(),
                "files": row.saved,
                "bytes": row.bytes,
                "peak": row.peak,
                "threads": row.threads,
            });
            format!("{object}\n")
        })
        .collect()
}
