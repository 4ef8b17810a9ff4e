//! The smallest program that is linked against every crate the snippets may use.
fn main() {
    println!("{}", std::thread::available_parallelism().map_or(1, |n| n.get()));
}
