//! `mdbook test`, as stock mdBook runs it: through the command that `book.toml` names, without flags.
//!
//! A small book with its own chapters borrows the repository's `Cargo.toml`. The driver is the library
//! that mdBook's own binary is made of; `.ci/run` runs that binary on the whole book.

use std::{fs, path::Path, process::Command};

use xtask::{rustdoc, stamp::Stamps};

/// `mdbook test` on a book with this one chapter: whether it passed, and what it said.
///
/// rustdoc's report goes to standard error, so this happens in a process of its own: this test program
/// again, with the same test, which does the work when it comes here for the second time.
fn mdbook_test(chapter: &str) -> (bool, String) {
    if let Some(book) = std::env::var_os("BOOK_UNDER_TEST") {
        let result = mdbook_driver::MDBook::load(Path::new(&book)).and_then(|mut book| book.test(vec![]));
        if let Err(error) = &result {
            eprintln!("{error:#}");
        }
        std::process::exit(i32::from(result.is_err()));
    }
    let manifest = xtask::root().join("Cargo.toml");
    let stamps = Stamps::new(&xtask::rustc::target_dir(&xtask::root()).join("tmp"));
    let depends_on = (chapter, fs::read_to_string(&manifest).unwrap(), rustdoc::version().unwrap());
    if let Some((passed, said)) = stamps.passed(&depends_on).as_deref().and_then(|note| note.split_once('\n'))
    {
        return (passed == "true", said.to_string());
    }
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path();
    fs::create_dir_all(book.join("src/part")).unwrap();
    fs::write(book.join("src/SUMMARY.md"), "# Summary\n\n- [Chapter](part/chapter.md)\n").unwrap();
    fs::write(book.join("src/part/chapter.md"), chapter).unwrap();
    let config = format!(
        "[book]\ntitle = \"T\"\n[rust]\nedition = \"2024\"\n[preprocessor.snippets]\nbefore = [\"links\"]\ncommand = {:?}\n",
        format!("cargo run --quiet --manifest-path {} -- preprocess", shell_path(&manifest))
    );
    fs::write(book.join("book.toml"), config).unwrap();
    let this_test = std::thread::current().name().expect("libtest names its threads").to_string();
    let mut command = Command::new(std::env::current_exe().unwrap());
    // What Cargo told this test is nothing to the Cargo that mdBook starts.
    for (name, _) in xtask::cargo().get_envs() {
        command.env_remove(name);
    }
    let output = command
        .args(["--exact", &this_test, "--nocapture"])
        .env("BOOK_UNDER_TEST", book)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    stamps.record(&depends_on, &format!("{}\n{said}", output.status.success())).unwrap();
    (output.status.success(), said)
}

/// mdBook splits the command as a shell would.
fn shell_path(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\\', "/"))
}

const GOOD: &str = "# Chapter\n\nText.\n\n```rust\n# use std::thread;\nfn main() {\n    assert_eq!(thread::spawn(|| 2).join().unwrap(), 2);\n}\n```\n\n```rust\nfn main() {\n    assert!(ureq::get(\"http://127.0.0.1:1/\").call().is_err());\n}\n```\n\n```rust,should_panic\nfn main() {\n    ureq::get(\"http://127.0.0.1:1/\").call().unwrap();\n}\n```\n\n```rust,compile_fail,E0382\nfn main() {\n    let a = ureq::get(\"http://127.0.0.1:1/\");\n    drop(a);\n    drop(a);\n}\n```\n";

#[test]
fn programs_with_and_without_crates_pass() {
    let (passed, said) = mdbook_test(GOOD);
    assert!(passed, "{said}");
}

#[test]
fn a_wrong_assertion_fails_with_its_chapter_and_line() {
    let (passed, said) = mdbook_test(&GOOD.replace("unwrap(), 2)", "unwrap(), 3)"));
    assert!(!passed && said.contains("part/chapter.md - Chapter (line 5)"), "{said}");
    assert!(said.contains("assertion `left == right` failed"), "{said}");
}

#[test]
fn a_wrong_assertion_in_a_program_that_uses_a_crate() {
    let (passed, said) = mdbook_test(&GOOD.replace("is_err()", "is_ok()"));
    assert!(!passed && said.contains("part/chapter.md - Chapter (line 12)"), "{said}");
    assert!(said.contains("assertion failed: ureq::get"), "{said}");
}

#[test]
fn a_program_with_a_crate_that_does_not_compile() {
    let (passed, said) = mdbook_test(&GOOD.replace(".call().is_err()", ".call_me().is_err()"));
    assert!(!passed && said.contains("part/chapter.md - Chapter (line 12)"), "{said}");
    assert!(said.contains("src/part/chapter.md:12 does not compile") && said.contains("call_me"), "{said}");
    let (passed, said) = mdbook_test(&GOOD.replace(".call().unwrap()", ".call_me().unwrap()"));
    assert!(!passed && said.contains("part/chapter.md - Chapter (line 18)"), "{said}");
    let (passed, said) = mdbook_test(&GOOD.replace("    drop(a);\n    drop(a);\n", "    drop(a);\n"));
    assert!(!passed && said.contains("part/chapter.md - Chapter (line 24)"), "{said}");
}

#[test]
fn a_chapter_that_breaks_the_rules_fails_with_its_line() {
    let (passed, said) = mdbook_test(&GOOD.replace("```rust\n# use", "```rust,ignore\n# use"));
    assert!(!passed && said.contains("src/part/chapter.md:5: `ignore`"), "{said}");
}
