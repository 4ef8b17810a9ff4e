//! 10 to 10,000 threads that wait: how long until all of them run, and what each of them takes.
//!
//! The memory is what Linux says of the process in `/proc/self/status`. It leaves out what the kernel
//! itself keeps for each thread. Elsewhere only the time is measured.

mod report;

use std::{
    fs,
    sync::{Condvar, Mutex},
    thread,
    time::Instant,
};

use report::{quick, report};

/// How many threads run, and whether they may end. Who arrives wakes nobody but the one who counts, and who
/// leaves wakes one that may leave next: a crowd of threads must not wake up for one lock.
#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    arrived: Condvar,
    opened: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    open: bool,
}

impl Gate {
    fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.running += 1;
        self.arrived.notify_one();
        while !state.open {
            state = self.opened.wait(state).unwrap();
        }
        self.opened.notify_one();
    }

    fn wait_for(&self, count: usize) {
        let mut state = self.state.lock().unwrap();
        while state.running < count {
            state = self.arrived.wait(state).unwrap();
        }
    }

    fn open(&self) {
        self.state.lock().unwrap().open = true;
        self.opened.notify_one();
    }
}

/// Bytes of memory and of address space.
fn memory() -> Option<(f64, f64)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
    };
    Some((line("VmRSS:")?, line("VmSize:")?))
}

fn main() {
    let counts: &[usize] = if quick() { &[10, 100, 1_000] } else { &[10, 100, 1_000, 10_000] };
    let before = memory();
    for &count in counts {
        let gate = Gate::default();
        let start = Instant::now();
        let all = thread::scope(|s| {
            for _ in 0..count {
                // The computer may not have that many to give.
                if thread::Builder::new().spawn_scoped(s, || gate.wait()).is_err() {
                    gate.open();
                    return false;
                }
            }
            gate.wait_for(count);
            report(&format!("start-{count}"), start.elapsed().as_secs_f64(), "s");
            if let (Some(before), Some(now)) = (before, memory()) {
                report(&format!("resident-{count}"), (now.0 - before.0) / count as f64, "B");
                report(&format!("virtual-{count}"), (now.1 - before.1) / count as f64, "B");
            }
            gate.open();
            true
        });
        if !all {
            break;
        }
    }
}
