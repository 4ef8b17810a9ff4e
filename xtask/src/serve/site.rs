//! What the builder publishes, and the folders that it lies in.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use anyhow::{Context, Result};

/// The state of the book, as a browser may see it.
#[derive(Clone)]
pub struct Site {
    /// When the server started. A page that was loaded before a restart must not mistake the new
    /// server's first build for its own.
    started: u128,
    /// How many builds succeeded; until one does, how many failed.
    build: u64,
    /// The last book that was built, if one was.
    pages: Option<Arc<Folder>>,
    /// Why the newest build failed, if it did.
    problem: Option<Arc<str>>,
}

impl Default for Site {
    fn default() -> Self {
        let started = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        Self { started, build: 0, pages: None, problem: None }
    }
}

impl Site {
    /// Puts a new book in the place of the last one.
    pub fn built(&mut self, folder: Folder) {
        self.build += 1;
        self.pages = Some(Arc::new(folder));
        self.problem = None;
    }

    /// Says why there is no new book, and keeps the last one.
    pub fn broken(&mut self, problem: String) {
        if self.pages.is_none() {
            // The problem is all that there is to see, so a new one is a new page.
            self.build += 1;
        }
        self.problem = Some(problem.into());
    }

    /// A name for what a browser sees, different for every build of every server.
    pub fn name(&self) -> String {
        format!("{}-{}", self.started, self.build)
    }

    pub fn has_pages(&self) -> bool {
        self.pages.is_some()
    }

    pub fn pages(&self) -> Option<Arc<Folder>> {
        self.pages.clone()
    }

    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

/// One build's folder. It goes when nobody needs it: at once when the build failed, otherwise when a
/// newer one was published and the last request for this one was answered.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(parent: &Path, number: u64) -> Self {
        Self(parent.join(number.to_string()))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot go now (Windows keeps files that are open) goes when the server ends.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder that this server has to itself, although others may run in the same clone.
pub struct Scratch {
    folder: PathBuf,
    /// Held as long as the server lives. The system gives it up even when the server is killed, and the
    /// next one clears up.
    _lock: File,
}

impl Scratch {
    /// Takes the first folder in `parent` that no living server holds.
    pub fn claim(parent: &Path) -> Result<Self> {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        for slot in 0.. {
            let folder = parent.join(slot.to_string());
            let lock = File::create(folder.with_extension("lock"))
                .with_context(|| format!("cannot write in {}", parent.display()))?;
            match lock.try_lock() {
                Ok(()) => {
                    let scratch = Self { folder, _lock: lock };
                    scratch.clear();
                    return Ok(scratch);
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", parent.display()));
                }
            }
        }
        unreachable!("there are more numbers than servers")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes what was built. A build may still be writing, so one pass may not be enough; what a
    /// third one leaves, the next server removes.
    pub fn clear(&self) {
        for _ in 0..3 {
            match fs::remove_dir_all(&self.folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {}
                _ => return,
            }
        }
    }
}
