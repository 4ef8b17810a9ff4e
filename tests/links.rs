//! No link in the rendered book leads nowhere: every file and every anchor that a page names is there.
//!
//! Links to other hosts are not followed; the tests need no network.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use xtask::chapter::files_below;

/// The values of `attribute="…"` in a page that mdBook wrote.
fn attributes<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.match_indices(&opening).filter_map(|(at, _)| html[at + opening.len()..].split('"').next()).collect()
}

/// Every link from a page to nowhere, as `page: link`.
fn dead_links(book: &Path) -> Vec<String> {
    let files: BTreeSet<String> = files_below(book).into_iter().collect();
    let pages: BTreeMap<&String, String> = files
        .iter()
        .filter(|file| file.ends_with(".html"))
        .map(|file| (file, fs::read_to_string(book.join(file)).unwrap()))
        .collect();
    let ids: BTreeMap<&String, BTreeSet<&str>> =
        pages.iter().map(|(page, html)| (*page, attributes(html, "id").into_iter().collect())).collect();
    let mut dead = Vec::new();
    for (page, html) in &pages {
        // The page for wrong addresses can be shown at any depth, so its links begin at the root.
        let folder = if *page == "404.html" { Path::new("") } else { Path::new(page).parent().unwrap() };
        for link in attributes(html, "href").into_iter().chain(attributes(html, "src")) {
            if link.contains(':') || link.starts_with("//") || link.is_empty() {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = match file.split('?').next().unwrap() {
                "" => (*page).clone(),
                file => normal(&folder.join(file.trim_start_matches('/'))),
            };
            let file =
                if file.is_empty() || file.ends_with('/') { format!("{file}index.html") } else { file };
            let anchor = anchor.replace("%60", "`");
            let there = files.contains(&file)
                && (anchor.is_empty() || ids.get(&file).is_some_and(|ids| ids.contains(anchor.as_str())));
            if !there {
                dead.push(format!("{page}: {link}"));
            }
        }
    }
    dead
}

/// The path without `..`, with forward slashes.
fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    parts.join("/")
}

#[test]
fn no_link_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    xtask::book::build(&xtask::root(), folder.path()).unwrap();
    let dead = dead_links(folder.path());
    assert!(dead.is_empty(), "links that lead nowhere:\n{}", dead.join("\n"));
}

#[test]
fn a_dead_link_is_found() {
    let folder: PathBuf = tempfile::tempdir().unwrap().keep();
    let page = r##"<p id="here"><a href="#here">1</a> <a href="part/other.html#there">2</a> <a href="https://example.org/x">3</a></p>"##;
    fs::create_dir_all(folder.join("part")).unwrap();
    fs::write(folder.join("index.html"), page).unwrap();
    fs::write(folder.join("part/other.html"), r#"<p id="there"><a href="../index.html">1</a></p>"#).unwrap();
    assert_eq!(dead_links(&folder), [] as [&str; 0]);
    fs::write(folder.join("part/other.html"), r#"<p id="else"><a href="../nothing.html">1</a></p>"#).unwrap();
    assert_eq!(
        dead_links(&folder),
        ["index.html: part/other.html#there", "part/other.html: ../nothing.html"]
    );
    fs::remove_dir_all(folder).unwrap();
}
