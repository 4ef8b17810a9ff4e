// ANCHOR: once
use std::{
    ptr,
    sync::atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
};

pub struct OnceBox<T> {
    pointer: AtomicPtr<T>, // null until the first value is in
}

// `AtomicPtr<T>` is `Send` and `Sync` whatever `T` is, so the bound has to stand here.
impl<T: Send + Sync> OnceBox<T> {
    pub fn new() -> Self {
        OnceBox { pointer: AtomicPtr::new(ptr::null_mut()) }
    }

    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let mut pointer = self.pointer.load(Acquire);
        if pointer.is_null() {
            let mine = Box::into_raw(Box::new(make()));
            pointer = match self.pointer.compare_exchange(ptr::null_mut(), mine, Release, Acquire) {
                Ok(_) => mine,
                Err(theirs) => {
                    // SAFETY: the exchange failed, so nobody else has seen this box.
                    drop(unsafe { Box::from_raw(mine) });
                    theirs
                }
            };
        }
        // SAFETY: it came out of `Box::into_raw` above, in whichever thread, and lives as long as `self`.
        unsafe { &*pointer }
    }
}
// ANCHOR_END: once

impl<T: Send + Sync> Default for OnceBox<T> {
    fn default() -> Self {
        OnceBox::new()
    }
}

impl<T> Drop for OnceBox<T> {
    fn drop(&mut self) {
        // `&mut self`: no other thread can be here, so the order of loads does not matter.
        let pointer = self.pointer.load(Relaxed);
        if !pointer.is_null() {
            // SAFETY: only `get_or_init` stores a pointer, and only one that came out of `Box::into_raw`.
            drop(unsafe { Box::from_raw(pointer) });
        }
    }
}
