//! The tool behind `cargo run`. One module per noun, in the order in which a snippet passes them:
//!
//! - [`fence`]: what the first line of a block promises
//! - [`include`]: lines of a block that stand for lines of a file
//! - [`chapter`]: a chapter's blocks, and which belong together
//! - [`rustc`], [`python`], [`run`]: compiling and running, with limits
//! - [`expect`]: comparing what a page shows with what a program showed
//! - [`check`], [`exercise`], [`bless`]: one program, the exercises, the author's shortcuts ([`author`])
//! - [`stamp`]: what has passed already and has not changed since
//! - [`example`]: a program in `examples/`, as a test finds it
//! - [`rustdoc`], [`skeptic`]: the forms in which other tools test the same blocks
//! - [`page`], [`preprocess`], [`book`]: the rendered book
//! - [`measure`]: the book's numbers, measured and shown
//! - [`serve`]: the book in a browser, rebuilt when a file changes; [`log`]: what mdBook has to say meanwhile
//! - `diagrams`, with the feature of that name: the SVG beside every Mermaid source

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

pub mod author;
pub mod bless;
pub mod book;
pub mod chapter;
pub mod check;
#[cfg(feature = "diagrams")]
pub mod diagrams;
pub mod example;
pub mod exercise;
pub mod expect;
pub mod fence;
pub mod include;
pub mod log;
pub mod measure;
pub mod page;
pub mod preprocess;
pub mod python;
pub mod run;
pub mod rustc;
pub mod rustdoc;
pub mod serve;
pub mod skeptic;
pub mod stamp;

/// The repository that this tool was built in.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo, to be run from a program that Cargo itself may have started.
///
/// What Cargo tells that program about its package is left out: build scripts that look at it (ring's)
/// would be run again, and then once more under the next `cargo test`, each time with all that depends on
/// them.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let is_about_the_package = name.to_str().is_some_and(|name| {
            name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if is_about_the_package {
            command.env_remove(name);
        }
    }
    command
}
