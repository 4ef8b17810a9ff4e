//! Starting one of each kind of worker and waiting for its end.

mod report;

use std::{env, process, thread};

use report::{quick, report, seconds};

/// Seconds that one call takes, from many in a row; the first few are not counted.
fn each(times: u32, mut call: impl FnMut()) -> f64 {
    for _ in 0..times / 10 {
        call();
    }
    seconds(|| (0..times).for_each(|_| call())) / f64::from(times)
}

fn main() {
    if env::args().any(|argument| argument == "--do-nothing") {
        return;
    }
    let times = if quick() { 500 } else { 5_000 };

    report("thread", each(times, || thread::spawn(|| {}).join().unwrap()), "s");

    let scoped = each(times, || {
        thread::scope(|s| {
            s.spawn(|| {});
        });
    });
    report("scoped-thread", scoped, "s");

    // The caller is no thread of the pool, as the caller of a ThreadPoolExecutor is none.
    let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
    report("pool-task", each(times, || pool.install(|| {})), "s");

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let tasks = times * 10;
        for _ in 0..tasks / 10 {
            tokio::spawn(async {}).await.unwrap();
        }
        let start = std::time::Instant::now();
        for _ in 0..tasks {
            tokio::spawn(async {}).await.unwrap();
        }
        report("async-task", start.elapsed().as_secs_f64() / f64::from(tasks), "s");
    });

    let this_program = env::current_exe().unwrap();
    let process = each(if quick() { 10 } else { 100 }, || {
        let status = process::Command::new(&this_program).arg("--do-nothing").status().unwrap();
        assert!(status.success());
    });
    report("process", process, "s");
}
