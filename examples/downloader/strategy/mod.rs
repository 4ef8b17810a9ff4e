//! Five ways to do many downloads. A strategy knows nothing about downloads: it gets a list and a function,
//! and decides on which thread, or in which task, and when the function runs for each entry.

pub mod pool;
pub mod queue;
pub mod sequential;
pub mod tasks;
pub mod threads;
