//! `cargo run` serves the book, rebuilds it when a file changes, and never shows less than the last good one.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long anything may take before it counts as not happening. A busy machine is slow, too.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn serves_pages_and_a_page_for_what_is_not_there() {
    let book = book();
    let server = Server::start(book.path());
    let page = server.get("/first.html");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The first chapter.") && page.body.contains("/-/live.js"), "{}", page.body);
    assert_eq!(server.get("/").status, 200);
    assert_eq!(server.get("/-/live.js").status, 200);
    let nowhere = server.get("/nowhere.html");
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.body.contains("Document not found"), "{}", nowhere.body);
    // `site-url` is where the public book is, and must not leak into the local one.
    assert!(nowhere.body.contains("<base href=\"/\">"), "{}", nowhere.body);
}

#[test]
fn the_static_site_has_nothing_of_the_server() {
    let book = book();
    let site = book.path().join("site");
    let output = xtask(book.path(), &["build", "--dest", site.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let page = fs::read_to_string(site.join("first.html")).unwrap();
    assert!(page.contains("The first chapter.") && !page.contains("/-/"), "{page}");
}

/// mdBook's own include step would fill in the lines first, and only one of them would stay hidden.
#[test]
fn the_books_preprocessor_runs_before_mdbooks_includes() {
    let book = book();
    fs::write(book.path().join("src/helper.rs"), "fn helper() {\n    println!();\n}\n").unwrap();
    let chapter = "# First\n\n```rust\n# {{#include helper.rs}}\nfn main() {\n    helper();\n}\n```\n";
    fs::write(book.path().join("src/first.md"), chapter).unwrap();
    let server = Server::start(book.path());
    let page = server.get("/first.html");
    assert_eq!(page.body.matches("class=\"boring\"").count(), 3, "{}", page.body);
}

#[test]
fn does_not_leave_the_built_book() {
    let book = book();
    let server = Server::start(book.path());
    // One in every folder above the pages, up to the book's own.
    for folder in ["", "target", "target/serve", "target/serve/0"] {
        fs::write(book.path().join(folder).join("secret.txt"), "the secret").unwrap();
    }
    let up = ["../", "%2e%2e/", "..%2f", "%2e%2e%2f", "..%5c", "css/../../", "./../", "%252e%252e/", "//../"];
    for depth in 1..5 {
        for up in up {
            let answer = server.get(&format!("/{}secret.txt", up.repeat(depth)));
            assert!(
                answer.status >= 400 && !answer.body.contains("the secret"),
                "{up} × {depth}: {answer:?}"
            );
        }
    }
    let absolute = book.path().join("secret.txt");
    let answer = server.get(&format!("/{}", absolute.display()));
    assert!(answer.status >= 400 && !answer.body.contains("the secret"), "{answer:?}");
}

#[test]
fn a_change_reaches_the_page_and_the_reader() {
    let book = book();
    let chapter = book.path().join("src/first.md");
    let server = Server::start(book.path());
    let mut events = server.events();
    let first = next_event(&mut events);

    fs::write(&chapter, "# First\n\nWritten in place.\n").unwrap();
    server.shows("/first.html", "Written in place.");
    let second = next_event(&mut events);
    assert_ne!(first, second);

    // As many editors save: a new file takes the old one's name.
    let new = book.path().join("src/.first.md.new");
    fs::write(&new, "# First\n\nReplaced.\n").unwrap();
    fs::rename(&new, &chapter).unwrap();
    server.shows("/first.html", "Replaced.");

    for edit in 0..40 {
        fs::write(&chapter, format!("# First\n\nEdit number {edit}.\n")).unwrap();
    }
    server.shows("/first.html", "Edit number 39.");

    // A folder that is removed is watched no longer; one that takes its place has to be.
    let src = book.path().join("src");
    let away = book.path().join("away");
    fs::rename(&src, &away).unwrap();
    server.says("the last good book stays up");
    fs::create_dir(&src).unwrap();
    for file in fs::read_dir(&away).unwrap().flatten() {
        fs::copy(file.path(), src.join(file.file_name())).unwrap();
    }
    fs::remove_dir_all(&away).unwrap();
    fs::write(&chapter, "# First\n\nThe folder is back.\n").unwrap();
    server.shows("/first.html", "The folder is back.");
    fs::write(&chapter, "# First\n\nAnd watched.\n").unwrap();
    server.shows("/first.html", "And watched.");
}

#[test]
fn a_broken_chapter_keeps_the_last_good_book_up() {
    let book = book();
    let chapter = book.path().join("src/second.md");
    let good = fs::read_to_string(&chapter).unwrap();
    let server = Server::start(book.path());
    let mut events = server.events();
    next_event(&mut events);

    fs::remove_file(&chapter).unwrap();
    let said = server.says("error: ");
    assert!(said.contains("second.md"), "{said}");
    server.says("the last good book stays up");
    assert!(server.get("/second.html").body.contains("The second chapter."));
    let problem = next_event(&mut events);
    assert!(problem.contains("second.md"), "the page says nothing: {problem}");
    assert!(!chapter.exists(), "a chapter that is not there must not be made up");

    fs::write(&chapter, good.replace("The second chapter.", "Mended.")).unwrap();
    server.shows("/second.html", "Mended.");
    assert!(next_event(&mut events).contains("\"problem\":null"));
}

#[test]
fn a_first_build_that_fails_is_shown_and_can_be_mended() {
    let book = book();
    let chapter = book.path().join("src/second.md");
    fs::remove_file(&chapter).unwrap();
    let server = Server::start(book.path());
    let page = server.get("/");
    assert_eq!(page.status, 503);
    assert!(page.body.contains("second.md") && page.body.contains("/-/live.js"), "{}", page.body);
    fs::write(&chapter, "# Second\n\nMended.\n").unwrap();
    server.shows("/second.html", "Mended.");
}

#[test]
fn a_port_that_is_taken_is_one_clear_line() {
    let book = book();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = xtask(book.path(), &["serve", "--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.lines().count() == 1 && said.contains(&port) && said.contains("--port"), "{said}");
}

#[test]
fn without_a_wish_the_next_free_port_does() {
    let book = book();
    // Whether this succeeds or another has it: it is taken.
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 3000));
    let server = Server::start_with(book.path(), &["serve"]);
    server.says("Port 3000 is taken");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn two_servers_do_not_disturb_each_other() {
    let book = book();
    let one = Server::start(book.path());
    let other = Server::start(book.path());
    drop(one);
    assert_eq!(other.get("/first.html").status, 200);
    fs::write(book.path().join("src/first.md"), "# First\n\nStill rebuilt.\n").unwrap();
    other.shows("/first.html", "Still rebuilt.");
}

#[test]
fn bad_usage_is_2() {
    let book = book();
    for arguments in [&["serve", "--port", "no"][..], &["sevre"], &["serve", "--nothing"]] {
        let output = xtask(book.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_at_once_and_nothing_is_left() {
    use rustix::process::{Pid, Signal, kill_process};

    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let book = book();
        let mut server = Server::start(book.path());
        let mut events = server.events();
        next_event(&mut events);
        // A build may be under way, too.
        fs::write(book.path().join("src/first.md"), "# First\n\nNever mind.\n").unwrap();
        let asked = Instant::now();
        kill_process(Pid::from_child(&server.child), signal).unwrap();
        let status = server.child.wait().unwrap();
        assert_eq!(status.code(), Some(code));
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        let left: Vec<_> = fs::read_dir(book.path().join("target/serve")).unwrap().flatten().collect();
        assert!(
            left.iter().all(|entry| entry.path().extension().is_some_and(|kind| kind == "lock")),
            "{left:?}"
        );
    }
}

/// A book of two chapters. Nothing of the real one is in it: what is wrong with that is another test's matter.
fn book() -> TempDir {
    let book = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(book.path().join(name), text).unwrap();
    fs::create_dir(book.path().join("src")).unwrap();
    write("book.toml", "[book]\ntitle = \"A small book\"\n\n[output.html]\nsite-url = \"/elsewhere/\"\n");
    write("Cargo.toml", "[package]\nname = \"small\"\nversion = \"0.1.0\"\n\n[dependencies]\n");
    write("src/SUMMARY.md", "# Summary\n\n- [First](first.md)\n- [Second](second.md)\n");
    write("src/first.md", "# First\n\nThe first chapter.\n");
    write("src/second.md", "# Second\n\nThe second chapter.\n");
    book
}

/// Runs a command that ends by itself; one that serves instead is stopped, and has no exit code.
fn xtask(root: &Path, arguments: &[&str]) -> Output {
    let mut child = command(root, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).arg("--root").arg(root).stdin(Stdio::null());
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

struct Server {
    child: Child,
    address: String,
    /// What it says on either stream, line by line.
    said: Receiver<String>,
}

impl Server {
    fn start(root: &Path) -> Self {
        Self::start_with(root, &["serve", "--port", "0"])
    }

    fn start_with(root: &Path, arguments: &[&str]) -> Self {
        let mut child =
            command(root, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (say, said) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let say = say.clone();
            thread::spawn(move || {
                BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| say.send(line))
            });
        }
        let mut server = Self { child, address: String::new(), said };
        let mut before = Vec::new();
        while server.address.is_empty() {
            let line = server.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("not up: {before:?}"));
            if let Some((_, rest)) = line.split_once("http://") {
                server.address = rest.split(' ').next().unwrap().to_owned();
            }
            before.push(line);
        }
        // What was said so far can be asked for again.
        let (again, said) = mpsc::channel();
        let later = std::mem::replace(&mut server.said, said);
        thread::spawn(move || before.into_iter().chain(later).try_for_each(|line| again.send(line)));
        server
    }

    /// The next line that contains `words`.
    fn says(&self, words: &str) -> String {
        let mut others = Vec::new();
        loop {
            match self.said.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => others.push(line),
                Err(_) => panic!("never said {words:?}, only {others:?}"),
            }
        }
    }

    fn request(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        stream
    }

    fn get(&self, path: &str) -> Answer {
        let mut answer = Vec::new();
        self.request(path).read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: body.to_owned() }
    }

    /// Waits until the page shows `words`.
    fn shows(&self, path: &str, words: &str) {
        let start = Instant::now();
        loop {
            let answer = self.get(path);
            if answer.body.contains(words) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "never showed {words:?}: {answer:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn events(&self) -> BufReader<TcpStream> {
        BufReader::new(self.request("/-/events"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    body: String,
}

/// What the next event says.
fn next_event(events: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(events.read_line(&mut line).unwrap(), 0, "the server hung up");
        if let Some(data) = line.strip_prefix("data: ") {
            return data.trim_end().to_owned();
        }
    }
}
