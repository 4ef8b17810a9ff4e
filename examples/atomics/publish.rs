// ANCHOR: published
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

#[derive(Default)]
pub struct Published {
    value: AtomicU64,
    ready: AtomicBool,
}

impl Published {
    pub fn publish(&self, value: u64) {
        self.value.store(value, Relaxed);
        self.ready.store(true, Release);
    }

    pub fn get(&self) -> Option<u64> {
        if self.ready.load(Acquire) { Some(self.value.load(Relaxed)) } else { None }
    }
}
// ANCHOR_END: published
