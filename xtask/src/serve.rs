//! The book in a browser, rebuilt when a file changes.
//!
//! One thread, the builder, owns everything that is written: it waits for a change ([`watch`]), builds
//! the book ([`site`]) and publishes the result. The other, which is the caller's, answers the browser
//! from what was published last ([`pages`]). They share a [`tokio::sync::watch`] channel and nothing else.

mod pages;
mod site;
mod watch;

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use self::{
    site::{Scratch, Site},
    watch::Watch,
};

/// Where the book is when nobody says otherwise.
pub const DEFAULT_PORT: u16 = 3000;

/// What `serve` is asked to do.
pub struct Options {
    /// The folder of `book.toml`.
    pub root: PathBuf,
    /// The port to listen on, 0 for any that is free. `None`: [`DEFAULT_PORT`], or the next free one.
    pub port: Option<u16>,
    /// Show the book in the reader's browser.
    pub open: bool,
}

/// Serves the book until a signal ends it: 130 for Ctrl-C, 143 for a request to terminate.
///
/// # Errors
///
/// When the port is taken, or files cannot be watched or written. A chapter that does not build is no
/// error: it is reported, and the last good book stays up.
pub fn run(options: &Options) -> Result<ExitCode> {
    let listener = listen(options.port)?;
    let address = listener.local_addr()?;
    let scratch = Scratch::claim(&options.root.join("target/serve"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signal = runtime.block_on(serve(options, listener, address, &scratch));
    // A file that is being sent, or a build that is under way, must not keep the reader waiting.
    runtime.shutdown_background();
    scratch.clear();
    Ok(ExitCode::from(signal?))
}

async fn serve(
    options: &Options,
    listener: TcpListener,
    address: SocketAddr,
    scratch: &Scratch,
) -> Result<u8> {
    let signal = signal()?;
    let (publish, mut site) = tokio::sync::watch::channel(Site::default());
    let watch = Watch::new(&options.root).context("cannot watch the book's files")?;
    let builder = Builder { root: options.root.clone(), out: scratch.folder().to_path_buf(), publish };
    thread::Builder::new().name("builder".into()).spawn(move || builder.run(watch))?;

    let app = pages::router(site.clone());
    let open = options.open;
    let reading = async move {
        // A request that comes earlier waits in the listener's queue.
        site.changed().await.context("the builder is gone")?;
        say(&format!("Reading at http://{address} (Ctrl-C ends)"));
        if open && let Err(error) = open::that_detached(format!("http://{address}")) {
            eprintln!("warning: no browser was opened: {error}");
        }
        listener.set_nonblocking(true)?;
        axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await?;
        Ok(0)
    };
    tokio::select! {
        signal = signal => Ok(signal),
        ended = reading => ended,
    }
}

/// Listens on the reader's own machine, and on no other interface.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let asked = port.unwrap_or(DEFAULT_PORT);
    match bind(asked) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
        bound => {
            return bound.with_context(|| format!("cannot listen on port {asked} (--port takes another)"));
        }
    }
    if port.is_some() {
        bail!("port {asked} is taken; --port takes another, and --port 0 any that is free");
    }
    let Some(listener) = (asked + 1..asked + 100).find_map(|port| bind(port).ok()) else {
        bail!("port {asked} and the ninety-nine behind it are taken; --port takes another");
    };
    let got = listener.local_addr()?.port();
    say(&format!("Port {asked} is taken, so this book is on {got} (--port chooses)"));
    Ok(listener)
}

/// Waits for Ctrl-C or a request to terminate, and says how a shell names it.
fn signal() -> Result<impl Future<Output = u8>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => 130,
                _ = terminate.recv() => 143,
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            match tokio::signal::ctrl_c().await {
                Ok(()) => 130,
                Err(_) => std::future::pending().await,
            }
        })
    }
}

/// The thread that builds.
struct Builder {
    root: PathBuf,
    out: PathBuf,
    publish: tokio::sync::watch::Sender<Site>,
}

impl Builder {
    fn run(self, mut watch: Watch) {
        say("Building the book …");
        let mut number = 0;
        loop {
            number += 1;
            let started = Instant::now();
            match self.build(number) {
                Ok(folder) => {
                    say(&format!("Built in {}", seconds(started.elapsed())));
                    self.publish.send_modify(|site| site.built(folder));
                }
                Err(error) => {
                    let kept = match self.publish.borrow().has_pages() {
                        true => "the last good book stays up",
                        false => "there is no book to show yet",
                    };
                    eprintln!("error: {error:#}\n       ({kept}; the next save builds again)");
                    self.publish.send_modify(|site| site.broken(format!("{error:#}")));
                }
            }
            // Everyone who could see a new book is gone when this fails.
            let Ok(changed) = watch.wait() else { return };
            say(&format!("{} changed", changed.display()));
        }
    }

    /// Builds into a folder that nobody looks at yet. A panic in a preprocessor is a failed build, not
    /// the end of the builder, so each build has a thread to panic in.
    fn build(&self, number: u64) -> Result<site::Folder> {
        let folder = site::Folder::new(&self.out, number);
        let build = || build(&self.root, folder.path());
        let built = thread::scope(|scope| scope.spawn(build).join());
        match built {
            Ok(built) => built.map(|()| folder),
            Err(_) => bail!("the build panicked, which is a bug in this tool; see the message above"),
        }
    }
}

/// Builds the book as it is served: at the root of its host, whatever `site-url` says of the public one.
fn build(root: &Path, dest: &Path) -> Result<()> {
    let mut book = crate::book::load(root)?;
    book.config.build.build_dir = dest.to_path_buf();
    book.config.set("output.html.site-url", "/")?;
    book.build()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Prints a line for the reader; who closed their end of the pipe does not want it.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
