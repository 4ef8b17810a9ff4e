//! Every Python block runs under the reader's Python, ends as its fence says, and prints what the page
//! says.

use xtask::{
    chapter::{self, Chapter},
    check::Checker,
    run::side_by_side,
};

#[test]
fn every_python_block_runs() {
    let root = xtask::root();
    let chapters = chapter::load_all(&root.join("src")).expect("tests/fences.rs says what is wrong");
    let programs: Vec<_> = chapters.iter().flat_map(Chapter::programs).filter(|p| p.is_python()).collect();
    let checker = Checker::new(&root).unwrap();
    let python = match checker.python() {
        Ok(python) => python,
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs a Python: {why}");
            // To the terminal itself: libtest shows what a passing test prints only when asked.
            use std::io::Write;
            let _ = writeln!(
                std::io::stderr(),
                "\n*** {} Python blocks were SKIPPED: {why} ***\n",
                programs.len()
            );
            return;
        }
    };
    let results = side_by_side(&programs, |program| checker.check_unless_unchanged(*program));
    let problems: String = results
        .iter()
        .filter_map(|result| result.as_ref().err())
        .map(|problem| format!("{problem}\n"))
        .collect();
    let compared: usize = results.iter().flatten().map(|done| done.compared).sum();
    let unchanged = results.iter().flatten().filter(|done| done.unchanged).count();
    println!(
        "Python {}: {} blocks run, {compared} outputs compared; {unchanged} blocks unchanged since they passed",
        python.version,
        programs.len()
    );
    assert!(problems.is_empty(), "{problems}");
}
