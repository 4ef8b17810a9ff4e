//! Ctrl-C: how the wish to stop reaches every thread and every task.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

pub struct Stop {
    /// For the hot path, which asks at every chunk. `Relaxed` will do: nothing else is published by it.
    set: AtomicBool,
    /// For threads that sleep until a pause is over, and must wake up before that.
    asleep: Mutex<()>,
    wake: Condvar,
    /// For tasks.
    tasks: watch::Sender<bool>,
    /// For threads that are inside a system call: what closes their sockets.
    closers: Mutex<Vec<Box<dyn Fn() + Send>>>,
}

impl Default for Stop {
    fn default() -> Stop {
        Stop {
            set: AtomicBool::new(false),
            asleep: Mutex::default(),
            wake: Condvar::new(),
            tasks: watch::Sender::new(false),
            closers: Mutex::default(),
        }
    }
}

impl Stop {
    pub fn is_set(&self) -> bool {
        self.set.load(Relaxed)
    }

    pub fn set(&self) {
        {
            // Under the lock, so that it cannot fall between a sleeper's look at the flag and its sleep.
            let _asleep = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
            self.set.store(true, Relaxed);
        }
        self.wake.notify_all();
        self.tasks.send_replace(true);
        for close in self.closers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            close();
        }
    }

    /// Runs `close` when the wish to stop comes.
    pub fn closes(&self, close: impl Fn() + Send + 'static) {
        self.closers.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(close));
    }

    /// Sleeps, but not past the wish to stop.
    pub fn sleep(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut asleep = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.is_set() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            (asleep, _) = self.wake.wait_timeout(asleep, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Is ready when the wish to stop comes.
    pub async fn wished(&self) {
        // It fails only when the sender is gone, and we hold the sender.
        let _ = self.tasks.subscribe().wait_for(|&set| set).await;
    }
}
