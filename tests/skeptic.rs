//! Every program in the book compiles and runs in edition 2021, as skeptic sees it.
//!
//! A test is named after its chapter and line. Programs that must not compile are left to
//! `compiler_errors.rs`, and those for edition 2024 only to `rustdoc.rs`.

include!(concat!(env!("OUT_DIR"), "/skeptic-tests.rs"));

mod count {
    use xtask::{chapter, skeptic};

    #[test]
    fn every_program_has_its_test() {
        let chapters =
            chapter::load_all(&xtask::root().join("src")).expect("tests/fences.rs says what is wrong");
        let expected: usize = chapters.iter().map(skeptic::expected_tests).sum();
        let generated = include_str!(concat!(env!("OUT_DIR"), "/skeptic-tests.rs"));
        let found = generated.lines().filter(|line| line.starts_with("#[test] fn ")).count();
        println!("skeptic: {found} programs");
        assert_eq!(found, expected, "skeptic does not see what the book has");
    }
}
