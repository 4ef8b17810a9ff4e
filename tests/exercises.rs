//! Every exercise's starter compiles and fails its tests; every solution passes them.

use xtask::{
    chapter::{self, Chapter},
    exercise,
    rustc::Compiler,
};

#[test]
fn starters_fail_and_solutions_pass() {
    let root = xtask::root();
    let chapters = chapter::load_all(&root.join("src")).expect("tests/fences.rs says what is wrong");
    let exercises: Vec<_> = chapters.iter().flat_map(Chapter::exercises).collect();
    let compiler = Compiler::new(&root).unwrap();
    let report = exercise::check(&compiler, &exercises).unwrap();
    let problems: String = report.problems.iter().map(|problem| format!("{problem}\n")).collect();
    println!("exercises: {}, with {} tests", exercises.len(), report.tests);
    assert!(problems.is_empty(), "{problems}");
    assert!(!exercises.is_empty());
}
