//! Runs a version again and again.

use std::time::Duration;

use anyhow::Result;

/// What one run of a version gave.
pub trait Outcome {
    /// How far from right it is; 0 is right.
    fn wrong(&self) -> u64;

    /// What the table shows of it.
    fn columns(&self) -> Vec<(&'static str, u64)>;
}

pub struct Runs<T> {
    pub worst: T,
    /// How many of the runs were wrong.
    pub wrong: usize,
    pub runs: usize,
    pub median: Duration,
}

/// Runs `once` as often, at least one time.
pub fn repeat<T: Outcome>(runs: usize, mut once: impl FnMut() -> Result<(T, Duration)>) -> Result<Runs<T>> {
    let (mut worst, time) = once()?;
    let mut wrong = usize::from(worst.wrong() > 0);
    let mut times = vec![time];
    for _ in 1..runs {
        let (outcome, time) = once()?;
        times.push(time);
        wrong += usize::from(outcome.wrong() > 0);
        if outcome.wrong() > worst.wrong() {
            worst = outcome;
        }
    }
    times.sort();
    Ok(Runs { worst, wrong, runs: times.len(), median: times[times.len() / 2] })
}
