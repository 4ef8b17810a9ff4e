//! From a URL or a header, which a stranger wrote, to a file name that is safe on every system.

use percent_encoding::percent_decode_str;
use url::Url;

/// Most file systems allow 255 bytes. What is left is for the number that a twin gets.
const LONGEST: usize = 200;

/// What a file is called when neither its URL nor its server has a name for it.
const NAMELESS: &str = "download";

/// The name in the last segment of the URL's path.
pub fn from_url(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or("");
    safe(&percent_decode_str(last).decode_utf8_lossy())
}

/// The name in a `Content-Disposition` header (RFC 6266), if it has one.
pub fn from_disposition(header: &[u8]) -> Option<String> {
    let mut plain = None;
    let mut extended = None;
    for (key, value) in parameters(header) {
        match key.as_str() {
            "filename" => plain = plain.or(Some(String::from_utf8_lossy(&value).into_owned())),
            "filename*" => extended = extended.or_else(|| decode_extended(&value)),
            _ => {}
        }
    }
    let name = extended.or(plain)?;
    (!name.is_empty()).then(|| safe(&name))
}

/// `; key=value; key="quoted \" value"`, behind the disposition's type.
fn parameters(header: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = header.iter().copied().skip_while(|&b| b != b';').skip(1).peekable();
    while rest.peek().is_some() {
        let mut key = Vec::new();
        while let Some(b) = rest.next_if(|&b| b != b'=' && b != b';') {
            key.push(b);
        }
        let mut value = Vec::new();
        if rest.next_if_eq(&b'=').is_some() {
            while rest.next_if(u8::is_ascii_whitespace).is_some() {}
            if rest.next_if_eq(&b'"').is_some() {
                while let Some(b) = rest.next() {
                    match b {
                        b'"' => break,
                        b'\\' => value.extend(rest.next()),
                        b => value.push(b),
                    }
                }
                while rest.next_if(|&b| b != b';').is_some() {}
            } else {
                while let Some(b) = rest.next_if(|&b| b != b';') {
                    value.push(b);
                }
                value.truncate(value.trim_ascii_end().len());
            }
        }
        rest.next_if_eq(&b';');
        found.push((String::from_utf8_lossy(key.trim_ascii()).to_ascii_lowercase(), value));
    }
    found
}

/// `UTF-8'en'%e2%82%ac.txt` (RFC 8187).
fn decode_extended(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let mut pieces = text.splitn(3, '\'');
    let (charset, _language, encoded) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let bytes: Vec<u8> = percent_decode_str(encoded).collect();
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

/// Makes one plain file name of whatever was sent: no folders, nothing that a shell, a terminal or Windows
/// would take for something else, and not too long.
pub fn safe(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or("");
    let mut name: String = last.chars().map(|c| if is_unsafe(c) { '_' } else { c }).collect();

    // Windows drops these from the end, so that `a.png.` and `a.png` would be one file.
    name.truncate(name.trim_end_matches(['.', ' ']).len());
    name.drain(..name.len() - name.trim_start().len());

    // A stranger may not write `.bashrc`, whatever the output folder is.
    if name.starts_with('.') {
        name.replace_range(..1, "_");
    }
    if is_reserved(&name) {
        name.insert(0, '_');
    }
    if name.len() > LONGEST {
        name = shorten(&name, LONGEST);
    }
    if name.is_empty() { NAMELESS.to_string() } else { name }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | char::REPLACEMENT_CHARACTER)
        // Characters that cannot be seen but turn the text around them: `photo\u{202e}gnp.exe`.
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Windows opens a device for these, with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("").trim_end().to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let Some(digit) = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) else { return false };
    matches!(digit, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
}

/// Cuts the stem, so that a picture still ends in `.png`.
fn shorten(name: &str, longest: usize) -> String {
    let (stem, extension) = split(name);
    let extension = if extension.len() <= 20 { extension } else { "" };
    let stem = &stem[..stem.floor_char_boundary(longest - extension.len())];
    format!("{stem}{extension}")
}

/// `photo-2.png` for `photo.png` and 2.
pub fn numbered(name: &str, number: usize) -> String {
    let (stem, extension) = split(name);
    format!("{stem}-{number}{extension}")
}

fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// What two names have in common when a file system that ignores case takes them for one.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}
