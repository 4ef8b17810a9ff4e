// ANCHOR: transfer
use std::sync::Mutex;

pub struct Account {
    pub number: u32,
    pub balance: Mutex<u64>,
}

pub fn transfer(source: &Account, target: &Account, amount: u64) {
    if source.number == target.number {
        return; // the same lock twice would be a circle of one
    }
    let (first, second) = if source.number < target.number { (source, target) } else { (target, source) };
    let mut first = first.balance.lock().unwrap();
    let mut second = second.balance.lock().unwrap();
    if source.number < target.number {
        *first -= amount;
        *second += amount;
    } else {
        *second -= amount;
        *first += amount;
    }
}
// ANCHOR_END: transfer

pub fn transfer_as_named(source: &Account, target: &Account, amount: u64) {
    let mut source = source.balance.lock().unwrap();
    let mut target = target.balance.lock().unwrap();
    *source -= amount;
    *target += amount;
}
