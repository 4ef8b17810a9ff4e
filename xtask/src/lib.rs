//! The tool behind `cargo run`. One module per noun:
//!
//! - [`book`]: a book on disk, loaded with this repository's preprocessor in place
//! - [`measure`]: the book's numbers, measured and shown
//! - [`preprocess`]: what mdBook's renderers are given instead of a chapter's plain Markdown
//! - [`serve`]: the book in a browser, rebuilt when a file changes

pub mod book;
pub mod measure;
pub mod preprocess;
pub mod serve;
