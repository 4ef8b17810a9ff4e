//! What has passed already, and need not be done again while nothing that it depends on has changed.
//!
//! `cargo test` is to be run at every edit, so a program whose text, expectations, compiler and crates
//! are those with which it passed is not run again. The tests say how many that were. With `CI` set,
//! everything is run.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

/// The record of what has passed.
#[derive(Clone, Debug)]
pub struct Stamps {
    folder: PathBuf,
    trusted: bool,
}

impl Stamps {
    /// The record kept in `folder`.
    pub fn new(folder: &Path) -> Stamps {
        Stamps { folder: folder.to_path_buf(), trusted: env::var_os("CI").is_none() }
    }

    /// What was noted when this passed; `None` when it has not, or under `CI`.
    ///
    /// `depends_on` is everything that the result depends on. This tool itself is added to it.
    pub fn passed(&self, depends_on: impl Hash) -> Option<String> {
        if !self.trusted {
            return None;
        }
        fs::read_to_string(self.file(depends_on)).ok()
    }

    /// Notes that this has passed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn record(&self, depends_on: impl Hash, note: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        fs::write(self.file(depends_on), note)
    }

    fn file(&self, depends_on: impl Hash) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        depends_on.hash(&mut hasher);
        TOOL.hash(&mut hasher);
        self.folder.join(format!("passed-{:016x}", hasher.finish()))
    }
}

/// What decides whether something passes: when one of these changes, nothing has passed yet.
const TOOL: [&str; 12] = [
    include_str!("chapter.rs"),
    include_str!("check.rs"),
    include_str!("exercise.rs"),
    include_str!("expect.rs"),
    include_str!("fence.rs"),
    include_str!("include.rs"),
    include_str!("page.rs"),
    include_str!("preprocess.rs"),
    include_str!("python.rs"),
    include_str!("run.rs"),
    include_str!("rustc.rs"),
    include_str!("rustdoc.rs"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_thing_has_passed() {
        let folder = tempfile::tempdir().unwrap();
        let stamps = Stamps { folder: folder.path().join("new"), trusted: true };
        assert_eq!(stamps.passed(("a", 1)), None);
        stamps.record(("a", 1), "note").unwrap();
        assert_eq!(stamps.passed(("a", 1)).as_deref(), Some("note"));
        assert_eq!(stamps.passed(("a", 2)), None);
        let untrusting = Stamps { trusted: false, ..stamps };
        assert_eq!(untrusting.passed(("a", 1)), None);
    }
}
