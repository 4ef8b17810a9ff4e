//! Compiling snippets: with the crates that Cargo built for this book, and never twice the same one.

use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    env, fs,
    hash::{Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{fence::Edition, run};

/// A compiler, the crates that a snippet may use, and the folder where compiled snippets are kept.
pub struct Compiler {
    /// `rustc`, or what `$RUSTC` names.
    program: PathBuf,
    /// What `rustc -vV` says.
    version: String,
    /// The release, such as `1.95.0`.
    release: String,
    sysroot: PathBuf,
    cache: PathBuf,
    crates: BTreeMap<String, Library>,
}

/// A crate that Cargo built: its file, and when that was written.
struct Library {
    file: PathBuf,
    modified: SystemTime,
}

/// A program that was compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The executable.
    pub program: PathBuf,
    /// What the compiler said, warnings for instance.
    pub message: String,
}

/// What the compiler made of a source.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It compiled.
    Compiled(Compiled),
    /// It did not; this is the compiler's message.
    Refused(String),
}

/// What to compile, and how.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The program.
    pub code: &'a str,
    /// The edition.
    pub edition: Edition,
    /// `rustc --test`: the tests in the source, with a harness.
    pub harness: bool,
}

/// One compilation takes at most this long.
const LIMIT: Duration = Duration::from_secs(120);

impl Compiler {
    /// Finds the compiler and builds the crates that `root/Cargo.toml` lists under `[dependencies]`.
    ///
    /// # Errors
    ///
    /// When there is no compiler, or Cargo fails; its own words are in the message.
    pub fn new(root: &Path) -> Result<Compiler> {
        let mut compiler = Compiler::without_crates(root)?;
        let names = dependency_names(root)?;
        compiler.crates = libraries(root, &names)?;
        Ok(compiler)
    }

    /// As [`Compiler::new`], for sources that use the standard library only.
    ///
    /// # Errors
    ///
    /// When there is no compiler.
    pub fn without_crates(root: &Path) -> Result<Compiler> {
        let program = PathBuf::from(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        let version = ask(&program, &["-vV"])?;
        let sysroot = ask(&program, &["--print", "sysroot"])?;
        let release =
            version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or("unknown").to_string();
        let cache = target_dir(root).join("snippets");
        fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
        Ok(Compiler { program, version, release, sysroot: sysroot.into(), cache, crates: BTreeMap::new() })
    }

    /// The compiler's release, such as `1.95.0`.
    pub fn release(&self) -> &str {
        &self.release
    }

    /// Where compiled snippets are kept.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Compiles a program, or finds it compiled. It stands in a folder of its own as `src/main.rs`, so
    /// that compiler messages and panics name it as the reader's own would be named.
    ///
    /// # Errors
    ///
    /// When the compiler cannot be started, does not end, or the folder cannot be written.
    pub fn compile(&self, source: Source<'_>) -> Result<Outcome> {
        let dir = self.cache.join(format!("{:016x}", self.key(source)));
        let finished = dir.join("message.txt");
        let program = dir.join(format!("program{}", env::consts::EXE_SUFFIX));
        if let Ok(message) = fs::read_to_string(&finished) {
            return Ok(outcome(program, message));
        }
        fs::create_dir_all(dir.join("src"))?;
        fs::write(dir.join("src/main.rs"), source.code)?;
        let mut command = Command::new(&self.program);
        command.current_dir(&dir).args(["--crate-name", "main", "--edition", source.edition.year()]);
        command.args(["--color", "never", "-C", "debuginfo=0"]);
        command.arg(if source.harness { "--test" } else { "--crate-type=bin" });
        command.arg("-o").arg(program.file_name().expect("a file name")).arg("src/main.rs");
        for (name, library) in &self.crates {
            if !uses_crate(source.code, name) {
                continue;
            }
            let mut folder = std::ffi::OsString::from("dependency=");
            folder.push(library.file.parent().expect("a file in a folder"));
            command.arg("-L").arg(folder);
            let mut pair = std::ffi::OsString::from(format!("{name}="));
            pair.push(&library.file);
            command.arg("--extern").arg(pair);
        }
        let ran = run::run(command, LIMIT).with_context(|| self.cannot_start())?;
        let Some(status) = ran.status else {
            bail!("the compiler did not end within {} s", LIMIT.as_secs());
        };
        if !status.success() && program.exists() {
            fs::remove_file(&program)?;
        }
        let message = self.normalise(&ran.stderr);
        // Written under another name first: a file that is there is whole.
        let draft = dir.join(format!("message.{}", std::process::id()));
        fs::write(&draft, &message)?;
        fs::rename(&draft, &finished)?;
        Ok(outcome(program, message))
    }

    /// Everything that the result depends on.
    fn key(&self, source: Source<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (source.code, source.edition.year(), source.harness).hash(&mut hasher);
        self.identity(source.code).hash(&mut hasher);
        hasher.finish()
    }

    /// The compiler and the crates that `code` is compiled with.
    pub fn identity(&self, code: &str) -> impl Hash {
        let mut hasher = DefaultHasher::new();
        self.version.hash(&mut hasher);
        for (name, library) in self.crates.iter().filter(|(name, _)| uses_crate(code, name)) {
            (name, &library.file, library.modified).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The names of the crates that `code` uses.
    pub fn crates_of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a str> {
        self.crates.keys().map(String::as_str).filter(move |name| uses_crate(code, name))
    }

    fn cannot_start(&self) -> String {
        format!("cannot start {}; install Rust from https://rustup.rs", self.program.display())
    }

    /// The compiler's message without what differs between machines: the closing lines that count the
    /// errors, and notes that point into the standard library, which show its source only where that
    /// is installed.
    fn normalise(&self, message: &str) -> String {
        let sysroot = self.sysroot.join("lib/rustlib/src/rust");
        let mut kept: Vec<String> = Vec::new();
        for paragraph in paragraphs(message) {
            let first = paragraph.first().copied().unwrap_or_default();
            let points_into_std = paragraph.iter().any(|line| {
                line.trim_start().starts_with("--> ")
                    && (line.contains("/rustc/") || line.contains(&*sysroot.to_string_lossy()))
            });
            let is_note = first.starts_with("note: ") || first.starts_with("help: ");
            let counts = ["error: aborting due to", "error: could not compile", "For more information about"];
            let lists = ["Some errors have detailed explanations", "warning: ", "error: "];
            let is_count = counts.iter().any(|start| first.starts_with(start))
                || (first.starts_with(lists[0]))
                || (first.starts_with(lists[1]) && first.ends_with("emitted"));
            if (is_note && points_into_std) || is_count {
                // The bar that led to the note leads nowhere now.
                continue;
            }
            kept.extend(paragraph.iter().map(|line| (*line).to_string()));
        }
        let mut text = kept.join("\n");
        while text.ends_with(['\n', ' ']) {
            text.pop();
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

/// Splits a message where a new part begins: a line that starts with a word, not with white space.
fn paragraphs(message: &str) -> Vec<Vec<&str>> {
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for line in message.lines() {
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic());
        match parts.last_mut() {
            Some(part) if !begins => part.push(line),
            _ => parts.push(vec![line]),
        }
    }
    parts
}

fn outcome(program: PathBuf, message: String) -> Outcome {
    if program.exists() {
        Outcome::Compiled(Compiled { program, message })
    } else {
        Outcome::Refused(message)
    }
}

/// Whether `code` names the crate in a path, a `use` or an attribute.
pub fn uses_crate(code: &str, name: &str) -> bool {
    let is_ident = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let starts = !before.is_some_and(|c| is_ident(c) || c == ':');
        starts && (after.starts_with("::") || (after.starts_with(';') && code[..at].ends_with("use ")))
    })
}

/// The crates under `[dependencies]` in `root/Cargo.toml`, as code names them.
///
/// # Errors
///
/// When the manifest cannot be read.
pub fn dependency_names(root: &Path) -> Result<Vec<String>> {
    Ok(dependencies(root)?.keys().map(|name| name.replace('-', "_")).collect())
}

/// The lines under `[dependencies]` in `root/Cargo.toml`, by the crate's name there.
///
/// # Errors
///
/// When the manifest cannot be read.
pub fn dependencies(root: &Path) -> Result<BTreeMap<String, toml::Value>> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        dependencies: BTreeMap<String, toml::Value>,
    }
    let file = root.join("Cargo.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let manifest: Manifest = toml::from_str(&text).with_context(|| format!("in {}", file.display()))?;
    Ok(manifest.dependencies)
}

/// Has Cargo build the crates and takes the files that it says it built: a folder can hold several
/// builds of one crate, and only Cargo knows which belong together.
fn libraries(root: &Path, names: &[String]) -> Result<BTreeMap<String, Library>> {
    #[derive(Deserialize)]
    #[serde(tag = "reason", rename_all = "kebab-case")]
    enum Message {
        CompilerArtifact {
            target: Target,
            filenames: Vec<PathBuf>,
            features: Vec<String>,
        },
        #[serde(other)]
        Other,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }
    let output = crate::cargo()
        .current_dir(root)
        // The smallest target of the root package that is linked against all of its dependencies.
        .args(["build", "--quiet", "--example", "hello", "--message-format=json-render-diagnostics"])
        .stdin(Stdio::null())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "cargo could not build the crates that snippets use:\n{}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    let mut found: BTreeMap<String, (usize, Library)> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(Message::CompilerArtifact { target, filenames, features }) = serde_json::from_str(line) else {
            continue;
        };
        let name = target.name.replace('-', "_");
        if !names.contains(&name) || !target.kind.iter().any(|kind| kind == "lib" || kind == "rlib") {
            continue;
        }
        let Some(file) = filenames.into_iter().find(|file| file.extension().is_some_and(|e| e == "rlib"))
        else {
            continue;
        };
        // A crate can be built twice: for the programs, and for what builds them, with fewer features.
        if found.get(&name).is_none_or(|(most, _)| features.len() > *most) {
            let modified = fs::metadata(&file)?.modified()?;
            found.insert(name, (features.len(), Library { file, modified }));
        }
    }
    for name in names {
        if !found.contains_key(name) {
            bail!("cargo named no library for `{name}`, which Cargo.toml lists under [dependencies]");
        }
    }
    Ok(found.into_iter().map(|(name, (_, library))| (name, library)).collect())
}

/// The folder that Cargo builds into.
pub fn target_dir(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

fn ask(program: &Path, args: &[&str]) -> Result<String> {
    let output = match Command::new(program).args(args).stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("{} is not there; install Rust from https://rustup.rs", program.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot start {}", program.display())),
    };
    if !output.status.success() {
        bail!("{} {}: {}", program.display(), args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_used_by_path_use_and_attribute() {
        assert!(uses_crate("fn main() { ureq::get(\"\"); }", "ureq"));
        assert!(uses_crate("use rayon::prelude::*;", "rayon"));
        assert!(uses_crate("#[tokio::main] async fn main() {}", "tokio"));
        assert!(uses_crate("use rayon;", "rayon"));
        assert!(!uses_crate("fn rayons() {} mod a { use super::rayon2::b; }", "rayon"));
        assert!(!uses_crate("self::rayon::x()", "rayon"));
    }

    #[test]
    fn notes_into_the_standard_library_and_counts_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        let compiler = Compiler::without_crates(root.path()).unwrap();
        let message = "error[E0277]: no\n --> src/main.rs:1:1\n  |\n  = help: h\nnote: required by a bound in `spawn`\n --> /rustc/abc/library/std/src/thread/mod.rs:1:0\n\nerror: aborting due to 1 previous error\n\nFor more information about this error, try `rustc --explain E0277`.\n";
        assert_eq!(compiler.normalise(message), "error[E0277]: no\n --> src/main.rs:1:1\n  |\n  = help: h\n");
    }
}
