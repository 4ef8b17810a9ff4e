// ANCHOR: semaphore
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    free: Mutex<usize>,
    returned: Condvar,
}

/// Gives its permit back when it is dropped.
pub struct Permit<'a>(&'a Semaphore);

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { free: Mutex::new(permits), returned: Condvar::new() }
    }

    pub fn acquire(&self) -> Permit<'_> {
        let mut free = self.free.lock().unwrap();
        while *free == 0 {
            free = self.returned.wait(free).unwrap();
        }
        *free -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap() += 1;
        self.0.returned.notify_one();
    }
}
// ANCHOR_END: semaphore

impl Semaphore {
    pub fn available(&self) -> usize {
        *self.free.lock().unwrap()
    }
}
