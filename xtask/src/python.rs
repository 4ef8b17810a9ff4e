//! The reader's Python.

use std::{env, path::PathBuf, process::Command};

/// A Python interpreter, 3.10 or newer.
#[derive(Clone, Debug)]
pub struct Python {
    program: PathBuf,
    /// Its version, such as `3.14.0`.
    pub version: String,
}

/// The oldest version that the book's Python is written for.
pub const OLDEST: (u32, u32) = (3, 10);

impl Python {
    /// Finds `$PYTHON`, `python3` or `python`, whichever comes first and is new enough.
    ///
    /// # Errors
    ///
    /// What was found instead, for a line that says why Python blocks were skipped.
    pub fn find() -> Result<Python, String> {
        let mut seen = Vec::new();
        let named = env::var_os("PYTHON").map(PathBuf::from);
        for program in named.into_iter().chain(["python3".into(), "python".into()]) {
            let Ok(output) = Command::new(&program)
                .args(["-c", "import platform; print(platform.python_version())"])
                .output()
            else {
                continue;
            };
            let version = String::from_utf8_lossy(&output.stdout).trim().to_string();
            if new_enough(&version) {
                return Ok(Python { program, version });
            }
            seen.push(format!("{} is {version}", program.display()));
        }
        let (major, minor) = OLDEST;
        Err(match seen.as_slice() {
            [] => format!("no python3 on the PATH ({major}.{minor} or newer is wanted)"),
            seen => format!("{} ({major}.{minor} or newer is wanted)", seen.join(", ")),
        })
    }

    /// A command that runs the file `main.py` in the current folder, with its output unbuffered: a
    /// program that has to be stopped must not take its output with it.
    ///
    /// What the pages show is what CPython prints with its lock and without colors, so a free-threaded
    /// build gets its lock back, and a `FORCE_COLOR` in the environment does not count. Versions before 3.13
    /// do not know these variables, nor need them.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-u", "-X", "utf8", "main.py"]).envs([("PYTHON_GIL", "1"), ("PYTHON_COLORS", "0")]);
        command
    }
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(new_enough("3.10.0") && new_enough("3.14.0rc1") && new_enough("4.0"));
        assert!(!new_enough("3.9.18") && !new_enough("2.7.18") && !new_enough(""));
    }
}
