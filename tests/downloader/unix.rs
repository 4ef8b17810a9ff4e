//! What needs signals, limits or `/proc`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{
    LARGE, content, downloader, files, finish, for_every_strategy, names, program, text, token, url, wait,
};

/// Starts the downloader under a shell that first sets limits, which are inherited.
fn limited(limits: &str, strategy: &str, output: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits}; exec \"$@\""), "sh"]).arg(program());
    command.args(["--strategy", strategy, "--output"]).arg(output).stdin(Stdio::null());
    command
}

#[test]
fn ctrl_c() {
    for_every_strategy(|strategy| {
        // A body that goes on and on, one that does not begin, and one whose server cannot be asked yet.
        for what in ["endless", "silent", "503"] {
            let folder = TempDir::new().unwrap();
            let token = token();
            let mut command = downloader(strategy, folder.path());
            command.args(["--jobs", "4"]).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.arg(url(token, "good", "first.bin"));
            let what = if what == "503" { waiting_case().to_string() } else { what.to_string() };
            command.args((0..6).map(|number| url(token, &what, &format!("{number}.bin"))));
            let child = command.spawn().unwrap();
            let started = Instant::now();
            while !folder.path().join("first.bin").exists() {
                assert!(started.elapsed() < Duration::from_secs(20), "{strategy}: nothing was saved");
                thread::sleep(Duration::from_millis(10));
            }
            thread::sleep(Duration::from_millis(150));
            let pressed = Instant::now();
            assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
            let output = wait(child);
            let took = pressed.elapsed();
            assert_eq!(output.status.code(), Some(130), "{strategy}, {what}: {}", text(&output.stderr));
            assert!(took < Duration::from_secs(2), "{strategy}, {what}: stopped after {took:?}");
            assert!(files(folder.path())["first.bin"] == content(), "{strategy}, {what}");
            assert_eq!(names(folder.path()), ["first.bin"], "{strategy}, {what}");
        }
    });
}

/// The case in which the server wants to be asked again in a second.
fn waiting_case() -> usize {
    super::CASES.iter().position(|case| case.name == "429 and seconds to wait").unwrap()
}

/// A file may not grow past 32 KiB here, which fails like a full disk does: the write is refused.
#[test]
fn a_full_disk() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        // In units of 512 or 1024 bytes, depending on the shell.
        let mut command = limited("trap '' XFSZ; ulimit -f 32", strategy, folder.path());
        fs::write(folder.path().join("large.bin"), "old").unwrap();
        command.args(["--json", "--if-exists", "overwrite", &url(token, "good", "large.bin")]);
        command.arg(url(token, "named", "attachment"));
        let output = finish(command);
        assert_eq!(output.status.code(), Some(1), "{strategy}: {}", text(&output.stderr));
        let said = super::objects(&output);
        let object = &said[&url(token, "good", "large.bin")];
        assert_eq!((&object["error"], &object["tries"]), (&"disk".into(), &1.into()), "{strategy}: {object}");
        assert_eq!(fs::read(folder.path().join("large.bin")).unwrap(), b"old", "{strategy}");
        assert_eq!(names(folder.path()), ["attachment", "large.bin"], "{strategy}");
    });
}

#[test]
fn an_unwritable_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    // Permissions do not bind root, but /proc takes files from no one.
    let may_write = fs::write(locked.join("probe"), "").is_ok();
    let output_path = if may_write { Path::new("/proc") } else { &locked };
    if may_write && !output_path.exists() {
        println!("skipped: this user may write everywhere");
        return;
    }
    for_every_strategy(|strategy| {
        let mut command = downloader(strategy, output_path);
        command.args(["--retry-delay", "0.01", &url(token(), "good", "a.png")]);
        let output = finish(command);
        assert_eq!(output.status.code(), Some(1), "{strategy}");
        assert!(text(&output.stderr).contains("cannot save: "), "{strategy}: {}", text(&output.stderr));
    });
}

#[test]
fn a_hundred_downloads_with_64_file_descriptors() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let mut command = limited("ulimit -n 64", strategy, folder.path());
        command.args(["--jobs", "100", "--retry-delay", "0.01"]);
        command.args((0..100).map(|number| url(token, "good", &format!("{number}.png"))));
        let output = finish(command);
        assert!(output.status.success(), "{strategy}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("20 at once instead of 100"), "{}", text(&output.stderr));
        assert_eq!(names(folder.path()).len(), 100, "{strategy}");
    });
}

/// The size of a file does not matter: this one is three times as large as the memory that is allowed.
#[cfg(target_os = "linux")]
#[test]
fn memory() {
    const LIMIT: u64 = 32 * 1024;
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let mut command = downloader(strategy, folder.path());
        command.arg(url(token(), "large", "large.bin")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let watcher = thread::spawn(move || {
            let mut most = 0;
            // Until the process is gone, or has given its memory back.
            while let Some(now) = fs::read_to_string(&status).ok().and_then(|status| high_water_mark(&status))
            {
                most = now;
                thread::sleep(Duration::from_millis(1));
            }
            most
        });
        let output = wait(child);
        let most = watcher.join().unwrap();
        assert!(output.status.success(), "{strategy}: {}", text(&output.stderr));
        assert_eq!(fs::metadata(folder.path().join("large.bin")).unwrap().len(), LARGE as u64);
        assert!((1..LIMIT).contains(&most), "{strategy}: {most} KiB");
    });
}

#[cfg(target_os = "linux")]
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
