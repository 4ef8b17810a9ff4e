//! What to download: URLs from the command line and from a list, each once.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use url::Url;

use crate::fault::Fault;
use crate::folder::Folder;
use crate::name;

/// One file to download. Made before the first request is sent and never changed after.
pub struct Job {
    pub url: Url,
    /// The name under which to save the file unless the server gives a better one. It is settled here, in
    /// the order of the input, so that twins (`a/logo.png`, `b/logo.png`) get the same names on every run.
    pub name: String,
    /// Which line of the list it came from, for messages.
    pub line: Option<usize>,
}

/// A piece of the input that is not a URL to download.
pub struct Reject {
    pub text: String,
    pub line: Option<usize>,
    pub fault: Fault,
}

#[derive(Default)]
pub struct Input {
    pub jobs: Vec<Job>,
    pub rejects: Vec<Reject>,
    pub duplicates: usize,
    seen: HashSet<Url>,
}

impl Input {
    /// Reads the list and adds its lines. Only a list that cannot be read is an error; a bad line is not.
    pub fn add_list(&mut self, path: &Path, folder: &Folder) -> io::Result<()> {
        let list: Box<dyn Read> =
            if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
        let mut list = BufReader::new(list);
        let mut bytes = Vec::new();
        let mut line = 0;
        loop {
            bytes.clear();
            if list.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(());
            }
            line += 1;
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_start_matches('\u{feff}').trim();
            if !text.is_empty() && !text.starts_with('#') {
                self.add(text, Some(line), folder);
            }
        }
    }

    pub fn add(&mut self, text: &str, line: Option<usize>, folder: &Folder) {
        match parse(text) {
            Ok(url) => {
                if self.seen.insert(url.clone()) {
                    let name = folder.claim(&name::from_url(&url));
                    self.jobs.push(Job { url, name, line });
                } else {
                    self.duplicates += 1;
                }
            }
            Err(why) => self.rejects.push(Reject {
                text: text.chars().take(200).collect(),
                line,
                fault: Fault::Url(why),
            }),
        }
    }
}

fn parse(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|why| why.to_string())?;
    fetchable(&url)?;
    url.set_fragment(None);
    Ok(url)
}

/// Also asked of every redirect: a server must not be able to send us to `file:///etc/passwd`.
pub fn fetchable(url: &Url) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{}: is not http or https", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("user names and passwords in URLs are not supported".to_string());
    }
    Ok(())
}
