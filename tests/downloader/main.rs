//! What the downloader promises, tried on the built program: nothing wrong under a final name, nothing good
//! lost, no hang, nothing outside the output folder, and an exit status that tells the truth.

mod cases;
mod origin;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use cases::{CASES, Case, Expect, MAX_SIZE, RETRIES, TIMEOUT, content};
use origin::{Manners, Origin, raw, reply};

const STRATEGIES: [&str; 5] = ["sequential", "threads", "queue", "pool", "async"];

/// One for all tests. A path is `/WHO-ASKS/NUMBER-OF-A-CASE/file.bin`, or `/WHO-ASKS/NAME-OF-A-HELPER/…`.
static ORIGIN: LazyLock<Origin> = LazyLock::new(|| {
    cases::prepare();
    Origin::start(|path| {
        let what = path.split('/').nth(2)?;
        if let Ok(number) = what.parse::<usize>() {
            return CASES.get(number).map(|case| (case.manners, case.reset));
        }
        let helper: Manners = match what {
            "good" => |_, to| reply(to, "200 OK", &[], &content()),
            "slow" => |_, to| {
                raw(to, "200 OK", &["Content-Length: 100000"], b"")?;
                for piece in content().chunks(1000) {
                    to.write_all(piece)?;
                    thread::sleep(Duration::from_millis(100));
                }
                Ok(())
            },
            "endless" => |_, to| {
                raw(to, "200 OK", &[], b"")?;
                loop {
                    to.write_all(&[b'x'; 1000])?;
                    thread::sleep(Duration::from_millis(20));
                }
            },
            "silent" => |_, _| {
                thread::sleep(Duration::from_secs(20));
                Ok(())
            },
            // The path's last segment is the header.
            "named" => |request, to| {
                let name = request.path.rsplit('/').next().unwrap();
                let header = decode(name);
                let mut message = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n".to_vec();
                message.extend_from_slice(b"Content-Disposition: ");
                message.extend_from_slice(&header);
                message.extend_from_slice(b"\r\n\r\nhello");
                to.write_all(&message)
            },
            // Says that the body is shorter than it is, and keeps the connection open.
            "leftover" => |_, to| {
                to.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n")?;
                to.write_all(b"Content-Length: 4\r\n\r\nevil")?;
                thread::sleep(Duration::from_millis(300));
                Ok(())
            },
            "large" => |_, to| {
                raw(to, "200 OK", &[&format!("Content-Length: {LARGE}")], b"")?;
                let piece = content();
                let mut left = LARGE;
                while left > 0 {
                    let next = left.min(piece.len());
                    to.write_all(&piece[..next])?;
                    left -= next;
                }
                Ok(())
            },
            _ => return None,
        };
        Some((helper, false))
    })
});

const LARGE: usize = 96 * 1024 * 1024;

/// `%22` is a quotation mark.
fn decode(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// Tells the requests of one run from those of all others.
fn token() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Relaxed)
}

fn url(token: usize, what: impl std::fmt::Display, name: &str) -> String {
    format!("{}/{token}/{what}/{name}", ORIGIN.address)
}

fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    let program = profile.join("examples").join(format!("downloader{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "`cargo build --example downloader` first: `--test` alone does not build examples"
    );
    program
}

fn downloader(strategy: &str, output: &Path) -> Command {
    let mut command = Command::new(program());
    command.args(["--strategy", strategy, "--output"]).arg(output).stdin(Stdio::null());
    command
}

/// Runs it to the end, but not for ever.
fn finish(mut command: Command) -> Output {
    wait(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

fn wait(mut child: Child) -> Output {
    use std::io::Read;
    let mut out = child.stdout.take().unwrap();
    let mut err = child.stderr.take().unwrap();
    // Both pipes are read while it runs: a full one would stop it.
    let out = thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let err = thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("it hangs");
        }
        thread::sleep(Duration::from_millis(5));
    };
    Output { status, stdout: out.join().unwrap(), stderr: err.join().unwrap() }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `--json` said, by URL.
fn objects(output: &Output) -> BTreeMap<String, Value> {
    let lines = text(&output.stdout);
    lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|object| (object["url"].as_str().unwrap().to_string(), object))
        .collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

/// Asks every strategy the same, side by side.
fn for_every_strategy(check: impl Fn(&str) + Sync) {
    thread::scope(|scope| {
        for strategy in STRATEGIES {
            let check = &check;
            thread::Builder::new()
                .name(strategy.to_string())
                .spawn_scoped(scope, move || check(strategy))
                .unwrap();
        }
    });
}

// ---- The failure matrix ----

/// Each case in a process of its own, between two good files, over an old file of the same name.
fn matrix(strategy: &str) {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    let Some(case) = CASES.get(number) else { break };
                    if let Err(why) = run_case(strategy, number, case) {
                        failures.lock().unwrap().push(format!("{strategy}, {}: {why}", case.name));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), CASES.len(), failures.join("\n"));
}

fn run_case(strategy: &str, number: usize, case: &Case) -> Result<(), String> {
    let folder = TempDir::new().unwrap();
    let old = b"an old file, which a failure must not destroy".to_vec();
    fs::write(folder.path().join("file.bin"), &old).unwrap();
    let token = token();
    let (before, tested, after) =
        (url(token, "good", "before.bin"), url(token, number, "file.bin"), url(token, "good", "after.bin"));
    let mut command = downloader(strategy, folder.path());
    command.args(["--json", "--jobs", "2", "--if-exists", "overwrite", "--retry-delay", "0.01"]);
    command.args(["--timeout", &TIMEOUT.as_secs_f64().to_string(), "--retries", &RETRIES.to_string()]);
    command.args(["--max-size", &MAX_SIZE.to_string(), "--max-time", "20"]);
    command.args([&before, &tested, &after]);
    let output = finish(command);
    let said = objects(&output);
    let object = said.get(&tested).ok_or_else(|| format!("no report: {}", text(&output.stderr)))?;
    let tries = object["tries"].as_u64().unwrap() as u32;

    let (status, left, wanted_tries) = match &case.expect {
        Expect::Saved(content, tries) => {
            if object["status"] != "saved" {
                return Err(format!("should have been saved: {object}"));
            }
            (0, content(), *tries)
        }
        Expect::Failed(kinds, tries) => {
            if !kinds.iter().any(|kind| object["error"] == *kind) {
                return Err(format!("should have failed as {kinds:?}: {object}"));
            }
            (1, old, *tries)
        }
    };
    if tries != wanted_tries {
        return Err(format!("{tries} tries instead of {wanted_tries}: {object}"));
    }
    if output.status.code() != Some(status) {
        return Err(format!("exit status {:?} instead of {status}", output.status));
    }
    let wanted = [("after.bin", content()), ("before.bin", content()), ("file.bin", left)];
    let found = files(folder.path());
    let wanted = BTreeMap::from(wanted.map(|(name, bytes)| (name.to_string(), bytes)));
    if found != wanted {
        return Err(format!(
            "the folder has {:?}, wrong: {:?}",
            found.iter().map(|(name, bytes)| (name, bytes.len())).collect::<Vec<_>>(),
            wanted
                .iter()
                .filter(|(name, bytes)| found.get(*name) != Some(*bytes))
                .map(|it| it.0)
                .collect::<Vec<_>>(),
        ));
    }
    Ok(())
}

#[test]
fn failures_sequential() {
    matrix("sequential");
}

#[test]
fn failures_threads() {
    matrix("threads");
}

#[test]
fn failures_queue() {
    matrix("queue");
}

#[test]
fn failures_pool() {
    matrix("pool");
}

#[test]
fn failures_async() {
    matrix("async");
}

// ---- Names ----

/// The last segment of a URL's path, and the file that it becomes.
const FROM_URLS: &[(&str, &str)] = &[
    ("plain.png", "plain.png"),
    ("with%20space.png", "with space.png"),
    ("%E6%97%A5%E6%9C%AC.png", "日本.png"),
    ("..%2F..%2Fetc%2Fpasswd", "passwd"),
    ("%2Fetc%2Fshadow", "shadow"),
    ("C%3A%5CWindows%5Cwin.ini", "win.ini"),
    ("C%3Aevil.exe", "C_evil.exe"),
    ("..%5C..%5Cboot.ini", "boot.ini"),
    ("zero%00byte.png", "zero_byte.png"),
    ("new%0Aline.png", "new_line.png"),
    ("escape%1B%5B2J.png", "escape_[2J.png"),
    ("%2E%2E%2E", "download"),
    (".bashrc", "_bashrc"),
    ("", "download-1"),
    ("CON", "_CON"),
    ("nul.txt", "_nul.txt"),
    ("com%C2%B9.log", "_com¹.log"),
    ("trailing.%20.", "trailing"),
    ("turned%E2%80%AEgnp.exe", "turned_gnp.exe"),
    ("bad%FFutf8.png", "bad_utf8.png"),
    ("Twin.png", "Twin.png"),
    ("twin.PNG", "twin-1.PNG"),
    ("query.png?size=3&x=/../y", "query.png"),
];

#[test]
fn names_from_urls() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let urls: Vec<String> = FROM_URLS.iter().map(|(last, _)| url(token, "good", last)).collect();
        let mut command = downloader(strategy, folder.path());
        command.arg("--json").args(&urls);
        let output = finish(command);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = objects(&output);
        for (url, (_, name)) in urls.iter().zip(FROM_URLS) {
            let object = said.iter().find(|(key, _)| *key == url).map(|(_, object)| object);
            let object = object.unwrap_or_else(|| panic!("{strategy}: no report of {url}: {said:?}"));
            let path = Path::new(object["path"].as_str().unwrap());
            assert_eq!(path, folder.path().join(name), "{strategy}: {url}");
        }
        let mut wanted: Vec<_> = FROM_URLS.iter().map(|(_, name)| name.to_string()).collect();
        wanted.sort();
        assert_eq!(names(folder.path()), wanted, "{strategy}");
    });
}

#[test]
fn long_names_and_twins() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let long = format!("{}.png", "a".repeat(10_000));
        let wide = format!("{}.png", "%C3%A9".repeat(2_000));
        let mut command = downloader(strategy, folder.path());
        command.args([url(token, "good", &long), url(token, "good", &wide)]);
        // The same name from two places, one of them twice.
        command.args([
            url(token, "good", "a/x.png"),
            url(token, "good", "b/x.png"),
            url(token, "good", "a/x.png#top"),
        ]);
        let output = finish(command);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let found = names(folder.path());
        assert_eq!(found.len(), 4, "{strategy}: {found:?}");
        assert!(
            found.iter().all(|name| name.len() <= 255 && name.ends_with(".png")),
            "{strategy}: {found:?}"
        );
        assert!(found.contains(&"x.png".to_string()) && found.contains(&"x-1.png".to_string()), "{found:?}");
        assert_eq!(ORIGIN.tries(&format!("/{token}/good/a/x.png")), 1, "{strategy}: the same URL twice");
    });
}

/// A `Content-Disposition` header, and the file that it makes of `/some/path`.
const FROM_HEADERS: &[(&str, &str)] = &[
    (r#"attachment; filename="quoted name.png""#, "quoted name.png"),
    ("attachment; filename=token.png", "token.png"),
    ("attachment; filename*=UTF-8''%e2%82%ac%20rates.png", "€ rates.png"),
    ("attachment; filename=\"plain.txt\"; filename*=UTF-8''ext%C3%A9nded.txt", "exténded.txt"),
    ("attachment; filename*=iso-8859-1'en'%A3%20rates.txt", "£ rates.txt"),
    ("attachment; filename*=klingon''qapla; filename=fallback.txt", "fallback.txt"),
    // In quotation marks a backslash only makes the next character plain.
    (r#"attachment; filename="..\..\evil.exe""#, "_...evil.exe"),
    (r#"attachment; filename="../../up.png""#, "up.png"),
    (r#"attachment; filename="/etc/passwd""#, "passwd"),
    ("attachment; filename*=UTF-8''..%2F..%2Fslip.png", "slip.png"),
    (r#"attachment; filename="semi;colon.png""#, "semi;colon.png"),
    (r#"attachment; filename="say \"hi\".png""#, "say _hi_.png"),
    (r#"attachment; filename="..""#, "download"),
    ("attachment; FILENAME = spaced.png ", "spaced.png"),
];

#[test]
fn names_from_headers() {
    for_every_strategy(|strategy| {
        for (header, name) in FROM_HEADERS {
            let folder = TempDir::new().unwrap();
            let output_folder = folder.path().join("output");
            let encoded = percent_encoding::utf8_percent_encode(header, percent_encoding::NON_ALPHANUMERIC);
            let mut command = downloader(strategy, &output_folder);
            command.arg(url(token(), "named", &encoded.to_string()));
            let output = finish(command);
            assert!(output.status.success(), "{}", text(&output.stderr));
            assert_eq!(names(&output_folder), [*name], "{strategy}: {header}");
            assert_eq!(
                fs::read_dir(folder.path()).unwrap().count(),
                1,
                "{strategy}: nothing beside the folder"
            );
        }
    });
}

// ---- Files that were there before ----

#[test]
fn old_files() {
    for_every_strategy(|strategy| {
        for (choice, wanted) in [
            ("rename", vec![("x-1.png", content()), ("x.png", b"old".to_vec())]),
            ("skip", vec![("x.png", b"old".to_vec())]),
            ("overwrite", vec![("x.png", content())]),
        ] {
            let folder = TempDir::new().unwrap();
            fs::write(folder.path().join("x.png"), "old").unwrap();
            let token = token();
            let mut command = downloader(strategy, folder.path());
            command.args(["--if-exists", choice, &url(token, "good", "x.png")]);
            let output = finish(command);
            assert!(output.status.success(), "{}", text(&output.stderr));
            let wanted: BTreeMap<_, _> =
                wanted.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect();
            assert!(files(folder.path()) == wanted, "{strategy}, {choice}: {:?}", names(folder.path()));
            let asked = ORIGIN.tries(&format!("/{token}/good/x.png"));
            assert_eq!(asked, u32::from(choice != "skip"), "{strategy}, {choice}");
        }
    });
}

// ---- Neighbors ----

/// What a bad reply leaves in its connection must not become the next file.
#[test]
fn a_reply_with_leftovers() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let mut command = downloader(strategy, folder.path());
        command.args(["--jobs", "1", "--retry-delay", "0.01"]);
        command.args([url(token, "leftover", "first.bin"), url(token, "good", "second.bin")]);
        let output = finish(command);
        assert!(output.status.success(), "{strategy}: {}", text(&output.stderr));
        let found = files(folder.path());
        assert!(found["second.bin"] == content(), "{strategy}: {} bytes", found["second.bin"].len());
    });
}

/// All cases at once, in one process: the good ones are saved all the same.
#[test]
fn all_cases_in_one_process() {
    for_every_strategy(|strategy| {
        if strategy == "sequential" {
            return; // It would wait for each of them in turn; the matrix has done that.
        }
        let folder = TempDir::new().unwrap();
        let token = token();
        let mut command = downloader(strategy, folder.path());
        command.args([
            "--json",
            "--jobs",
            "100",
            "--retry-delay",
            "0.01",
            "--timeout",
            "2",
            "--retries",
            "2",
        ]);
        command.args(["--max-size", &MAX_SIZE.to_string()]);
        for number in 0..CASES.len() {
            command.arg(url(token, number, "file.bin"));
        }
        let output = finish(command);
        assert_eq!(output.status.code(), Some(1), "{strategy}");
        let said = objects(&output);
        assert_eq!(said.len(), CASES.len(), "{strategy}");
        let mut saved = 0;
        for (number, case) in CASES.iter().enumerate() {
            let object = &said[&url(token, number, "file.bin")];
            match &case.expect {
                Expect::Saved(content, _) => {
                    saved += 1;
                    let path = object["path"]
                        .as_str()
                        .unwrap_or_else(|| panic!("{strategy}, {}: {object}", case.name));
                    assert!(fs::read(path).unwrap() == content(), "{strategy}, {}", case.name);
                }
                Expect::Failed(..) => assert_eq!(object["status"], "failed", "{strategy}, {}", case.name),
            }
        }
        assert_eq!(names(folder.path()).len(), saved, "{strategy}: and nothing else");
    });
}

// ---- Input and output ----

#[test]
fn a_list_of_urls() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let list = format!(
            "\u{feff}# a comment\n\n{}\r\nnot a url\n  {}  \nftp://example.org/x\nhttp://user:secret@example.org/\n{}",
            url(token, "good", "a.png"),
            url(token, "good", "b.png"),
            url(token, "good", "c.png"),
        );
        let mut command = downloader(strategy, folder.path());
        command
            .args(["--json", "--input", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
        let output = wait(child);
        assert_eq!(output.status.code(), Some(1), "{strategy}");
        assert_eq!(names(folder.path()), ["a.png", "b.png", "c.png"], "{strategy}");
        let said = text(&output.stderr);
        assert!(said.contains("failed: line 4: not a url: "), "{strategy}: {said}");
        assert!(said.contains("failed: line 6: ftp://example.org/x: "), "{strategy}: {said}");
        assert!(said.contains("failed: line 7: ") && said.contains("3 saved"), "{strategy}: {said}");
        let said = objects(&output);
        assert_eq!(said["not a url"]["line"], 4);
        assert_eq!(said.len(), 6);
    });
}

#[test]
fn an_empty_list() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let list = folder.path().join("list.txt");
        fs::write(&list, "# nothing\n\n").unwrap();
        let mut command = downloader(strategy, folder.path());
        command.arg("--input").arg(&list);
        let output = finish(command);
        assert!(output.status.success(), "{strategy}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("0 saved"), "{strategy}");
    });
}

#[test]
fn exit_status_of_bad_usage() {
    let folder = TempDir::new().unwrap();
    for arguments in [
        &["--strategy", "magic"][..],
        &["--jobs", "0"],
        &["--timeout", "-1"],
        &["--max-size", "9X"],
        &["--input", "/none"],
    ] {
        let mut command = Command::new(program());
        command.current_dir(folder.path()).args(arguments).arg("http://127.0.0.1:1/").stdin(Stdio::null());
        assert_eq!(finish(command).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_refused_connection() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let refused = format!("http://127.0.0.1:{port}/file.bin");
        let mut command = downloader(strategy, folder.path());
        command.args(["--json", "--retries", "2", "--retry-delay", "0.01", &refused]);
        command.arg(url(token(), "good", "good.bin"));
        let output = finish(command);
        assert_eq!(output.status.code(), Some(1), "{strategy}");
        let object = &objects(&output)[&refused];
        assert_eq!(
            (&object["error"], &object["tries"]),
            (&"connect".into(), &3.into()),
            "{strategy}: {object}"
        );
        assert_eq!(names(folder.path()), ["good.bin"], "{strategy}");
    });
}

/// The other end has no certificate, and speaks no TLS at all: a failure like others, and no panic.
#[test]
fn https_without_tls() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let https = url(token, "good", "a.png").replace("http://", "https://");
        let mut command = downloader(strategy, folder.path());
        command.args(["--json", "--retries", "0", "--timeout", "2", &https, &url(token, "good", "b.png")]);
        let output = finish(command);
        assert_eq!(output.status.code(), Some(1), "{strategy}: {}", text(&output.stderr));
        let object = &objects(&output)[&https];
        assert!(
            ["connect", "garbled", "broken"].iter().any(|kind| object["error"] == *kind),
            "{strategy}: {object}"
        );
        assert_eq!(names(folder.path()), ["b.png"], "{strategy}");
    });
}

#[test]
fn an_output_that_is_a_file() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let output_path = folder.path().join("taken");
        fs::write(&output_path, "mine").unwrap();
        for path in [output_path.clone(), output_path.join("below")] {
            let mut command = downloader(strategy, &path);
            command.arg(url(token(), "good", "a.png"));
            let output = finish(command);
            assert_eq!(output.status.code(), Some(1), "{strategy}");
            assert!(
                text(&output.stderr).starts_with("downloader: cannot save to "),
                "{}",
                text(&output.stderr)
            );
        }
        assert_eq!(fs::read(&output_path).unwrap(), b"mine");
    });
}

/// Standard output is a pipe that nobody reads.
#[test]
fn a_broken_pipe() {
    for_every_strategy(|strategy| {
        let folder = TempDir::new().unwrap();
        let token = token();
        let mut command = downloader(strategy, folder.path());
        command.args(["--json", "--jobs", "2"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.args((0..20).map(|number| url(token, "good", &format!("{number}.png"))));
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{strategy}: {}", text(&output.stderr));
        assert_eq!(names(folder.path()).len(), 20, "{strategy}");
    });
}

#[test]
fn at_most_so_many_at_once() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(program());
    command.args([
        "--images",
        "12",
        "--image-size",
        "2K",
        "--latency",
        "60",
        "--jobs",
        "4",
        "--json",
        "--output",
    ]);
    command.arg(folder.path()).stdin(Stdio::null());
    let output = finish(command);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.iter().map(|row| row["strategy"].as_str().unwrap()).collect::<Vec<_>>(), STRATEGIES);
    for row in rows {
        let (peak, threads) = if row["strategy"] == "sequential" { (1, 1) } else { (4, 4) };
        assert_eq!(row["files"], 12);
        assert_eq!(row["peak"], peak, "{row}");
        match row["strategy"].as_str().unwrap() {
            // A new thread for each.
            "threads" => assert_eq!(row["threads"], 12, "{row}"),
            "async" => assert!(row["threads"].as_u64().unwrap() >= 1, "{row}"),
            _ => assert_eq!(row["threads"], threads, "{row}"),
        }
    }
}

#[cfg(unix)]
mod unix;
