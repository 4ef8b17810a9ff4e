//! Every number in the book was measured, every measurement is shown, and what the text says of them holds.

use std::collections::{BTreeMap, BTreeSet};

use xtask::measure::{
    Measurements, catalog,
    show::REFERENCE,
    uses::{self, Ask, Use},
};

fn root() -> std::path::PathBuf {
    std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The reference alone: a reader's own numbers must not fail a reader's own test.
fn reference() -> Measurements {
    Measurements { yours: BTreeMap::new(), ..Measurements::load(&root()).unwrap() }
}

fn uses() -> Vec<Use> {
    uses::all(&root().join("src")).unwrap()
}

#[test]
fn every_number_that_a_page_asks_for_was_measured() {
    let reference = reference();
    let mut missing = Vec::new();
    for used in uses() {
        if let Err(error) = used.ask.answer(&reference) {
            missing.push(format!("{}:{}: {error:#}", used.page.display(), used.line));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_measurement_is_shown_by_a_page() {
    let uses = uses();
    let shown: BTreeSet<_> = uses.iter().map(|used| used.ask.name()).collect();
    let reference = reference().reference;
    assert!(!reference.is_empty(), "{REFERENCE} is empty");
    for (name, record) in reference {
        assert!(shown.contains(name.as_str()), "no page shows {REFERENCE}/{name}.json");
        assert!(catalog::find(&name).is_ok(), "{REFERENCE}/{name}.json is not in the catalog");
        assert!(!record.quick, "{REFERENCE}/{name}.json is a quick run");
    }
}

/// What a row of a table is called is of no use when nobody fills it.
#[test]
fn every_row_was_measured_by_some_program() {
    for (name, record) in reference().reference {
        for (key, _) in catalog::find(&name).unwrap().rows {
            let end = format!(".{key}");
            assert!(record.values.keys().any(|key| key.ends_with(&end)), "{name} {key}");
        }
    }
}

/// A number with a unit of time, typed into the line that shows a measurement. Seconds are left alone,
/// because a program may say how long it sleeps, and so is everything in code.
#[test]
fn no_number_is_typed_beside_a_measurement() {
    for used in uses() {
        let text = std::fs::read_to_string(root().join("src").join(&used.page)).unwrap();
        if let Some(typed) = text.lines().nth(used.line - 1).and_then(typed_measure) {
            panic!("{}:{}: “{typed}” is typed, not measured", used.page.display(), used.line);
        }
    }
}

fn typed_measure(line: &str) -> Option<String> {
    let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let prose: Vec<&str> =
        prose.split("{{#").map(|part| part.split_once("}}").map_or(part, |(_, rest)| rest)).collect();
    let words: Vec<String> = prose
        .join(" ")
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_string())
        .collect();
    words.windows(2).find_map(|pair| {
        let number = pair[0].replace(',', "").parse::<f64>().is_ok();
        let unit = ["ns", "µs", "ms", "nanoseconds", "microseconds", "milliseconds"];
        (number && unit.contains(&pair[1].as_str())).then(|| pair.join(" "))
    })
}

#[test]
fn a_typed_number_is_found() {
    assert_eq!(typed_measure("It takes 14.2 µs, about.").as_deref(), Some("14.2 µs"));
    assert_eq!(typed_measure("It takes **1,200 ms**.").as_deref(), Some("1,200 ms"));
    assert_eq!(typed_measure("It takes {{#measured gil rust.threads-1}} with 3 threads."), None);
    assert_eq!(typed_measure("`sleep(200 ms)` sleeps."), None);
}

/// The claims of the text, as comparisons of medians. The slack is for noise, not for the claim.
#[test]
fn what_the_text_says_of_the_numbers_holds() {
    let reference = reference();
    let number = |name: &str, key: &str| {
        // The same words of complaint as in a page.
        reference.value(name, key).unwrap_or_else(|error| panic!("{error:#}"));
        reference.reference[name].values[key].median
    };
    let mut wrong = Vec::new();
    // A ratio, and the bounds between which it makes the text true.
    let mut holds = |name: &str, over: &str, under: &str, least: f64, most: f64| {
        let ratio = number(name, over) / number(name, under);
        if !(least..=most).contains(&ratio) {
            wrong.push(format!("{name}: {over} / {under} is {ratio:.3}, not between {least} and {most}"));
        }
    };
    const ANY: f64 = f64::INFINITY;

    // With the GIL two threads take turns; without it, and in Rust, they do not.
    holds("gil", "python.threads-2", "python.threads-1", 0.8 * 2.0, ANY);
    holds("gil", "python.threads-4", "python.threads-1", 0.8 * 4.0, ANY);
    holds("gil", "rust.threads-2", "rust.threads-1", 0.0, 1.5);
    holds("gil", "python-ft.threads-2", "python-ft.threads-1", 0.0, 1.5);
    holds("gil", "python.processes-2", "python.threads-2", 0.0, 0.9);
    // hashlib lets go of the GIL.
    holds("gil", "python.hash-2", "python.hash-1", 0.0, 1.6);

    // A thread costs less in Rust than in Python.
    holds("spawn", "python.thread", "rust.thread", 1.0, ANY);
    for language in ["rust", "python"] {
        let mut holds = |name: &str, over: &str, under: &str, least: f64, most: f64| {
            holds(name, &format!("{language}.{over}"), &format!("{language}.{under}"), least, most);
        };
        // Waits overlap, with the GIL as without.
        holds("io", "sequential-1", "threads-1", 8.0, 10.1);
        holds("io", "sequential-1.5", "threads-1.5", 8.0, 10.1);
        // A thread costs less than a process, and a task less than a thread.
        holds("spawn", "process", "thread", 5.0, ANY);
        holds("spawn", "async-task", "thread", 0.0, 0.5);
        // A thread that waits reserves much and uses little.
        holds("many-threads", "virtual-1000", "resident-1000", 20.0, ANY);
        holds("many-threads", "start-1000", "start-10", 10.0, ANY);
        // Sharing nothing is the cheapest repair of a counter, and one write of a line.
        holds("race", "counter-mutex", "counter-sums", 2.0, ANY);
        holds("race", "file-lock", "file-append", 1.5, ANY);
    }

    // Contention costs, and an RwLock pays when what is done under it is long.
    holds("locks", "rust.mutex-2", "rust.mutex-1", 1.2, ANY);
    holds("locks", "rust.mutex-1", "rust.atomic-1", 1.2, ANY);
    holds("locks", "rust.atomic-2", "rust.sums-2", 2.0, ANY);
    holds("locks", "python.mutex-1", "rust.mutex-1", 2.0, ANY);
    holds("locks", "rust.short-rwlock-100", "rust.short-mutex", 1.0, ANY);
    holds("locks", "rust.long-rwlock-100", "rust.long-mutex", 0.0, 0.8);

    // Neighbors in a cache line slow each other down though they share nothing.
    holds("false-sharing", "rust.adjacent-2", "rust.padded-2", 1.5, ANY);
    holds("false-sharing", "rust.padded-2", "rust.alone", 0.0, 1.5);

    // What has no lock loses updates and tears lines.
    for key in ["rust.counter-lost", "python.counter-lost", "rust.file-torn", "python.file-torn"] {
        if number("race", key) < 0.1 {
            wrong.push(format!("race: {key} is {}", number("race", key)));
        }
    }
    for (name, record) in &reference.reference {
        if record.machine.cores < 2 {
            wrong.push(format!("{name} was measured with one core"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_ratio_of_different_units_is_no_ratio() {
    let ask = Ask::Ratio {
        name: "race".to_string(),
        over: "rust.counter-lost".to_string(),
        under: "rust.counter-mutex".to_string(),
    };
    assert!(ask.answer(&reference()).unwrap_err().to_string().contains("is in `%`"));
}
