//! Gives skeptic every program that it can test, so that `tests/skeptic.rs` has a test for each.

use std::{env, path::Path};

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
}
