use std::{sync::Arc, thread};

use super::publish::Published;

// ANCHOR: model
pub fn model() {
    let published = Arc::new(Published::default());
    let other = published.clone();
    let publisher = thread::spawn(move || other.publish(42));
    assert!(matches!(published.get(), None | Some(42)), "ready, but the value is not there");
    publisher.join().unwrap();
    assert_eq!(published.get(), Some(42));
}
// ANCHOR_END: model
