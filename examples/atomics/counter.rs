// ANCHOR: counter
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Default)]
pub struct Counter {
    value: AtomicU64,
}

impl Counter {
    pub fn increment(&self) {
        self.value.fetch_add(1, Relaxed);
    }

    pub fn increment_in_two_steps(&self) {
        let value = self.value.load(Relaxed);
        self.value.store(value + 1, Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.value.load(Relaxed)
    }
}
// ANCHOR_END: counter
