//! The output folder: who gets which name, and how a file appears under it only when it is whole.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flate2::write::MultiGzDecoder;
use tempfile::NamedTempFile;

use crate::fault::Fault;
use crate::name;
use crate::options::IfExists;

pub struct Folder {
    path: PathBuf,
    if_exists: IfExists,
    /// The names given out in this run, without case. Two downloads that end at the same moment must not
    /// find the same name free; a look at the disk cannot tell them apart, a set behind a lock can.
    claimed: Mutex<HashSet<String>>,
    /// How our unfinished files begin. It has the process id in it, so that the files of two downloaders
    /// in one folder can be told apart.
    prefix: OsString,
}

impl Folder {
    pub fn open(path: &Path, if_exists: IfExists) -> io::Result<Folder> {
        fs::create_dir_all(path)?;
        Ok(Folder {
            path: path.to_path_buf(),
            if_exists,
            claimed: Mutex::default(),
            prefix: format!(".downloader-{}-", std::process::id()).into(),
        })
    }

    /// Hands out a name that no one else has in this run: the wanted one, or one with a number.
    pub fn claim(&self, wanted: &str) -> String {
        // The set is whole even if a thread died while it held the lock: one insert is all that happens.
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        if claimed.insert(name::folded(wanted)) {
            return wanted.to_string();
        }
        let mut number = 1;
        loop {
            let name = name::numbered(wanted, number);
            if claimed.insert(name::folded(&name)) {
                return name;
            }
            number += 1;
        }
    }

    /// The old file that makes a download of this name pointless, if there is one.
    pub fn keeps(&self, name: &str) -> Option<PathBuf> {
        let path = self.path.join(name);
        (self.if_exists == IfExists::Skip && path.symlink_metadata().is_ok()).then_some(path)
    }

    /// Starts a file. It has a name that nobody will take for a finished one.
    pub fn start(&self, packed: bool, limit: u64) -> Result<Part, Fault> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&self.prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // A temporary file is private unless told otherwise; a download is an ordinary file.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let disk = Disk {
            file: builder.tempfile_in(&self.path).map_err(Fault::Disk)?,
            written: 0,
            limit,
            fault: None,
        };
        let sink = if packed { Sink::Gzip(Box::new(MultiGzDecoder::new(disk))) } else { Sink::Plain(disk) };
        Ok(Part { sink, received: 0 })
    }

    /// Gives a complete file its name, in one step that either happens or does not: whoever looks at the
    /// folder sees the old state or the new one. The kernel may still keep the content in memory for a
    /// while; this protects from a crash of the program, not of the machine.
    pub fn finish(&self, part: Part, name: &str) -> Result<Finished, Fault> {
        let disk = part.sink.finish()?;
        let bytes = disk.written;
        let mut path = self.path.join(name);
        if self.if_exists == IfExists::Overwrite {
            disk.file.persist(&path).map_err(|failed| Fault::Disk(failed.error))?;
            return Ok(Finished::Saved { path, bytes });
        }
        let mut file = disk.file;
        let mut number = 0;
        loop {
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(Finished::Saved { path, bytes }),
                Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
                    if self.if_exists == IfExists::Skip {
                        return Ok(Finished::Kept { path });
                    }
                    file = failed.file;
                    number += 1;
                    path = self.path.join(name::numbered(name, number));
                }
                Err(failed) => return Err(Fault::Disk(failed.error)),
            }
        }
    }

    /// Removes the unfinished files of this process. Only for the moment before it ends without waiting for
    /// its threads; otherwise a `Part` that is dropped removes its own.
    pub fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(self.prefix.as_encoded_bytes()) {
                // The program is on its way out and there is nobody left to tell.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// How a download ended well.
pub enum Finished {
    Saved {
        path: PathBuf,
        bytes: u64,
    },
    /// `--if-exists skip`, and it existed.
    Kept {
        path: PathBuf,
    },
}

/// A file that is not complete yet. Dropping it removes it.
pub struct Part {
    sink: Sink,
    /// How many bytes of the body have come, before unpacking: where a resumed download goes on.
    pub received: u64,
}

impl Part {
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.received += bytes.len() as u64;
        self.sink.push(bytes)
    }
}

/// Where the bytes go: straight to the disk, or through the unpacker first.
enum Sink {
    Plain(Disk),
    Gzip(Box<MultiGzDecoder<Disk>>),
}

impl Sink {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match self {
            Sink::Plain(disk) => disk.write_all(bytes).map_err(|e| disk.explain(e)),
            Sink::Gzip(gzip) => gzip.write_all(bytes).map_err(|e| gzip.get_mut().explain(e)),
        }
    }

    fn finish(self) -> Result<Disk, Fault> {
        match self {
            Sink::Plain(disk) => Ok(disk),
            Sink::Gzip(mut gzip) => {
                if let Err(e) = gzip.try_finish() {
                    return Err(gzip.get_mut().explain(e));
                }
                gzip.finish().map_err(|e| Fault::Garbled(format!("bad gzip: {e}")))
            }
        }
    }
}

/// The file itself, behind the unpacker so that a small packed body cannot become a huge file.
struct Disk {
    file: NamedTempFile<File>,
    written: u64,
    limit: u64,
    /// What really happened. The unpacker passes on an `io::Error`, which cannot say whether it was the
    /// disk that failed or the packed data that was bad.
    fault: Option<Fault>,
}

impl Disk {
    fn explain(&mut self, error: io::Error) -> Fault {
        self.fault.take().unwrap_or_else(|| Fault::Garbled(format!("bad gzip: {error}")))
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written + bytes.len() as u64 > self.limit {
            self.fault = Some(Fault::Large);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        match self.file.as_file_mut().write(bytes) {
            Ok(0) if !bytes.is_empty() => {
                self.fault = Some(Fault::Disk(io::ErrorKind::WriteZero.into()));
                Err(io::ErrorKind::WriteZero.into())
            }
            Ok(written) => {
                self.written += written as u64;
                Ok(written)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.fault = Some(Fault::Disk(error));
                Err(kind.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}
