//! A loop: one download after the other, on the thread that calls.

// ANCHOR: run
pub fn run<J>(jobs: &[J], download: impl Fn(&J)) {
    for job in jobs {
        download(job);
    }
}
// ANCHOR_END: run
