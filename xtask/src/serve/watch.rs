//! Waiting for a file to change.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvError},
    time::Duration,
};

use notify_debouncer_mini::{
    DebounceEventResult, Debouncer, new_debouncer,
    notify::{self, RecommendedWatcher, RecursiveMode},
};

/// What a page is made from.
const FOLDERS: [&str; 4] = ["src", "theme", "examples", "measurements"];
const FILES: [&str; 2] = ["book.toml", "Cargo.toml"];

/// Editors write a file in several steps; a build between two of them would only report the gap.
const SETTLED: Duration = Duration::from_millis(100);

/// The files that a page is made from, and what was in them.
///
/// The system only says *that* something happened, and says it also when a file was read, touched, or
/// replaced by itself. What counts is whether a file's content differs from the one that was built.
pub struct Watch {
    root: PathBuf,
    seen: Contents,
    events: Receiver<DebounceEventResult>,
    debouncer: Debouncer<RecommendedWatcher>,
}

type Contents = BTreeMap<PathBuf, u64>;

impl Watch {
    pub fn new(root: &Path) -> notify::Result<Self> {
        let (sender, events) = mpsc::channel();
        let debouncer = new_debouncer(SETTLED, sender)?;
        let mut watch = Self { root: root.to_path_buf(), seen: Contents::new(), events, debouncer };
        // Not recursive: the folder holds `target`, too. It is watched for files that an editor replaces,
        // and for folders that come and go.
        watch.debouncer.watcher().watch(root, RecursiveMode::NonRecursive)?;
        watch.folders();
        watch.seen = contents(&watch.root);
        Ok(watch)
    }

    /// Waits until the files differ from those of the last call, and names one that does.
    pub fn wait(&mut self) -> Result<PathBuf, RecvError> {
        loop {
            let now = contents(&self.root);
            if let Some(path) = difference(&self.seen, &now) {
                let path = path.strip_prefix(&self.root).unwrap_or(path).to_path_buf();
                self.seen = now;
                return Ok(path);
            }
            if let Err(error) = self.events.recv()? {
                eprintln!("warning: watching the book's files: {error}");
            }
            while self.events.try_recv().is_ok() {}
            self.folders();
        }
    }

    /// Watches the folders that are there. Watching one again is no error; one that was removed and
    /// created anew has to be.
    fn folders(&mut self) {
        for folder in FOLDERS.map(|name| self.root.join(name)).iter().filter(|folder| folder.is_dir()) {
            if let Err(error) = self.debouncer.watcher().watch(folder, RecursiveMode::Recursive) {
                eprintln!("warning: cannot watch {}: {error}", folder.display());
            }
        }
    }
}

/// The first file that is new, gone, or different.
fn difference<'a>(old: &'a Contents, new: &'a Contents) -> Option<&'a Path> {
    let changed = new.iter().find(|(path, content)| old.get(*path) != Some(content));
    let gone = || old.iter().find(|(path, _)| !new.contains_key(*path));
    changed.or_else(gone).map(|(path, _)| path.as_path())
}

fn contents(root: &Path) -> Contents {
    let mut contents = Contents::new();
    for file in FILES {
        read(root.join(file), &mut contents);
    }
    for folder in FOLDERS {
        walk(&root.join(folder), &mut contents);
    }
    contents
}

/// A folder that cannot be read is empty: it may be gone again already.
fn walk(folder: &Path, contents: &mut Contents) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_scratch(&entry.file_name()) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), contents),
            _ => read(entry.path(), contents),
        }
    }
}

fn read(file: PathBuf, contents: &mut Contents) {
    if let Ok(bytes) = fs::read(&file) {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        contents.insert(file, hasher.finish());
    }
}

/// What editors leave beside the file that is being written: `.x.md.swp`, `.#x.md`, `#x.md#`, `x.md~`.
fn is_scratch(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(['.', '#']) || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_new_changed_or_gone() {
        let files = |list: &[(&str, u64)]| -> Contents {
            list.iter().map(|&(path, content)| (path.into(), content)).collect()
        };
        let old = files(&[("a", 1), ("b", 2)]);
        assert_eq!(difference(&old, &files(&[("a", 1), ("b", 2)])), None);
        assert_eq!(difference(&old, &files(&[("a", 1), ("b", 3)])), Some(Path::new("b")));
        assert_eq!(difference(&old, &files(&[("b", 2)])), Some(Path::new("a")));
        assert_eq!(difference(&old, &files(&[("a", 1), ("b", 2), ("c", 3)])), Some(Path::new("c")));
    }

    #[test]
    fn leaves_out_what_editors_leave_behind() {
        for name in [".a.md.swp", ".#a.md", "#a.md#", "a.md~"] {
            assert!(is_scratch(OsStr::new(name)), "{name}");
        }
        assert!(!is_scratch(OsStr::new("a.md")));
    }
}
