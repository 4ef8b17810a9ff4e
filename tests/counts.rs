//! How many blocks the book has, counted twice, and what becomes of each: nothing is skipped quietly.

use std::{collections::BTreeMap, fs};

use xtask::{
    chapter::{self, Chapter},
    fence::{Edition, Ending, Fence, Role, Shown},
    rustdoc, skeptic,
};

#[test]
fn every_block_is_accounted_for() {
    let src = xtask::root().join("src");
    let chapters = chapter::load_all(&src).expect("tests/fences.rs says what is wrong");

    // Once from the parsed chapters, by what happens to a block.
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for block in chapters.iter().flat_map(|chapter| &chapter.blocks) {
        *kinds.entry(kind(&block.fence)).or_default() += 1;
    }
    let all: usize = kinds.values().sum();

    // And once from the files, by their backticks, with nothing of what the parser knows.
    let mut fences = 0;
    let mut rust_fences = 0;
    let mut python_fences = 0;
    for path in chapter::markdown_files(&src) {
        let mut open: Option<String> = None;
        for line in fs::read_to_string(src.join(path)).unwrap().lines() {
            let ticks: String = line.chars().take_while(|c| *c == '`').collect();
            match &open {
                None if ticks.len() >= 3 => {
                    fences += 1;
                    let language = line[ticks.len()..].split(',').next().unwrap();
                    rust_fences += usize::from(language == "rust");
                    python_fences += usize::from(language == "python");
                    open = Some(ticks);
                }
                Some(opening) if ticks.len() >= opening.len() && line.trim() == ticks => open = None,
                _ => {}
            }
        }
        assert_eq!(open, None, "a fence is open at the end of the file");
    }

    let of = |name: &str| kinds.get(name).copied().unwrap_or(0);
    let rust: usize = kinds.iter().filter(|(name, _)| name.starts_with("Rust")).map(|(_, count)| count).sum();
    let python: usize =
        kinds.iter().filter(|(name, _)| name.starts_with("Python")).map(|(_, count)| count).sum();
    for (name, count) in &kinds {
        println!("{count:5} {name}");
    }
    println!("{all:5} blocks in {} chapters; {rust} Rust, {python} Python", chapters.len());
    assert_eq!((all, rust, python), (fences, rust_fences, python_fences), "the two counts agree");

    // What each of the tools has to do adds up to what there is.
    let by_skeptic: usize = chapters.iter().map(skeptic::expected_tests).sum();
    let by_rustdoc: usize = chapters.iter().map(rustdoc::expected_tests).sum();
    let in_2024_only = chapters
        .iter()
        .flat_map(Chapter::programs)
        .filter(|program| program.block.edition() == Some(Edition::E2024))
        .filter(|program| !matches!(program.block.role(), Some(Role::CompileFail(_))))
        .count();
    let not_programs = of("Rust excerpts, compiled with their example") + of("Rust tests of exercises");
    println!("{by_rustdoc:5} by rustdoc, {by_skeptic} by skeptic, {in_2024_only} in edition 2024 only");
    assert_eq!(by_rustdoc, rust - not_programs);
    assert_eq!(by_skeptic, by_rustdoc - of("Rust programs that must not compile") - in_2024_only);
    assert_eq!(of("Rust exercises"), of("Rust tests of exercises"));
    assert_eq!(of("Rust exercises"), of("Rust solutions"));
    assert!(rust > 0 && python > 0, "the book has programs");
}

fn kind(fence: &Fence) -> &'static str {
    match fence {
        Fence::Rust(rust) => match rust.role {
            Role::Program(Ending::Succeeds) => "Rust programs that run",
            Role::Program(Ending::Fails) => "Rust programs that must panic",
            Role::Program(Ending::Hangs) => "Rust programs that must hang",
            Role::CompileFail(_) => "Rust programs that must not compile",
            Role::Excerpt => "Rust excerpts, compiled with their example",
            Role::Starter => "Rust exercises",
            Role::Tests => "Rust tests of exercises",
            Role::Solution => "Rust solutions",
        },
        Fence::Python(Ending::Succeeds) => "Python programs that run",
        Fence::Python(Ending::Fails) => "Python programs that must fail",
        Fence::Python(Ending::Hangs) => "Python programs that must hang",
        Fence::Shown(Shown::Output | Shown::UnorderedOutput) => "outputs",
        Fence::Shown(Shown::Stderr) => "standard errors",
        Fence::Shown(Shown::Error) => "compiler messages",
        Fence::Console => "commands to type",
        Fence::Manifest => "manifest lines",
    }
}
