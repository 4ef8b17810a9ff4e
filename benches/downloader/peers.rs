//! Who takes part, and how they are told to do the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{MakeCommand, first_line};

pub struct Peer {
    pub name: &'static str,
    pub program: PathBuf,
    pub version: String,
    pub command: MakeCommand,
}

/// Everyone who is here, the floor first.
pub fn installed(bench: &Path, downloader: &Path, python: &str) -> Vec<Peer> {
    let ours = first_line(downloader, &["--version"]).expect("the downloader runs");
    let mut peers =
        vec![Peer { name: "floor", program: bench.into(), version: "bare sockets".into(), command: floor }];
    let strategies: [(&str, MakeCommand); 4] = [
        ("threads", |program, list, output, jobs| strategy(program, "threads", list, output, jobs)),
        ("queue", |program, list, output, jobs| strategy(program, "queue", list, output, jobs)),
        ("pool", |program, list, output, jobs| strategy(program, "pool", list, output, jobs)),
        ("async", |program, list, output, jobs| strategy(program, "async", list, output, jobs)),
    ];
    for (name, command) in strategies {
        peers.push(Peer { name, program: downloader.into(), version: ours.clone(), command });
    }
    let others: [(&str, &str, &[&str], MakeCommand); 5] = [
        ("curl", "curl", &["--version"], curl),
        ("aria2c", "aria2c", &["--version"], aria2c),
        ("wget2", "wget2", &["--version"], wget2),
        ("requests", python, &["-c", REQUESTS_VERSION], requests),
        ("aiohttp", python, &["-c", AIOHTTP_VERSION], aiohttp),
    ];
    for (name, program, version, command) in others {
        if let Some(version) = first_line(Path::new(program), version) {
            peers.push(Peer { name, program: program.into(), version, command });
        }
    }
    peers
}

fn floor(program: &PathBuf, list: &Path, output: &Path, jobs: usize) -> Command {
    let mut command = Command::new(program);
    command.arg("floor").arg(list).arg(output).arg(jobs.to_string());
    command
}

fn strategy(program: &PathBuf, name: &str, list: &Path, output: &Path, jobs: usize) -> Command {
    let mut command = Command::new(program);
    command.args(["--quiet", "--strategy", name, "--jobs", &jobs.to_string()]);
    command.arg("--input").arg(list).arg("--output").arg(output);
    command
}

fn curl(program: &PathBuf, list: &Path, output: &Path, jobs: usize) -> Command {
    // curl takes many URLs from a file of options only, and writes each under its own name only if asked each time.
    let urls = fs::read_to_string(list).expect("the list of URLs");
    let options: String = urls.lines().map(|url| format!("url = \"{url}\"\nremote-name\n")).collect();
    let config = list.with_extension("curl");
    fs::write(&config, options).expect("a file of options");
    let mut command = Command::new(program);
    command.args([
        "--silent",
        "--parallel",
        "--parallel-immediate",
        "--parallel-max",
        &jobs.to_string(),
        "--config",
    ]);
    command.arg(config).current_dir(output);
    command
}

fn aria2c(program: &PathBuf, list: &Path, output: &Path, jobs: usize) -> Command {
    let mut command = Command::new(program);
    command.args(["--quiet", "--no-conf", "--file-allocation=none", "--max-connection-per-server=1"]);
    command.arg(format!("--max-concurrent-downloads={jobs}"));
    command.arg("--input-file").arg(list).arg("--dir").arg(output);
    command
}

fn wget2(program: &PathBuf, list: &Path, output: &Path, jobs: usize) -> Command {
    let mut command = Command::new(program);
    command.args([
        "--quiet",
        "--no-config",
        "--no-robots",
        "--no-directories",
        &format!("--max-threads={jobs}"),
    ]);
    command.arg("--input-file").arg(list).arg("--directory-prefix").arg(output);
    command
}

fn requests(program: &PathBuf, list: &Path, output: &Path, jobs: usize) -> Command {
    python(program, REQUESTS, list, output, jobs)
}

fn aiohttp(program: &PathBuf, list: &Path, output: &Path, jobs: usize) -> Command {
    python(program, AIOHTTP, list, output, jobs)
}

fn python(program: &PathBuf, script: &str, list: &Path, output: &Path, jobs: usize) -> Command {
    let mut command = Command::new(program);
    command.args(["-c", script]).arg(list).arg(output).arg(jobs.to_string());
    command
}

const REQUESTS_VERSION: &str = "import platform, requests; print('requests', requests.__version__, 'on Python', platform.python_version())";
const AIOHTTP_VERSION: &str =
    "import platform, aiohttp; print('aiohttp', aiohttp.__version__, 'on Python', platform.python_version())";

/// A session, so that connections are kept, which `requests.get` does not do.
const REQUESTS: &str = r#"
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import requests

urls = Path(sys.argv[1]).read_text().split()
folder, jobs = Path(sys.argv[2]), int(sys.argv[3])
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=jobs))

def download(url):
    with session.get(url, stream=True, timeout=30) as reply:
        reply.raise_for_status()
        with open(folder / url.rsplit("/", 1)[1], "wb") as file:
            for chunk in reply.iter_content(64 * 1024):
                file.write(chunk)

with ThreadPoolExecutor(jobs) as pool:
    list(pool.map(download, urls))
"#;

const AIOHTTP: &str = r#"
import asyncio, sys
from pathlib import Path
import aiohttp

urls = Path(sys.argv[1]).read_text().split()
folder, jobs = Path(sys.argv[2]), int(sys.argv[3])

async def main():
    limit = asyncio.Semaphore(jobs)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=jobs)) as session:
        async def download(url):
            async with limit, session.get(url) as reply:
                reply.raise_for_status()
                with open(folder / url.rsplit("/", 1)[1], "wb") as file:
                    async for chunk in reply.content.iter_chunked(64 * 1024):
                        file.write(chunk)

        await asyncio.gather(*map(download, urls))

asyncio.run(main())
"#;
