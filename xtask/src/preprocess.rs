//! What mdBook's renderers are given instead of a chapter's plain Markdown.

use std::path::{Path, PathBuf};

use anyhow::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, book::Book};

/// The preprocessor that `book.toml` names.
pub struct Snippets {
    #[expect(dead_code)]
    root: PathBuf,
}

impl Snippets {
    /// `root` is the folder of `book.toml`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }
}

impl Preprocessor for Snippets {
    fn name(&self) -> &str {
        "snippets"
    }

    fn run(&self, _ctx: &PreprocessorContext, book: Book) -> Result<Book> {
        Ok(book)
    }
}
