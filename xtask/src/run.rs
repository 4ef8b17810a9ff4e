//! Running a program under a time limit, with everything it started ended when it ends.

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// How it ended; `None` when it was stopped at the limit.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ran {
    /// Whether it exited with 0.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs `command` to its end, or until `enough` says so, or until `limit` has passed; then the whole
/// process group is ended. `enough` sees what was written to standard output so far, and since when
/// the program runs.
///
/// Output is read while the program runs, so a full pipe does not stop it.
///
/// # Errors
///
/// When the program cannot be started or waited for.
pub fn run_until(
    mut command: Command,
    limit: Duration,
    enough: impl Fn(&str, Duration) -> bool,
) -> io::Result<Ran> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let stdout = Collector::new(child.stdout.take());
    let stderr = Collector::new(child.stderr.take());
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        let since = start.elapsed();
        if since >= limit || enough(&stdout.so_far(), since) {
            break None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    end_group(&mut child)?;
    Ok(Ran { status, stdout: stdout.finish(), stderr: stderr.finish() })
}

/// Runs `command` to its end, or stops it after `limit`.
///
/// # Errors
///
/// As [`run_until`].
pub fn run(command: Command, limit: Duration) -> io::Result<Ran> {
    run_until(command, limit, |_, _| false)
}

/// Ends what is left of the group that `child` leads. A program that has ended can have left others.
fn end_group(child: &mut Child) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Fails when nobody is left, which is what we want.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    child.wait().map(drop)
}

/// Reads a pipe on a thread of its own.
struct Collector {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<thread::JoinHandle<()>>,
}

/// A program that prints for ever must not fill the memory.
const MOST_OUTPUT: usize = 1 << 20;

impl Collector {
    fn new(pipe: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let reader = pipe.map(|mut pipe| {
            let bytes = Arc::clone(&bytes);
            thread::spawn(move || {
                let mut buffer = [0; 8192];
                while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                    let mut bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                    if bytes.len() < MOST_OUTPUT {
                        bytes.extend_from_slice(&buffer[..count]);
                    }
                }
            })
        });
        Self { bytes, reader }
    }

    fn so_far(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn finish(mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // The group is gone and with it the other end of the pipe, so this ends. A reader that
            // panicked leaves what it had read.
            let _ = reader.join();
        }
        self.so_far().replace("\r\n", "\n")
    }
}

/// Calls `work` on every item, on as many threads as there are cores, and returns the results in the
/// items' order.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, |n| n.get()).min(items.len());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(index) = Some(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    && let Some(item) = items.get(index)
                {
                    let result = work(item);
                    *results[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    results
        .into_iter()
        .map(|slot| {
            let result = slot.into_inner().unwrap_or_else(PoisonError::into_inner);
            result.expect("the scope ends when every item has its result")
        })
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_and_the_status_come_back() {
        let ran = run(shell("echo out; echo err >&2; exit 3"), Duration::from_secs(10)).unwrap();
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("out\n", "err\n"));
        assert_eq!(ran.status.and_then(|status| status.code()), Some(3));
    }

    #[test]
    fn a_program_that_hangs_is_stopped_with_its_children() {
        let ran = run(shell("echo started; sleep 1000 & sleep 1000"), Duration::from_millis(300)).unwrap();
        assert!(ran.status.is_none());
        assert_eq!(ran.stdout, "started\n");
    }

    #[test]
    fn a_child_left_behind_does_not_hold_the_pipe_open() {
        let ran = run(shell("sleep 1000 & echo gone"), Duration::from_secs(20)).unwrap();
        assert!(ran.succeeded());
        assert_eq!(ran.stdout, "gone\n");
    }

    #[test]
    fn side_by_side_keeps_the_order() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(side_by_side(&items, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
    }
}
