//! What the page says a program prints is what it prints; a program that is said to hang hangs; a panic
//! is a panic.

use xtask::{
    chapter::{self, Chapter},
    check::Checker,
    fence::{Ending, Role},
    run::side_by_side,
};

#[test]
fn every_shown_output_is_what_the_program_printed() {
    let root = xtask::root();
    let chapters = chapter::load_all(&root.join("src")).expect("tests/fences.rs says what is wrong");
    let checker = Checker::new(&root).unwrap();
    let programs: Vec<_> = chapters
        .iter()
        .flat_map(Chapter::programs)
        .filter(|program| !program.is_python() && !matches!(program.block.role(), Some(Role::CompileFail(_))))
        // The others have nothing to compare; skeptic and rustdoc run them.
        .filter(|program| program.shown().next().is_some() || program.ending() != Some(Ending::Succeeds))
        .filter(|program| program.ending().is_some())
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
        "outputs: {} programs run, {compared} blocks compared; {unchanged} programs unchanged since they passed",
        programs.len()
    );
    assert!(problems.is_empty(), "{problems}");
    let shown: usize = programs.iter().map(|program| program.shown().count()).sum();
    assert_eq!(compared, shown, "every block is compared");
}
