//! Messages per second through each kind of queue: one producer and one consumer, four and one, four and four.

mod report;

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

use report::{quick, report, seconds};

/// What a bounded queue holds.
const BOUND: usize = 1_000;

fn messages() -> u64 {
    if quick() { 40_000 } else { 1_000_000 }
}

/// Sends all messages from `producers` threads and receives them in `consumers`. `sender` and `receiver`
/// make what a thread needs; a receiver counts until nobody is left who sends.
fn threads<S, R>(key: &str, ends: (S, R), consumers: usize, producers: u64)
where
    S: Fn(u64) + Clone + Send,
    R: Fn() -> u64 + Clone + Send,
{
    let (send, receive) = ends;
    let took = seconds(|| {
        let received: u64 = thread::scope(|s| {
            let consumers: Vec<_> = (0..consumers).map(|_| s.spawn(receive.clone())).collect();
            for _ in 0..producers {
                let send = send.clone();
                s.spawn(move || (0..messages() / producers).for_each(send));
            }
            // The last sender must go, or the consumers wait for more.
            drop(send);
            consumers.into_iter().map(|consumer| consumer.join().unwrap()).sum()
        });
        assert_eq!(received, messages());
    });
    report(key, messages() as f64 / took, "/s");
}

/// `std`'s receiver has one owner; several threads share it through a lock.
fn shared(receiver: mpsc::Receiver<u64>) -> impl Fn() -> u64 + Clone + Send {
    let receiver = Arc::new(Mutex::new(receiver));
    move || {
        let mut count = 0;
        loop {
            let message = receiver.lock().unwrap().recv();
            if message.is_err() {
                return count;
            }
            count += 1;
        }
    }
}

fn main() {
    for (producers, consumers) in [(1, 1), (4, 1), (4, 4)] {
        let shape = format!("{producers}-{consumers}");

        let (sender, receiver) = mpsc::channel();
        let send = move |message| sender.send(message).unwrap();
        threads(&format!("mpsc-{shape}"), (send, shared(receiver)), consumers, producers);

        let (sender, receiver) = mpsc::sync_channel(BOUND);
        let send = move |message| sender.send(message).unwrap();
        threads(&format!("bounded-{shape}"), (send, shared(receiver)), consumers, producers);

        let (sender, receiver) = crossbeam_channel::unbounded();
        let send = move |message| sender.send(message).unwrap();
        let receive = move || receiver.iter().count() as u64;
        threads(&format!("crossbeam-{shape}"), (send, receive), consumers, producers);

        let (sender, receiver) = crossbeam_channel::bounded(BOUND);
        let send = move |message| sender.send(message).unwrap();
        let receive = move || receiver.iter().count() as u64;
        threads(&format!("crossbeam-bounded-{shape}"), (send, receive), consumers, producers);
    }

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for producers in [1, 4] {
        let took = seconds(|| {
            runtime.block_on(async {
                let (sender, mut receiver) = tokio::sync::mpsc::channel(BOUND);
                for _ in 0..producers {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        for message in 0..messages() / producers {
                            sender.send(message).await.unwrap();
                        }
                    });
                }
                drop(sender);
                let mut received = 0;
                while receiver.recv().await.is_some() {
                    received += 1;
                }
                assert_eq!(received, messages());
            });
        });
        report(&format!("async-{producers}-1"), messages() as f64 / took, "/s");
    }
}
