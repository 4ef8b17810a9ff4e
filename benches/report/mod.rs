//! What the programs in this folder have in common: how they are told to be quick, and how they say
//! what they measured, one JSON object a line.

use std::time::Instant;

/// The program was started with `--quick`.
pub fn quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// How long something takes, in seconds.
#[allow(dead_code, reason = "a program that measures from one thread to another holds its own clock")]
pub fn seconds(something: impl FnOnce()) -> f64 {
    let start = Instant::now();
    something();
    start.elapsed().as_secs_f64()
}

/// Says a value.
pub fn report(key: &str, value: f64, unit: &str) {
    println!(r#"{{"key": "{key}", "value": {value:e}, "unit": "{unit}"}}"#);
}
