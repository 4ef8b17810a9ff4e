//! Gives skeptic every program that it can test, so that `tests/skeptic.rs` has a test for each.

use std::{env, fs, path::Path};

use xtask::{chapter, skeptic as programs};

fn main() {
    for folder in ["build.rs", "src", "examples"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let src = Path::new("src");
    let mut chapters = Vec::new();
    for path in chapter::markdown_files(src) {
        match chapter::Chapter::load(src, &path) {
            Ok(chapter) => chapters.push(chapter),
            // The build goes on, so that the other chapters can be worked on. tests/fences.rs fails.
            Err(problems) => problems.iter().for_each(|problem| println!("cargo::warning={problem}")),
        }
    }
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let files = programs::write(&chapters, &Path::new(&out).join("chapters")).expect("OUT_DIR is writable");
    skeptic::generate_doc_tests(&files);

    // skeptic writes an executable and runs it at once. A process that another thread starts at that
    // moment holds the file open for a little, and then Linux refuses to run it. tests/skeptic.rs
    // tries again.
    let tests = Path::new(&out).join("skeptic-tests.rs");
    let text = fs::read_to_string(&tests).expect("skeptic has written its tests");
    let text = text.replace("skeptic::rt::run_test(", "crate::run_test(");
    fs::write(&tests, text).expect("OUT_DIR is writable");
}
