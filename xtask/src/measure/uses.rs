//! Which page shows what: `{{#measured …}}`, `{{#ratio …}}`, `{{#measurements …}}`, `{{#plot …}}`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::show::Measurements;

/// What a page asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Value { name: String, key: String },
    Ratio { name: String, over: String, under: String },
    Table { name: String },
    Plot { name: String },
}

impl Ask {
    /// The measurement it is about.
    pub fn name(&self) -> &str {
        match self {
            Self::Value { name, .. }
            | Self::Ratio { name, .. }
            | Self::Table { name }
            | Self::Plot { name } => name,
        }
    }

    /// What stands in its place.
    ///
    /// # Errors
    ///
    /// When there is no such measurement or key.
    pub fn answer(&self, measured: &Measurements) -> Result<String> {
        match self {
            Self::Value { name, key } => measured.value(name, key),
            Self::Ratio { name, over, under } => measured.ratio(name, over, under),
            Self::Table { name } => measured.table(name),
            Self::Plot { name } => measured.plot(name),
        }
    }
}

/// Something asked for, and where.
#[derive(Debug)]
pub struct Use {
    /// Below `src`
    pub page: PathBuf,
    pub line: usize,
    pub ask: Ask,
}

/// Everything that the pages below `src` ask for, page by page.
///
/// # Errors
///
/// When a page cannot be read, or asks for something in words that make no sense.
pub fn all(src: &Path) -> Result<Vec<Use>> {
    let mut uses = Vec::new();
    let mut folders = vec![src.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let page = path.strip_prefix(src)?.to_path_buf();
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                for (at, _, ask) in find(&text) {
                    let line = 1 + text[..at].matches('\n').count();
                    let ask = ask.with_context(|| format!("{}:{line}", page.display()))?;
                    uses.push(Use { page: page.clone(), line, ask });
                }
            }
        }
    }
    uses.sort_by(|a, b| (&a.page, a.line).cmp(&(&b.page, b.line)));
    Ok(uses)
}

/// A chapter's text with every number in its place.
///
/// # Errors
///
/// When the text asks for what is not there; the message begins with the line.
pub fn expand(text: &str, measured: &Measurements) -> Result<String> {
    let mut expanded = String::new();
    let mut done = 0;
    for (start, end, ask) in find(text) {
        let line = || format!("line {}", 1 + text[..start].matches('\n').count());
        expanded += &text[done..start];
        expanded += &ask.with_context(line)?.answer(measured).with_context(line)?;
        done = end;
    }
    Ok(expanded + &text[done..])
}

/// Where something is asked for. A backslash in front takes its meaning away, as for mdBook's own.
fn find(text: &str) -> Vec<(usize, usize, Result<Ask>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("{{#").map(|at| from + at) {
        from = start + 3;
        let Some(end) = text[from..].find("}}").map(|at| from + at) else { break };
        if !text[..start].ends_with('\\')
            && let Some(ask) = parse(&text[from..end])
        {
            found.push((start, end + 2, ask));
            from = end + 2;
        }
    }
    found
}

/// `None` for what is not ours.
fn parse(words: &str) -> Option<Result<Ask>> {
    let mut words = words.split_whitespace().map(str::to_string);
    let verb = words.next()?;
    let rest: Vec<String> = words.collect();
    let form = match verb.as_str() {
        "measured" => "{{#measured NAME KEY}}",
        "ratio" => "{{#ratio NAME KEY KEY}}",
        "measurements" => "{{#measurements NAME}}",
        "plot" => "{{#plot NAME}}",
        _ => return None,
    };
    Some(match (verb.as_str(), <[String; 1]>::try_from(rest)) {
        ("measurements", Ok([name])) => Ok(Ask::Table { name }),
        ("plot", Ok([name])) => Ok(Ask::Plot { name }),
        ("measured", Err(rest)) if rest.len() == 2 => {
            Ok(Ask::Value { name: rest[0].clone(), key: rest[1].clone() })
        }
        ("ratio", Err(rest)) if rest.len() == 3 => {
            Ok(Ask::Ratio { name: rest[0].clone(), over: rest[1].clone(), under: rest[2].clone() })
        }
        _ => (|| bail!("`{verb}` is written {form}"))(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::measure::show::tests::record;

    fn measured() -> Measurements {
        let record = record("gil", &[("rust.threads-1", 0.004, "s"), ("rust.threads-2", 0.008, "s")]);
        Measurements { reference: BTreeMap::from([("gil".to_string(), record)]), yours: BTreeMap::new() }
    }

    #[test]
    fn numbers_take_their_places() {
        let text = "One takes {{#measured gil rust.threads-1}}, two\n{{#ratio gil rust.threads-2 rust.threads-1}} times.";
        assert_eq!(expand(text, &measured()).unwrap(), "One takes 4.00\u{a0}ms, two\n2.0 times.");
        let table = expand("a\n\n{{#measurements gil}}\n\nb", &measured()).unwrap();
        assert!(table.starts_with("a\n\n<figure") && table.ends_with("</figure>\n\n\n\nb"), "{table}");
    }

    #[test]
    fn what_is_not_ours_stays() {
        for text in ["{{#include hello.rs}}", "\\{{#measured gil rust.threads-1}}", "{{#measured", "{{ }}"] {
            assert_eq!(expand(text, &measured()).unwrap(), text);
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let form = format!("{:#}", expand("\n{{#ratio gil rust.threads-1}}", &measured()).unwrap_err());
        assert_eq!(form, "line 2: `ratio` is written {{#ratio NAME KEY KEY}}");
        let name = format!("{:#}", expand("{{#measurements lock}}", &measured()).unwrap_err());
        assert!(name.starts_with("line 1: there is no measurement `lock`"), "{name}");
        let empty = format!("{:#}", expand("{{#plot}}", &measured()).unwrap_err());
        assert_eq!(empty, "line 1: `plot` is written {{#plot NAME}}");
    }
}
