//! Ten tasks that wait, one after another and in ten threads.

mod report;

use std::{thread, time::Duration};

use report::{quick, report, seconds};

fn main() {
    for (name, wait) in [("1.5", Duration::from_millis(1500)), ("1", Duration::from_millis(1000))] {
        let wait = if quick() { wait / 10 } else { wait };
        let sequential = seconds(|| {
            for _ in 0..10 {
                thread::sleep(wait);
            }
        });
        report(&format!("sequential-{name}"), sequential, "s");
        let threads = seconds(|| {
            thread::scope(|s| {
                for _ in 0..10 {
                    s.spawn(|| thread::sleep(wait));
                }
            });
        });
        report(&format!("threads-{name}"), threads, "s");
    }
}
