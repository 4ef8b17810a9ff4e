//! Two transfers that deadlock, and `parking_lot`'s detector, which says so.

use parking_lot::{Mutex, deadlock};
use std::{sync::Barrier, thread, time::Duration};

static ALICE: Mutex<u64> = Mutex::new(100);
static BOB: Mutex<u64> = Mutex::new(100);
static BOTH_HOLD_ONE: Barrier = Barrier::new(2);

// Not inlined, so that the stacks name it in a release build too.
#[inline(never)]
fn alice_pays_bob() {
    let mut alice = ALICE.lock();
    BOTH_HOLD_ONE.wait();
    let mut bob = BOB.lock();
    *alice -= 10;
    *bob += 10;
}

#[inline(never)]
fn bob_pays_alice() {
    let mut bob = BOB.lock();
    BOTH_HOLD_ONE.wait();
    let mut alice = ALICE.lock();
    *bob -= 20;
    *alice += 20;
}

// ANCHOR: detect
/// Waits until threads wait for each other, and returns the stacks of those in the first such circle.
fn wait_for_deadlock() -> Vec<String> {
    loop {
        thread::sleep(Duration::from_millis(100));
        if let Some(circle) = deadlock::check_deadlock().first() {
            return circle.iter().map(|thread| format!("{:?}", thread.backtrace())).collect();
        }
    }
}
// ANCHOR_END: detect

// ANCHOR: report
fn main() {
    thread::spawn(alice_pays_bob);
    thread::spawn(bob_pays_alice);
    let stacks = wait_for_deadlock();
    println!("{} threads wait for each other", stacks.len());
    for name in ["alice_pays_bob", "bob_pays_alice"] {
        println!("{name}: in {} of the stacks", stacks.iter().filter(|stack| stack.contains(name)).count());
    }
}
// ANCHOR_END: report
