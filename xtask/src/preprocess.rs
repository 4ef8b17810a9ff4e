//! The preprocessor that `book.toml` names: mdBook calls it for every renderer, and for `mdbook test`.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use mdbook_preprocessor::{
    Preprocessor, PreprocessorContext,
    book::{Book, BookItem},
};

use crate::{
    chapter::{Chapter, Problem},
    measure::{self, Measurements},
    page::Pages,
    rustc,
    rustdoc::{self, LazyCompiler},
};

/// The preprocessor.
pub struct Snippets {
    root: PathBuf,
}

impl Snippets {
    /// `root` is the folder with `Cargo.toml`, which says what crates snippets may use.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }
}

impl Preprocessor for Snippets {
    fn name(&self) -> &str {
        "snippets"
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let src = ctx.root.join(&ctx.config.book.src);
        let mut chapters = Vec::new();
        let mut problems = Vec::new();
        for item in book.iter() {
            if let Some((path, content)) = written(item) {
                match Chapter::parse(&src, &path, content) {
                    Ok(chapter) => chapters.push(chapter),
                    Err(found) => problems.extend(found),
                }
            }
        }
        refuse(problems)?;

        let dependencies = rustc::dependencies(&self.root)?;
        let pages = Pages { src: &src, dependencies: &dependencies, chapters: &chapters };
        let measured = Measurements::load(&self.root)?;
        let compiler = LazyCompiler::new(&self.root)?;
        let mut texts = Vec::new();
        let mut problems = Vec::new();
        for chapter in &chapters {
            match ctx.renderer.as_str() {
                "html" => match pages.html(chapter) {
                    Ok(text) => texts.push(with_numbers(chapter, &text, &measured)?),
                    Err(found) => problems.extend(found),
                },
                "test" => texts.push(rustdoc::chapter_for_rustdoc(chapter, &compiler)?),
                _ => texts.push(with_numbers(chapter, &pages.plain(chapter), &measured)?),
            }
        }
        refuse(problems)?;

        let mut texts = texts.into_iter();
        book.for_each_mut(|item| {
            if written(item).is_some()
                && let BookItem::Chapter(chapter) = item
                && let Some(text) = texts.next()
            {
                chapter.content = text;
            }
        });
        Ok(book)
    }
}

/// A chapter that has a file: its path, with forward slashes, and its text.
fn written(item: &BookItem) -> Option<(String, &str)> {
    let BookItem::Chapter(chapter) = item else { return None };
    let path = chapter.source_path.as_ref()?;
    let path: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    Some((path.join("/"), &chapter.content))
}

/// The text with the measured numbers in it.
fn with_numbers(chapter: &Chapter, text: &str, measured: &Measurements) -> Result<String> {
    measure::uses::expand(text, measured).with_context(|| format!("in src/{}", chapter.path))
}

fn refuse(problems: Vec<Problem>) -> Result<()> {
    match problems.as_slice() {
        [] => Ok(()),
        problems => {
            let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
            bail!("{}", lines.join("\n"))
        }
    }
}

/// The process that mdBook starts: the book comes as JSON on standard input and goes out on standard
/// output.
///
/// # Errors
///
/// When the input is not mdBook's, or a chapter breaks the book's rules.
pub fn run_as_command(root: &Path) -> Result<()> {
    let (ctx, book) = mdbook_preprocessor::parse_input(io::stdin().lock())?;
    let book = Snippets::new(root).run(&ctx, book)?;
    serde_json::to_writer(io::stdout().lock(), &book)?;
    Ok(())
}
