//! `threading.Semaphore`, which the standard library does not have: a count behind a lock, and a way to wait
//! for it to change.

use std::sync::{Condvar, Mutex, PoisonError};

pub struct Semaphore {
    /// How many permits are left.
    free: Mutex<usize>,
    /// Notified when there is one more.
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { free: Mutex::new(permits), released: Condvar::new() }
    }

    /// Waits for a permit. It is given back when it is dropped, by whichever thread has it then.
    pub fn acquire(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.released.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit(self)
    }
}

pub struct Permit<'a>(&'a Semaphore);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.released.notify_one();
    }
}
