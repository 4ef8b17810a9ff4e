//! Each kind of check fails when what it checks is broken, and its report names the chapter and line.
//!
//! What was seen to fail is not tried again until the checks change, except in CI.

use std::{fs, path::Path, sync::LazyLock, time::Duration};

use xtask::{chapter::Chapter, check::Checker, exercise, fence::Role, rustc::Compiler};

static CHECKER: LazyLock<Checker> =
    LazyLock::new(|| Checker::new(&xtask::root()).unwrap().with_limit(Duration::from_secs(2)));

/// Checks the first program of a chapter with this text and returns the report.
fn report(markdown: &str) -> String {
    let chapter =
        Chapter::parse(Path::new("src"), "part/chapter.md", markdown).expect("it keeps to the notation");
    let program = chapter.programs().next().expect("a program");
    match CHECKER.check(program) {
        Ok(_) => String::from("passed"),
        Err(problem) => problem.to_string(),
    }
}

/// `right` passes; with `from` replaced by `to` it fails at `line` and says `words`.
#[track_caller]
fn breaks(right: &str, from: &str, to: &str, line: usize, words: &str) {
    let python = CHECKER.python().map(|python| &python.version);
    let depends_on = (right, from, to, line, words, CHECKER.compiler().release(), python);
    if CHECKER.stamps().passed(depends_on).is_some() {
        return;
    }
    assert_eq!(report(right), "passed");
    let wrong = right.replace(from, to);
    assert_ne!(wrong, right);
    let report = report(&wrong);
    assert!(report.starts_with(&format!("src/part/chapter.md:{line}: ")), "{report}");
    assert!(report.contains(words), "{report}");
    CHECKER.stamps().record(depends_on, "").unwrap();
}

const PRINTS: &str = "# T\n\n```rust\nfn main() {\n    println!(\"one\");\n    println!(\"two\");\n}\n```\n\n```output\none\ntwo\n```\n";

#[test]
fn a_wrong_output() {
    breaks(PRINTS, "\none\n", "\nthree\n", 10, "standard output is not what the page shows");
}

#[test]
fn a_wrong_order() {
    breaks(PRINTS, "one\ntwo\n```", "two\none\n```", 10, "standard output is not what the page shows");
}

#[test]
fn a_wrong_set_of_lines() {
    let any_order = PRINTS.replace("output\none\ntwo", "output,unordered\ntwo\none");
    breaks(&any_order, "two\none", "two\ntwo", 10, "standard output is not what the page shows");
}

#[test]
fn a_wrong_assertion() {
    let right = "```rust\nfn main() {\n    assert_eq!(1 + 1, 2);\n}\n```\n";
    breaks(right, "2)", "3)", 1, "assertion `left == right` failed");
}

#[test]
fn a_program_that_does_not_compile() {
    breaks("```rust\nfn main() {}\n```\n", "{}", "{ nothing() }", 1, "error[E0425]");
}

#[test]
fn a_program_that_hangs() {
    let right = "```rust\nfn main() {}\n```\n";
    breaks(right, "{}", "{ loop { std::thread::park() } }", 1, "hung: it did not end within 2 s");
}

#[test]
fn a_program_that_should_hang_and_ends() {
    let right = "```rust,no_run,hangs\nfn main() {\n    println!(\"before\");\n    loop { std::thread::park() }\n}\n```\n\n```output\nbefore\n```\n";
    breaks(right, "    loop { std::thread::park() }\n", "", 1, "ends by itself");
    breaks(right, "```output\nbefore", "```output\nafter", 8, "standard output is not what the page shows");
}

#[test]
fn a_panic_that_does_not_come() {
    breaks(
        "```rust,should_panic\nfn main() {\n    panic!(\"no\")\n}\n```\n",
        "panic!(\"no\")",
        "",
        1,
        "ends well",
    );
    breaks(
        "```rust,should_panic\nfn main() {\n    panic!(\"no\")\n}\n```\n",
        "panic!(\"no\")",
        "std::process::exit(7)",
        1,
        "does not panic",
    );
}

#[test]
fn wrong_words_on_standard_error() {
    let right = "```rust,should_panic\nfn main() {\n    panic!(\"no\")\n}\n```\n\n```stderr\nthread 'main' (…) panicked at src/main.rs:2:5:\nno\nnote: …\n```\n";
    breaks(right, "\nno\n", "\nyes\n", 7, "standard error is not what the page shows");
}

const REFUSED: &str =
    "```rust,compile_fail,E0382\nfn main() {\n    let a = vec![1];\n    drop(a);\n    drop(a);\n}\n```\n\n";

#[test]
fn a_program_that_compiles_and_should_not() {
    breaks(
        REFUSED,
        "    drop(a);\n    drop(a);\n",
        "    drop(a);\n",
        1,
        "compiles; it should fail with E0382",
    );
}

#[test]
fn another_error_than_the_fence_says() {
    breaks(REFUSED, "E0382", "E0373", 1, "does not fail with E0373 alone");
    breaks(REFUSED, "let a = vec![1];", "let a = vec![1]; nothing();", 1, "does not fail with E0382 alone");
}

#[test]
fn a_compiler_message_that_is_not_the_compilers() {
    let chapter =
        Chapter::parse(Path::new("src"), "part/chapter.md", &format!("{REFUSED}```error\n```\n")).unwrap();
    let stale = CHECKER.stale(chapter.programs().next().unwrap()).unwrap();
    let right = format!("{REFUSED}```error\n{}```\n", stale[0].1);
    assert!(right.contains("src/main.rs:4:10"), "{right}");
    breaks(
        &right,
        "src/main.rs:4:10",
        "src/main.rs:5:10",
        9,
        "the compiler's message is not what the page shows",
    );
    if CHECKER.is_reference() {
        breaks(&right, "use of moved value", "use of a moved value", 9, "the compiler's message");
    }
}

#[test]
fn a_python_block() {
    if CHECKER.python().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI needs a Python");
        eprintln!("*** no Python: that its check can fail was not tested ***");
        return;
    }
    let right = "```python\nprint(\"one\")\n```\n\n```output\none\n```\n";
    breaks(right, "output\none", "output\ntwo", 5, "standard output is not what the page shows");
    breaks(right, "print(", "import nothing_of_that_name\nprint(", 1, "ModuleNotFoundError");
    breaks("```python,fails\nraise ValueError\n```\n", "raise ValueError", "pass", 1, "ends well");
    let hangs = "```python,hangs\nimport time\nprint(1)\ntime.sleep(60)\n```\n\n```output\n1\n```\n";
    breaks(hangs, "time.sleep(60)", "", 1, "ends by itself");
    breaks("```python\nimport time\n```\n", "import time", "import time\ntime.sleep(60)", 1, "hung");
}

const EXERCISE: &str = "### E {#exercise-e}\n\n```rust,no_run,starter\nfn two() -> u32 { todo!() }\nfn main() {}\n```\n\n```rust,tests\n#[test]\nfn is_two() { assert_eq!(two(), 2) }\n```\n\n```rust,solution\nfn two() -> u32 { 2 }\nfn main() {}\n```\n";

#[track_caller]
fn exercise_breaks(from: &str, to: &str, line: usize, words: &str) {
    let compiler = Compiler::without_crates(&xtask::root()).unwrap();
    let problems = |text: &str| -> Vec<String> {
        let chapter = Chapter::parse(Path::new("src"), "part/chapter.md", text).unwrap();
        let exercises: Vec<_> = chapter.exercises().collect();
        exercise::check(&compiler, &exercises).unwrap().problems.iter().map(ToString::to_string).collect()
    };
    assert_eq!(problems(EXERCISE), [] as [String; 0]);
    let found = problems(&EXERCISE.replace(from, to)).join("\n");
    assert!(found.starts_with(&format!("src/part/chapter.md:{line}: ")) && found.contains(words), "{found}");
}

#[test]
fn an_exercise_with_nothing_left_to_do() {
    exercise_breaks("todo!()", "2", 3, "the starter passes its tests");
}

#[test]
fn an_exercise_whose_solution_is_wrong() {
    exercise_breaks("{ 2 }", "{ 3 }", 13, "the solution fails its tests");
}

#[test]
fn an_exercise_that_does_not_compile() {
    exercise_breaks("todo!()", "nothing()", 3, "the starter and its tests do not compile");
    exercise_breaks("#[test]\n", "", 3, "the starter passes its tests");
}

/// An excerpt or a program from `examples/` that is not there is a problem of the chapter.
#[test]
fn an_include_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("examples")).unwrap();
    fs::write(folder.path().join("examples/a.rs"), "// ANCHOR: one\nfn one() {}\n// ANCHOR_END: one\n")
        .unwrap();
    let text = "```rust,excerpt\n{{#include examples/a.rs:one}}\n```\n";
    let chapter = Chapter::parse(folder.path(), "chapter.md", text).unwrap();
    assert_eq!(chapter.blocks[0].role(), Some(&Role::Excerpt));
    assert_eq!(chapter.blocks[0].text, "fn one() {}\n");
    let problems = Chapter::parse(folder.path(), "chapter.md", &text.replace(":one", ":two")).unwrap_err();
    assert!(problems[0].to_string().starts_with("src/chapter.md:2: "), "{}", problems[0]);
}
