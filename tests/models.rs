//! The types that the book builds by hand (`examples/atomics/`) do what the book says in every execution that
//! loom can make of a model, and the broken versions that it warns of do not. The files are included as they
//! are, in a module where the name `std` means loom's stand-ins; a broken version is the same file in a module
//! where one ordering is called by another's name. loom runs each model again for every choice that the
//! scheduler or the memory model could make, and how often that is must be what the chapter's table says.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use loom::{sync::Arc, thread};

/// What the included files find under the name `std`.
mod loom_std {
    pub use loom::{hint, sync, thread};
    pub use std::{ops, ptr};

    pub mod cell {
        /// The interface of `std`'s cell over loom's, for a file that takes a pointer only while it has the
        /// value to itself: each `get` counts as a write, and loom objects if another access is unordered
        /// with it.
        pub struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

        impl<T> UnsafeCell<T> {
            pub fn new(value: T) -> Self {
                UnsafeCell(loom::cell::UnsafeCell::new(value))
            }

            pub fn get(&self) -> *mut T {
                self.0.with_mut(|pointer| pointer)
            }
        }
    }
}

/// `$name::std` is `loom_std`, but `$ordering` means `Relaxed` in it.
macro_rules! weakened_std {
    ($name:ident, $($kept:ident)?, $ordering:ident) => {
        mod $name {
            pub use super::loom_std::{cell, hint, ops, ptr};
            pub mod sync {
                pub mod atomic {
                    pub use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize};
                    #[expect(non_snake_case)]
                    pub mod Ordering {
                        pub use loom::sync::atomic::Ordering::{Relaxed, Relaxed as $ordering, $($kept)?};
                    }
                }
            }
        }
    };
}
weakened_std!(without_release, Acquire, Release);
weakened_std!(without_acquire, Release, Acquire);

/// The file, compiled against the module that stands in for `std`.
macro_rules! book {
    ($name:ident, $std:ident, $file:literal) => {
        #[allow(dead_code)]
        mod $name {
            use super::$std as std;
            include!(concat!("../examples/atomics/", $file));
        }
    };
}
book!(transfer, loom_std, "transfer.rs");
book!(safe_counter, loom_std, "safe_counter.rs");
book!(counter, loom_std, "counter.rs");
book!(slots, loom_std, "slots.rs");
book!(slots_without_release, without_release, "slots.rs");
book!(slots_without_acquire, without_acquire, "slots.rs");
book!(semaphore, loom_std, "semaphore.rs");
book!(publish, loom_std, "publish.rs");
book!(publish_without_release, without_release, "publish.rs");
book!(publish_without_acquire, without_acquire, "publish.rs");
book!(once, loom_std, "once.rs");
book!(once_without_release, without_release, "once.rs");
book!(once_without_acquire, without_acquire, "once.rs");
book!(spin_lock, loom_std, "spin_lock.rs");
book!(spin_lock_without_release, without_release, "spin_lock.rs");
book!(spin_lock_without_acquire, without_acquire, "spin_lock.rs");

/// How a model ended: after how many executions, and with which panic, if with one.
#[derive(Debug)]
struct Outcome {
    executions: usize,
    failure: Option<String>,
}

fn explore(model: impl Fn() + Send + Sync + 'static) -> Outcome {
    // Not loom's counter but one that loom does not see: it counts the runs of the model.
    let executions = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = executions.clone();
    let mut builder = loom::model::Builder::new();
    // No bounds, whatever the environment says: "every execution" has to mean it.
    builder.preemption_bound = None;
    builder.max_permutations = None;
    builder.max_duration = None;
    let run = catch_unwind(AssertUnwindSafe(|| {
        builder.check(move || {
            counted.fetch_add(1, Relaxed);
            model();
        })
    }));
    let failure = run.err().map(|panic| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"not a message").to_string(),
    });
    Outcome { executions: executions.load(Relaxed), failure }
}

/// The row of a table in the chapter that starts with `| name |`, as its cells.
fn row(chapter: &str, name: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/locks/").to_owned() + chapter;
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let start = format!("| {name} |");
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with(&start)).collect();
    assert_eq!(rows.len(), 1, "{path} has {} rows that start with {start:?}", rows.len());
    rows[0].split('|').map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
}

/// The model holds in every execution, and the chapter's row for it ends with how many those are.
#[track_caller]
fn holds(name: &str, model: impl Fn() + Send + Sync + 'static) {
    let outcome = explore(model);
    println!("{name}: {outcome:?}");
    assert_eq!(outcome.failure, None, "{name}: failed in execution {}", outcome.executions);
    let shown = row("ordering.md", name);
    assert_eq!(shown.last(), Some(&thousands(outcome.executions)), "{name}: executions in ordering.md");
}

/// The model fails, with these words, and the chapter's row for it ends with the execution in which it does.
#[track_caller]
fn fails(name: &str, words: &str, model: impl Fn() + Send + Sync + 'static) {
    let outcome = explore(model);
    println!("{name}: {outcome:?}");
    let failure =
        outcome.failure.unwrap_or_else(|| panic!("{name}: held in {} executions", outcome.executions));
    assert!(failure.contains(words), "{name}: failed with {failure:?}, not with {words:?}");
    let shown = row("ordering.md", name);
    assert_eq!(shown.last(), Some(&thousands(outcome.executions)), "{name}: execution in ordering.md");
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A value whose every reading and dropping loom checks against its making.
struct Watched(loom::cell::UnsafeCell<u32>);

// SAFETY: never written after it was made; loom is here to check just that.
unsafe impl Sync for Watched {}

impl Watched {
    fn new(value: u32) -> Self {
        Watched(loom::cell::UnsafeCell::new(value))
    }

    fn read(&self) -> u32 {
        // SAFETY: as above.
        self.0.with(|value| unsafe { *value })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.with_mut(|_| ());
    }
}

#[test]
fn a_counter_in_a_mutex_gives_every_number_once() {
    holds("`SafeCounter`, 3 threads", || {
        let counter = Arc::new(safe_counter::SafeCounter::starting_at(0));
        let threads = [1, 2].map(|_| {
            let counter = counter.clone();
            thread::spawn(move || counter.increment())
        });
        let mut given = vec![counter.increment()];
        given.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
        given.sort();
        assert_eq!(given, [1, 2, 3]);
    });
}

#[test]
fn a_counter_that_adds_in_one_step_loses_nothing() {
    holds("`increment`, 3 threads", || {
        let counter = Arc::new(counter::Counter::default());
        let threads = [1, 2].map(|_| {
            let counter = counter.clone();
            thread::spawn(move || counter.increment())
        });
        counter.increment();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(counter.get(), 3);
    });
}

#[test]
fn a_counter_that_adds_in_two_steps_loses_updates() {
    fails("`increment_in_two_steps`, 2 threads", "an update was lost", || {
        let counter = Arc::new(counter::Counter::default());
        let other = counter.clone();
        let thread = thread::spawn(move || other.increment_in_two_steps());
        counter.increment_in_two_steps();
        thread.join().unwrap();
        assert_eq!(counter.get(), 2, "an update was lost");
    });
}

macro_rules! slots_model {
    ($module:ident) => {
        || {
            let slots = Arc::new($module::Slots::new(1));
            let inside = Arc::new(loom::cell::UnsafeCell::new(0));
            let (other, also_inside) = (slots.clone(), inside.clone());
            let thread = thread::spawn(move || {
                if let Some(_slot) = other.try_take() {
                    also_inside.with_mut(|value| unsafe { *value += 1 });
                }
            });
            if let Some(_slot) = slots.try_take() {
                inside.with_mut(|value| unsafe { *value += 1 });
            }
            thread.join().unwrap();
            assert_eq!(slots.free(), 1);
        }
    };
}

#[test]
fn one_slot_is_held_by_one_thread() {
    holds("`Slots`, 2 threads, 1 slot", slots_model!(slots));
}

#[test]
fn a_slot_given_back_with_relaxed_lets_in_a_race() {
    let words = "Causality violation";
    fails("`Slots`, `Relaxed` for `Release`", words, slots_model!(slots_without_release));
    fails("`Slots`, `Relaxed` for `Acquire`", words, slots_model!(slots_without_acquire));
}

#[test]
fn looking_and_then_taking_gives_one_slot_to_two_threads() {
    fails("`if free.load() > 0 { free.fetch_sub(1) }`", "two threads took one slot", || {
        let free = Arc::new(loom::sync::atomic::AtomicUsize::new(1));
        let taken = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let take = |free: &loom::sync::atomic::AtomicUsize, taken: &loom::sync::atomic::AtomicUsize| {
            // Not `SeqCst`, which loom takes for less than it is: what fails with it might be no mistake.
            use loom::sync::atomic::Ordering::{AcqRel, Acquire};
            if free.load(Acquire) > 0 {
                free.fetch_sub(1, AcqRel);
                taken.fetch_add(1, AcqRel);
            }
        };
        let (other, also_taken) = (free.clone(), taken.clone());
        let thread = thread::spawn(move || take(&other, &also_taken));
        take(&free, &taken);
        thread.join().unwrap();
        assert_eq!(taken.load(loom::sync::atomic::Ordering::Acquire), 1, "two threads took one slot");
    });
}

#[test]
fn a_semaphore_lets_in_as_many_as_it_has_permits() {
    holds("`Semaphore`, 2 threads, 1 permit", || {
        let semaphore = Arc::new(semaphore::Semaphore::new(1));
        let inside = Arc::new(loom::cell::UnsafeCell::new(0));
        let (other, also_inside) = (semaphore.clone(), inside.clone());
        let thread = thread::spawn(move || {
            let _permit = other.acquire();
            also_inside.with_mut(|value| unsafe { *value += 1 });
        });
        let permit = semaphore.acquire();
        inside.with_mut(|value| unsafe { *value += 1 });
        drop(permit);
        thread.join().unwrap();
        assert_eq!(inside.with(|value| unsafe { *value }), 2);
        assert_eq!(semaphore.available(), 1);
    });
}

/// The model that the chapter shows, of the file or of a weakened one.
macro_rules! published_model {
    ($name:ident, $publish:ident) => {
        mod $name {
            use super::$publish as publish;
            pub mod program {
                use super::super::loom_std as std;
                include!("../examples/atomics/publish_model.rs");
            }
        }
    };
}
published_model!(published, publish);
published_model!(published_without_release, publish_without_release);
published_model!(published_without_acquire, publish_without_acquire);

#[test]
fn who_sees_the_flag_sees_the_value() {
    holds("`Published`, 2 threads", published::program::model);
}

#[test]
fn publishing_with_relaxed_shows_the_flag_before_the_value() {
    let words = "ready, but the value is not there";
    fails("`Published`, `Relaxed` for `Release`", words, published_without_release::program::model);
    fails("`Published`, `Relaxed` for `Acquire`", words, published_without_acquire::program::model);
}

macro_rules! once_model {
    ($module:ident) => {
        || {
            let once = Arc::new($module::OnceBox::new());
            let threads = [1, 2].map(|value| {
                let once = once.clone();
                thread::spawn(move || once.get_or_init(|| Watched::new(value)).read())
            });
            let here = once.get_or_init(|| Watched::new(3)).read();
            let there = threads.map(|thread| thread.join().unwrap());
            assert_eq!(there, [here, here], "two threads saw two values");
        }
    };
}

#[test]
fn every_thread_sees_the_one_value_whole() {
    holds("`OnceBox`, 3 threads", once_model!(once));
}

#[test]
fn a_pointer_stored_with_relaxed_arrives_before_what_it_points_to() {
    let words = "Causality violation";
    fails("`OnceBox`, `Relaxed` for `Release`", words, once_model!(once_without_release));
    fails("`OnceBox`, `Relaxed` for `Acquire`", words, once_model!(once_without_acquire));
}

macro_rules! spin_lock_model {
    ($module:ident) => {
        || {
            let total = Arc::new($module::SpinLock::new(0));
            let other = total.clone();
            let thread = thread::spawn(move || *other.lock() += 1);
            *total.lock() += 1;
            thread.join().unwrap();
            assert_eq!(*total.lock(), 2);
        }
    };
}

#[test]
fn a_spin_lock_lets_one_thread_in() {
    holds("`SpinLock`, 2 threads", spin_lock_model!(spin_lock));
}

#[test]
fn a_spin_lock_unlocked_with_relaxed_lets_in_a_race() {
    let words = "Causality violation";
    fails("`SpinLock`, `Relaxed` for `Release`", words, spin_lock_model!(spin_lock_without_release));
    fails("`SpinLock`, `Relaxed` for `Acquire`", words, spin_lock_model!(spin_lock_without_acquire));
}

/// Two people send each other money at once, by the given function.
fn transfers(transfer: fn(&transfer::Account, &transfer::Account, u64)) -> impl Fn() {
    move || {
        let account = |number| transfer::Account { number, balance: loom::sync::Mutex::new(100) };
        // Not loom's `Arc`: dropping one takes part in the model, and so aborts the test after a deadlock.
        let accounts = std::sync::Arc::new((account(1), account(2)));
        let other = accounts.clone();
        let thread = thread::spawn(move || transfer(&other.1, &other.0, 20));
        transfer(&accounts.0, &accounts.1, 10);
        thread.join().unwrap();
        assert_eq!(*accounts.0.balance.lock().unwrap(), 110);
        assert_eq!(*accounts.1.balance.lock().unwrap(), 90);
    }
}

#[test]
fn transfers_that_lock_by_number_never_deadlock() {
    holds("`transfer`, 2 threads", transfers(transfer::transfer));
}

#[test]
fn transfers_that_lock_as_named_deadlock() {
    fails("`transfer_as_named`", "deadlock", transfers(transfer::transfer_as_named));
}
