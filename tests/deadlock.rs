//! `examples/deadlock.rs` reports the deadlock that it makes, as the chapter on deadlocks says.

use std::{
    env,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

#[test]
fn the_detector_names_both_threads() {
    // Cargo builds a package's examples before its tests run, beside the folder of the tests.
    let here = env::current_exe().expect("the test has a path");
    let example = here.ancestors().nth(2).expect("…/deps/test").join("examples/deadlock");
    let example = example.with_extension(env::consts::EXE_EXTENSION);
    let mut run = Command::new(&example)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error} (`cargo build --examples` makes it)", example.display()));
    let end = Instant::now() + Duration::from_secs(60);
    while run.try_wait().expect("it is our child").is_none() {
        if Instant::now() > end {
            run.kill().expect("it is our child");
            panic!("the detector saw nothing for a minute");
        }
        thread::sleep(Duration::from_millis(20));
    }
    let output = run.wait_with_output().expect("it has ended");
    assert!(output.status.success(), "{}", output.status);
    let printed = String::from_utf8(output.stdout).expect("it prints text");
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], "2 threads wait for each other");
    // Elsewhere a stack may have no names without debug information.
    if cfg!(unix) {
        let named = ["alice_pays_bob: in 1 of the stacks", "bob_pays_alice: in 1 of the stacks"];
        assert_eq!(lines[1..], named);
    }
}
