//! A book on disk, loaded with this repository's preprocessor in place.

use std::path::Path;

use anyhow::Result;
use mdbook_driver::{
    MDBook,
    builtin_preprocessors::{IndexPreprocessor, LinkPreprocessor},
    config::Config,
};

use crate::preprocess::Snippets;

/// Loads the book in `root`, whose `book.toml` names this tool as a preprocessor, and puts the
/// preprocessor itself in the place of the command: the same book, without a process per build.
///
/// # Errors
///
/// When `book.toml` or `SUMMARY.md` cannot be read or name what is not there.
pub fn load(root: &Path) -> Result<MDBook> {
    let mut config = Config::from_disk(root.join("book.toml"))?;
    adjust(&mut config)?;
    // They run in the order in which they are added, and ours comes before mdBook's includes.
    config.build.use_default_preprocessors = false;
    let mut book = MDBook::load_with_config(root, config)?;
    // The same name, so it takes the command's place in the order; a new one would run last, on text
    // whose includes mdBook has already filled in.
    book.with_preprocessor(Snippets::new(root));
    book.with_preprocessor(LinkPreprocessor::new());
    book.with_preprocessor(IndexPreprocessor::new());
    Ok(book)
}

fn adjust(config: &mut Config) -> Result<()> {
    // A chapter that was deleted or misspelled is a mistake to report, not a file to write.
    config.build.create_missing = false;
    config.set("preprocessor.snippets.before", ["links"])?;
    Ok(())
}

/// Builds the static site into `dest`.
///
/// # Errors
///
/// When a chapter breaks the book's rules (the message names chapter and line), or mdBook fails.
pub fn build(root: &Path, dest: &Path) -> Result<()> {
    let mut book = load(root)?;
    book.config.build.build_dir = dest.to_path_buf();
    book.build()
}
