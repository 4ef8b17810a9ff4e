//! `examples/deadlock` reports the deadlock that it makes, as the chapter on deadlocks says.

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

#[test]
fn the_detector_names_both_threads() {
    // A package of its own, because the detector slows every lock of the programs it is linked with.
    let mut run = xtask::cargo()
        .args(["run", "--quiet", "--package", "deadlock"])
        .current_dir(xtask::root())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo starts");
    let end = Instant::now() + Duration::from_secs(240);
    while run.try_wait().expect("it is our child").is_none() {
        if Instant::now() > end {
            run.kill().expect("it is our child");
            panic!("the detector saw nothing for four minutes, of which building it takes a part");
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
