//! The chapters keep to the notation, and nothing in `src/` lies around unused.

use std::{collections::BTreeSet, fs};

use xtask::chapter::{self, Chapter};

#[test]
fn every_block_follows_the_notation() {
    if let Err(problems) = chapter::load_all(&xtask::root().join("src")) {
        let lines: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
        panic!("\n{lines}");
    }
}

#[test]
fn every_file_in_src_is_used_by_a_page() {
    let src = xtask::root().join("src");
    let chapters = chapter::load_all(&src).expect("the other test says what is wrong");
    let summary = fs::read_to_string(src.join("SUMMARY.md")).unwrap();
    let mut unused = Vec::new();
    for file in chapter::files_below(&src) {
        let used = match file.rsplit_once('.') {
            _ if file == "SUMMARY.md" => true,
            Some((_, "md")) => summary.contains(&format!("]({file})")),
            // A diagram's source belongs to the picture of the same name.
            Some((name, "mmd")) => is_shown(&chapters, &format!("{name}.svg")),
            _ => is_shown(&chapters, &file),
        };
        if !used {
            unused.push(file);
        }
    }
    assert!(unused.is_empty(), "in src/, but on no page: {unused:?}");
}

fn is_shown(chapters: &[Chapter], file: &str) -> bool {
    chapters.iter().any(|chapter| {
        let folder = chapter.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let relative = file.strip_prefix(folder).map(|rest| rest.trim_start_matches('/'));
        relative.is_some_and(|name| {
            chapter.source.contains(&format!("]({name})")) || chapter.source.contains(&format!("]({name} "))
        })
    })
}

#[test]
fn every_included_file_is_compiled_with_an_example() {
    let root = xtask::root();
    let chapters = chapter::load_all(&root.join("src")).expect("the other test says what is wrong");
    let included: BTreeSet<_> = chapters
        .iter()
        .flat_map(|chapter| {
            let folder = root.join("src").join(&chapter.path);
            let folder = folder.parent().unwrap().to_path_buf();
            chapter
                .blocks
                .iter()
                .flat_map(|block| &block.includes)
                .map(move |file| folder.join(file).canonicalize())
        })
        .collect::<Result<_, _>>()
        .unwrap();
    // Cargo notes what each program was built from. Under `cargo test` the examples are built already.
    for what in [["--examples"].as_slice(), &["--package", "deadlock"]] {
        let built = xtask::cargo().args(["build", "--quiet"]).args(what).current_dir(&root).status();
        assert!(built.unwrap().success(), "{what:?} does not build");
    }
    let programs = xtask::rustc::target_dir(&root).join("debug");
    let built_from: String = [programs.join("examples"), programs]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().flatten())
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "d"))
        .map(|entry| fs::read_to_string(entry.path()).unwrap())
        .collect();
    for file in included {
        let name = file.strip_prefix(root.canonicalize().unwrap()).unwrap().to_string_lossy().into_owned();
        assert!(
            built_from.replace('\\', "/").contains(&name.replace('\\', "/")),
            "{name} is on a page, but no example is built from it"
        );
    }
}
