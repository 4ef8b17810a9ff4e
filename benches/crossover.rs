//! Threads against tasks, from 10 to 10,000 waits at once: time beyond the wait itself, and memory.
//!
//! The memory is `VmRSS` in Linux's `/proc/self/status`; elsewhere only the time is measured.

mod report;

use std::{fs, sync::Mutex, thread, time::Duration};

use report::{quick, report, seconds};

/// Longer than ten thousand threads take to start, or they would not all wait at once.
fn wait() -> Duration {
    Duration::from_millis(if quick() { 300 } else { 1_000 })
}

fn memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

/// Calls `waits`, which waits many times at once, while another thread looks at the memory in the middle.
fn measure(kind: &str, count: usize, before: Option<f64>, waits: impl FnOnce()) {
    let seen = Mutex::new(None);
    let took = thread::scope(|s| {
        s.spawn(|| {
            thread::sleep(wait() * 9 / 10);
            *seen.lock().unwrap() = memory();
        });
        seconds(waits)
    });
    report(&format!("{kind}-time-{count}"), took - wait().as_secs_f64(), "s");
    if let (Some(before), Some(now)) = (before, seen.into_inner().unwrap()) {
        report(&format!("{kind}-memory-{count}"), (now - before).max(0.0), "B");
    }
}

fn main() {
    let counts: &[usize] = if quick() { &[10, 1_000] } else { &[10, 100, 1_000, 10_000] };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    // Tasks first: they leave less behind for the others to find.
    for kind in ["async", "threads"] {
        let before = memory();
        for &count in counts {
            if kind == "async" {
                measure(kind, count, before, || {
                    runtime.block_on(async {
                        let tasks: Vec<_> =
                            (0..count).map(|_| tokio::spawn(tokio::time::sleep(wait()))).collect();
                        for task in tasks {
                            task.await.unwrap();
                        }
                    });
                });
            } else {
                measure(kind, count, before, || {
                    let threads: Vec<_> =
                        (0..count).map(|_| thread::spawn(|| thread::sleep(wait()))).collect();
                    threads.into_iter().for_each(|thread| thread.join().unwrap());
                });
            }
        }
    }
}
