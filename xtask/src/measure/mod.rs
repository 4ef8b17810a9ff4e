//! The book's numbers: how they are measured, where they are kept, how a page shows them.
//!
//! - [`catalog`]: what is measured, and the words for it
//! - [`programs`]: the pairs of programs in `benches/`, built and run
//! - [`machine`]: what the numbers were measured on
//! - [`record`]: the numbers of one measurement, as a file keeps them
//! - [`show`]: a number, a ratio, a table or a plot, as a page shows them
//! - [`uses`]: which page shows what
//! - [`run`]: all of it in one go, `cargo run --release -- measure`
//!
//! The preprocessor needs two calls: [`show::Measurements::load`], once, and
//! [`uses::expand`](uses::expand), for each chapter.

pub mod catalog;
pub mod machine;
pub mod programs;
mod progress;
pub mod record;
mod run;
pub mod show;
pub mod uses;

pub use run::{Options, run};
pub use show::Measurements;
