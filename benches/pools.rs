//! The squares of some numbers, and a search for primes: in a loop, in a pool made by hand, and with rayon.

mod report;

use std::{
    hint::black_box,
    sync::{Arc, Mutex, mpsc},
    thread,
};

use rayon::prelude::*;
use report::{quick, report, seconds};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take jobs from one queue.
struct Pool {
    jobs: mpsc::Sender<Job>,
    workers: Vec<thread::JoinHandle<()>>,
}

impl Pool {
    fn new(threads: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let work = move || {
            loop {
                // The lock is free again before the job begins.
                let job = queue.lock().unwrap().recv();
                match job {
                    Ok(job) => job(),
                    Err(_) => return,
                }
            }
        };
        let workers = (0..threads).map(|_| thread::spawn(work.clone())).collect();
        Self { jobs, workers }
    }

    /// What `call` says of each number, in the order of the numbers.
    fn map(&self, numbers: &[u64], call: fn(u64) -> u64) -> Vec<u64> {
        let (done, results) = mpsc::channel();
        for (i, &number) in numbers.iter().enumerate() {
            let done = done.clone();
            let job = move || done.send((i, call(number))).expect("somebody waits for the result");
            self.jobs.send(Box::new(job)).expect("the workers live as long as the pool");
        }
        drop(done);
        let mut all = vec![0; numbers.len()];
        for (i, result) in results {
            all[i] = result;
        }
        all
    }

    fn join(self) {
        drop(self.jobs);
        self.workers.into_iter().for_each(|worker| worker.join().unwrap());
    }
}

fn square(number: u64) -> u64 {
    black_box(number * number)
}

/// How many primes there are below a number.
fn primes(below: u64) -> u64 {
    let is_prime = |n: u64| (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    (2..below).filter(|&n| is_prime(n)).count() as u64
}

fn compare(name: &str, numbers: &[u64], call: fn(u64) -> u64) {
    let threads = thread::available_parallelism().unwrap().get();
    let expected: Vec<u64> = numbers.iter().map(|&number| call(number)).collect();
    let mut all = Vec::new();

    let took = seconds(|| all = numbers.iter().map(|&number| call(number)).collect());
    assert_eq!(all, expected);
    report(&format!("{name}-loop"), took / numbers.len() as f64, "s");

    let pool = Pool::new(threads);
    let took = seconds(|| all = pool.map(numbers, call));
    assert_eq!(all, expected);
    report(&format!("{name}-pool"), took / numbers.len() as f64, "s");
    pool.join();

    let took = seconds(|| all = numbers.par_iter().map(|&number| call(number)).collect());
    assert_eq!(all, expected);
    report(&format!("{name}-rayon"), took / numbers.len() as f64, "s");
}

fn main() {
    let squares: Vec<u64> = (0..if quick() { 10_000 } else { 100_000 }).collect();
    compare("squares", &squares, square);
    compare("primes", &vec![if quick() { 2_000 } else { 5_000 }; 64], primes);
}
