//! Every program in the book compiles and runs in edition 2021, as skeptic sees it.
//!
//! A test is named after its chapter and line. Programs that must not compile are left to
//! `compiler_errors.rs`, and those for edition 2024 only to `rustdoc.rs`.

include!(concat!(env!("OUT_DIR"), "/skeptic-tests.rs"));

/// `skeptic::rt::run_test`, once more when the system was still busy with the executable's file.
fn run_test(root: &str, out: &str, target: &str, program: &str) {
    for _ in 0..10 {
        let run = || skeptic::rt::run_test(root, out, target, program);
        let Err(panic) = std::panic::catch_unwind(run) else { return };
        let busy = panic.downcast_ref::<String>().is_some_and(|message| message.contains("Text file busy"));
        if !busy {
            std::panic::resume_unwind(panic);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the executable's file stays busy");
}

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
