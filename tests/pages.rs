//! What every rendered page keeps: it loads nothing from another host, and needs no diagram library.

use std::fs;

use xtask::chapter::files_below;

#[test]
fn no_page_loads_anything_from_another_host() {
    let folder = tempfile::tempdir().unwrap();
    xtask::book::build(&xtask::root(), folder.path()).unwrap();
    let mut pages = 0;
    for file in files_below(folder.path()) {
        if !file.ends_with(".html") {
            continue;
        }
        pages += 1;
        let html = fs::read_to_string(folder.path().join(&file)).unwrap();
        for element in ["<script", "<link", "<img", "<iframe", "<source"] {
            for (at, _) in html.match_indices(element) {
                let tag = html[at..].split('>').next().unwrap();
                assert!(!tag.contains("//"), "{file} loads from another host: {tag}");
            }
        }
        assert!(!html.contains("mermaid"), "{file} speaks of a diagram library");
        assert!(!html.contains("{{#"), "{file} shows a directive that nobody expanded");
    }
    assert!(pages > 5, "the book has pages");
}
