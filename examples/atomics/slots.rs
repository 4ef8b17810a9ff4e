// ANCHOR: slots
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

pub struct Slots {
    free: AtomicUsize,
}

/// Gives its slot back when it is dropped.
pub struct Slot<'a>(&'a Slots);

impl Slots {
    pub fn try_take(&self) -> Option<Slot<'_>> {
        let mut free = self.free.load(Relaxed);
        while free > 0 {
            match self.free.compare_exchange(free, free - 1, Acquire, Relaxed) {
                Ok(_) => return Some(Slot(self)),
                Err(now) => free = now,
            }
        }
        None
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Release);
    }
}
// ANCHOR_END: slots

impl Slots {
    pub fn new(free: usize) -> Self {
        Slots { free: AtomicUsize::new(free) }
    }

    pub fn free(&self) -> usize {
        self.free.load(Relaxed)
    }
}
