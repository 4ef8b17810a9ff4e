//! The tool behind `cargo run`. One module per noun:
//!
//! - [`book`]: a book on disk, loaded with this repository's preprocessor in place
//! - `diagrams`: the SVG beside every Mermaid source, with the feature of that name
//! - [`log`]: what mdBook has to say, on the terminal
//! - [`preprocess`]: what mdBook's renderers are given instead of a chapter's plain Markdown
//! - [`serve`]: the book in a browser, rebuilt when a file changes

pub mod book;
#[cfg(feature = "diagrams")]
pub mod diagrams;
pub mod log;
pub mod preprocess;
pub mod serve;
