//! A program that must not compile does not, for the reason that its fence names, and the message on
//! the page is the compiler's.
//!
//! The message is compared word by word with the compiler that `Cargo.toml` names. Another version
//! may word it differently; then the error code and the line must agree.

use xtask::{
    chapter::{self, Chapter},
    check::Checker,
    fence::Role,
    run::side_by_side,
};

#[test]
fn every_compile_fail_block_fails_as_the_page_says() {
    let root = xtask::root();
    let chapters = chapter::load_all(&root.join("src")).expect("tests/fences.rs says what is wrong");
    let checker = Checker::new(&root).unwrap();
    let programs: Vec<_> = chapters
        .iter()
        .flat_map(Chapter::programs)
        .filter(|program| matches!(program.block.role(), Some(Role::CompileFail(_))))
        .collect();
    let results = side_by_side(&programs, |program| checker.check_unless_unchanged(*program));
    let problems: String = results
        .iter()
        .filter_map(|result| result.as_ref().err())
        .map(|problem| format!("{problem}\n"))
        .collect();
    let compared: usize = results.iter().flatten().map(|done| done.compared).sum();
    let unchanged = results.iter().flatten().filter(|done| done.unchanged).count();
    println!(
        "compiler errors: {} programs refused, {compared} messages compared {}; {unchanged} unchanged since",
        programs.len(),
        if checker.is_reference() { "word by word" } else { "by code and line (another compiler)" }
    );
    assert!(problems.is_empty(), "{problems}");
}
