//! A program in `examples/`, as a test finds it: built, and tested again only when something has changed.

use std::{
    env, fs,
    hash::Hash,
    path::{Path, PathBuf},
};

use crate::stamp::Stamps;

/// Builds the example in the profile of the test that calls this, and returns its executable. Under
/// `cargo test` it is built already; `cargo test --test NAME` builds no examples.
///
/// # Panics
///
/// When it does not build; Cargo has said why.
pub fn built(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("a test stands in target/PROFILE/deps");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let status = crate::cargo()
        .current_dir(crate::root())
        .args(["build", "--quiet", "--example", name, "--profile", profile])
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the example {name} does not build");
    folder.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// Runs a long test of `program`, unless `what` has passed with this very executable and everything in
/// `test`, which is the test's own text. With `CI` set it always runs.
///
/// # Panics
///
/// When the executable cannot be read, or as `run` does.
pub fn unless_unchanged(what: &str, program: &Path, test: impl Hash, run: impl FnOnce()) {
    let stamps = Stamps::new(&crate::rustc::target_dir(&crate::root()).join("tmp"));
    let depends_on = (what, fs::read(program).expect("the example is built"), test);
    if stamps.passed(&depends_on).is_some() {
        println!("{what}: unchanged since it passed");
        return;
    }
    run();
    stamps.record(&depends_on, "").expect("target/ is writable");
}
