// ANCHOR: counter
use std::sync::Mutex;

pub struct SafeCounter {
    value: Mutex<u64>,
}

impl SafeCounter {
    pub fn starting_at(value: u64) -> Self {
        SafeCounter { value: Mutex::new(value) }
    }

    pub fn increment(&self) -> u64 {
        let mut value = self.value.lock().unwrap();
        *value += 1;
        *value
    }

    pub fn reset(&self) {
        *self.value.lock().unwrap() = 0;
    }
}
// ANCHOR_END: counter
