//! The synchronization types that the book builds by hand, each in a file of its own, so that a chapter can
//! show it, this program can run it, and `tests/models.rs` can check every execution of it.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `semaphore.rs` | a counting semaphore from `Mutex` and `Condvar` | locks/once-barrier-semaphore.md |
//! | `transfer.rs` | a transfer that cannot deadlock, and one that can | locks/deadlocks.md |
//! | `safe_counter.rs` | a counter in a `Mutex` | locks/mutex.md |
//! | `counter.rs` | a counter that loses nothing, and one that does | locks/atomics.md |
//! | `slots.rs` | a compare-and-exchange loop | locks/atomics.md |
//! | `publish.rs` | a flag that publishes a value | locks/ordering.md |
//! | `publish_model.rs` | what must hold of it, for loom to check; here it runs once | locks/ordering.md |
//! | `once.rs` | a cell that is filled once | locks/ordering.md |
//! | `spin_lock.rs` | a lock that never sleeps | locks/ordering.md |
//!
//! The files name nothing but `std`, and each stands alone: copy one out and it compiles.

use std::{sync::Mutex, thread};

mod counter;
mod once;
mod publish;
mod publish_model;
mod safe_counter;
mod semaphore;
mod slots;
mod spin_lock;
mod transfer;

const THREADS: usize = 4;
const ROUNDS: usize = 10_000;

fn main() {
    let counter = counter::Counter::default();
    let safe_counter = safe_counter::SafeCounter::starting_at(7);
    safe_counter.reset();
    let leaky = counter::Counter::default();
    let slots = slots::Slots::new(2);
    let semaphore = semaphore::Semaphore::new(2);
    let published = publish::Published::default();
    let once = once::OnceBox::new();
    let spin_lock = spin_lock::SpinLock::new(0);
    let refused = counter::Counter::default();

    thread::scope(|s| {
        for id in 0..THREADS {
            let (counter, leaky, slots, semaphore) = (&counter, &leaky, &slots, &semaphore);
            let (once, spin_lock, refused, safe_counter) = (&once, &spin_lock, &refused, &safe_counter);
            s.spawn(move || {
                for _ in 0..ROUNDS {
                    counter.increment();
                    safe_counter.increment();
                    leaky.increment_in_two_steps();
                    if slots.try_take().is_none() {
                        refused.increment();
                    }
                    let _permit = semaphore.acquire();
                    *spin_lock.lock() += 1;
                    once.get_or_init(|| id);
                }
            });
        }
        s.spawn(|| published.publish(42));
    });

    publish_model::model();
    let [alice, bob] = [1, 2].map(|number| transfer::Account { number, balance: Mutex::new(100) });
    thread::scope(|s| {
        s.spawn(|| transfer::transfer(&alice, &bob, 10));
        s.spawn(|| transfer::transfer(&bob, &alice, 20));
    });
    transfer::transfer_as_named(&alice, &bob, 1); // harmless as long as nobody else is about

    let expected = THREADS * ROUNDS;
    println!("counter    {} of {expected}", counter.get());
    println!("in a mutex {} of {expected}", safe_counter.increment() - 1);
    println!("two steps  {} of {expected}", leaky.get());
    println!("slots      refused {} of {expected}, {} free at the end", refused.get(), slots.free());
    println!("semaphore  {} permits free at the end", semaphore.available());
    println!("published  {:?}", published.get());
    println!("once       filled by thread {}", once.get_or_init(|| THREADS));
    println!("spin lock  {} of {expected}", *spin_lock.lock());
    println!("transfer   {:?} and {:?}", alice.balance.lock().unwrap(), bob.balance.lock().unwrap());
}
