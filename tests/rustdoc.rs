//! Every Rust block passes under rustdoc in edition 2024, in the form that stock `mdbook test` gives it,
//! and rustdoc drops none.

use xtask::{
    chapter,
    run::side_by_side,
    rustdoc::{self, LazyCompiler, Verdict},
    stamp::Stamps,
};

#[test]
fn every_block_passes_under_rustdoc() {
    let root = xtask::root();
    let chapters = chapter::load_all(&root.join("src")).expect("tests/fences.rs says what is wrong");
    let compiler = LazyCompiler::new(&root).unwrap();
    let stamps = Stamps::new(compiler.get().unwrap().cache());
    let version = rustdoc::version().unwrap();
    let verdicts =
        side_by_side(&chapters, |chapter| rustdoc::test(chapter, &compiler, &version, &stamps).unwrap());
    let (mut tested, mut unchanged) = (0, 0);
    let mut failures = String::new();
    for (chapter, verdict) in chapters.iter().zip(verdicts) {
        let expected = rustdoc::expected_tests(chapter);
        let count = match verdict {
            Verdict::Passed(count) => count,
            Verdict::Unchanged(count) => {
                unchanged += count;
                count
            }
            Verdict::Failed(report) => {
                failures.push_str(&format!("src/{}\n{report}\n", chapter.path));
                continue;
            }
        };
        assert_eq!(count, expected, "rustdoc tested {count} of {expected} blocks in src/{}", chapter.path);
        tested += count;
    }
    println!("rustdoc: {tested} blocks passed, of which {unchanged} are unchanged since they passed");
    assert!(failures.is_empty(), "{failures}");
}
