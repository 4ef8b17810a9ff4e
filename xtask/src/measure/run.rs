//! All of it in one go: `cargo run --release -- measure`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{
    catalog::{self, CATALOG, Measurement},
    machine::{self, Machine},
    programs::{self, Interpreter},
    progress::Progress,
    record::{Record, Sample},
    show::{self, REFERENCE, YOURS},
    uses,
};

/// What `cargo run --release -- measure` is told.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// The measurements to repeat; all of them if none is named
    pub names: Vec<String>,
    /// Smaller and fewer runs: under a minute for everything
    #[arg(long)]
    pub quick: bool,
    /// Say what there is to measure, and which page shows it
    #[arg(long)]
    pub list: bool,
    /// Another Python to measure, 3.10 or newer; `python3` is measured when it is found
    #[arg(long, value_name = "PATH")]
    pub python: Vec<PathBuf>,
    /// Compare with the reference, and fail where the runs of the two do not overlap
    #[arg(long)]
    pub check: bool,
    /// Remove your own numbers, so that the pages show the reference alone
    #[arg(long, conflicts_with_all = ["check", "list", "quick"])]
    pub reset: bool,
    /// Write the reference itself instead of your own numbers (for this book's maintainers)
    #[arg(long, conflicts_with_all = ["check", "reset", "list", "quick"])]
    pub reference: bool,
}

impl Options {
    /// The command that these are the options of, without the folders of this machine.
    fn command(&self) -> String {
        let mut words = vec!["cargo run --release -- measure".to_string()];
        words.extend(self.names.iter().cloned());
        for (given, word) in
            [(self.quick, "--quick"), (self.check, "--check"), (self.reference, "--reference")]
        {
            if given {
                words.push(word.to_string());
            }
        }
        for path in &self.python {
            words.push(format!("--python {}", path.file_name().unwrap_or(path.as_os_str()).display()));
        }
        words.join(" ")
    }
}

/// How long a measurement may take, and in how many rounds.
struct Budget {
    time: Duration,
    least: usize,
    most: usize,
}

const FULL: Budget = Budget { time: Duration::from_secs(40), least: 3, most: 11 };
const QUICK: Budget = Budget { time: Duration::from_secs(4), least: 1, most: 3 };

impl Budget {
    /// How many rounds fit, when one takes this long.
    fn rounds(&self, round: Duration) -> usize {
        let fit = self.time.as_secs_f64() / round.as_secs_f64().max(1e-3);
        (fit as usize).clamp(self.least, self.most)
    }
}

/// Measures, lists, compares or resets.
///
/// # Errors
///
/// When a program fails, a result cannot be written, or, with `--check`, a number is not the reference's.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let chosen: Vec<&Measurement> = if options.names.is_empty() {
        CATALOG.iter().collect()
    } else {
        options.names.iter().map(|name| catalog::find(name)).collect::<Result<_>>()?
    };
    if options.list {
        return list(root, &chosen);
    }
    if options.reset {
        return reset(root, &chosen, options.names.is_empty());
    }
    measure(root, options, &chosen)
}

fn list(root: &Path, chosen: &[&Measurement]) -> Result<()> {
    let uses = uses::all(&root.join("src"))?;
    for measurement in chosen {
        println!("{:<15}{}", measurement.name, measurement.about);
        let mut pages: Vec<_> = uses
            .iter()
            .filter(|used| used.ask.name() == measurement.name)
            .map(|used| used.page.display().to_string())
            .collect();
        pages.dedup();
        let shown = if pages.is_empty() { "no page yet".to_string() } else { pages.join(", ") };
        println!("{:<15}shown in {shown}", "");
    }
    Ok(())
}

fn reset(root: &Path, chosen: &[&Measurement], all: bool) -> Result<()> {
    let folder = root.join(YOURS);
    let mut removed = 0;
    for measurement in chosen {
        let path = folder.join(format!("{}.json", measurement.name));
        if path.exists() {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            removed += 1;
        }
    }
    if all && folder.exists() {
        // What an older version of the book measured has no name here any more.
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    println!("removed {removed} of your results; the pages show the reference");
    Ok(())
}

fn measure(root: &Path, options: &Options, chosen: &[&Measurement]) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!(
            "note: the programs are built in release all the same; `cargo run --release` only builds them sooner"
        );
    }
    let interpreters = find_interpreters(&options.python)?;
    let mut names = vec![machine::toolchain(root)?];
    names.extend(interpreters.iter().map(|interpreter| interpreter.version.clone()));
    eprintln!("{}", names.join(", "));
    eprintln!("building the Rust programs in release");
    let built = programs::build(root, chosen)?;

    let reference = Record::load_all(&root.join(REFERENCE))?;
    let budget = if options.quick { QUICK } else { FULL };
    let mut progress = Progress::new(vec![budget.time; chosen.len()]);
    let mut failed = 0;
    let mut differ = 0;
    for measurement in chosen {
        let mut programs = vec![("rust", Command::new(&built[measurement.name]))];
        let script = root.join("benches").join(format!("{}.py", measurement.name));
        if script.exists() {
            for interpreter in &interpreters {
                let mut command = Command::new(&interpreter.path);
                command.arg(&script);
                programs.push((&interpreter.series, command));
            }
        }
        let started = Instant::now();
        let (samples, errors) = rounds(measurement, &programs, options.quick, &budget, &mut progress);
        for (series, error) in &errors {
            progress.say(&format!("error: {} in {series}: {error:#}", measurement.name));
        }
        failed += errors.len();
        let mut record = Record {
            name: measurement.name.to_string(),
            date: machine::today(),
            command: options.command(),
            quick: options.quick,
            machine: Machine::here(),
            toolchain: machine::toolchain(root)?,
            interpreters: interpreters
                .iter()
                .filter(|interpreter| samples.contains_key(&*interpreter.series))
                .map(|interpreter| (interpreter.series.clone(), interpreter.version.clone()))
                .collect(),
            values: BTreeMap::new(),
        };
        for (series, samples) in samples {
            record.add(series, samples).with_context(|| measurement.name)?;
        }
        if options.check {
            differ += compare(&record, reference.get(measurement.name));
        }
        if !record.values.is_empty() {
            record.save(&root.join(if options.reference { REFERENCE } else { YOURS }))?;
        }
        let runs = record.values.values().map(|value| value.runs).max().unwrap_or(0);
        progress.done(&format!(
            "{}: {} values, {runs} runs, {}",
            measurement.name,
            record.values.len(),
            show::quantity(started.elapsed().as_secs_f64(), "s")
        ));
    }
    if failed > 0 {
        bail!("programs that failed: {failed}");
    }
    if differ > 0 {
        bail!("values that differ from the reference by more than the noise: {differ}");
    }
    if !options.reference {
        println!("The pages now show your numbers beside the reference. `measure --reset` takes them out.");
    }
    Ok(())
}

/// `python3` where there is one, and those that were asked for.
fn find_interpreters(asked: &[PathBuf]) -> Result<Vec<Interpreter>> {
    let usual = if cfg!(windows) { "python" } else { "python3" };
    let mut paths = Vec::new();
    match programs::interpreters(&[PathBuf::from(usual)]) {
        Ok(_) => paths.push(PathBuf::from(usual)),
        Err(error) if asked.is_empty() => eprintln!("note: {error:#}; only Rust is measured"),
        Err(_) => {}
    }
    paths.extend(asked.iter().cloned());
    programs::interpreters(&paths)
}

type Samples<'a> = BTreeMap<&'a str, Vec<Sample>>;

/// Runs the programs in turn, for as many rounds as fit. A program that fails does not run again.
fn rounds<'a>(
    measurement: &Measurement,
    programs: &'a [(&'a str, Command)],
    quick: bool,
    budget: &Budget,
    progress: &mut Progress,
) -> (Samples<'a>, BTreeMap<&'a str, anyhow::Error>) {
    let mut samples: Samples = BTreeMap::new();
    let mut errors = BTreeMap::new();
    let mut rounds = budget.most;
    let mut round = 0;
    while round < rounds {
        let started = Instant::now();
        let mut order: Vec<_> = programs.iter().filter(|(series, _)| !errors.contains_key(series)).collect();
        // What comes first finds another machine than what comes last: every second round goes backward.
        if round % 2 == 1 {
            order.reverse();
        }
        let once = |command: &Command| programs::run(copy(command, quick), measurement);
        let results: Vec<_> = if measurement.asleep {
            thread::scope(|s| {
                let runs: Vec<_> = order.iter().map(|(_, command)| s.spawn(|| once(command))).collect();
                runs.into_iter().map(|run| run.join().expect("a run does not panic")).collect()
            })
        } else {
            order.iter().map(|(_, command)| once(command)).collect()
        };
        for ((series, _), result) in order.into_iter().zip(results) {
            match result {
                Ok(new) => samples.entry(*series).or_default().extend(new),
                Err(error) => {
                    // Half of a program's rounds say nothing.
                    samples.remove(series);
                    errors.insert(*series, error);
                }
            }
        }
        round += 1;
        let took = started.elapsed();
        if round == 1 {
            rounds = budget.rounds(took);
        }
        progress.round(measurement.name, round, rounds, took * (rounds - round) as u32);
    }
    (samples, errors)
}

fn copy(command: &Command, quick: bool) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    if quick {
        copy.arg("--quick");
    }
    copy
}

/// Says which values are not the reference's, and how many.
fn compare(record: &Record, reference: Option<&Record>) -> usize {
    let Some(reference) = reference else {
        println!("{}: there is no reference yet", record.name);
        return 0;
    };
    if reference.machine != record.machine {
        println!("{}: the reference was measured on {}", record.name, reference.machine.describe());
    }
    let mut differ = 0;
    for (key, value) in &record.values {
        match reference.values.get(key) {
            Some(other) if value.differs(other) => {
                differ += 1;
                let [here, there] = [value, other].map(|value| show::quantity(value.median, &value.unit));
                println!("{} {key}: {here} here, {there} in the reference", record.name);
            }
            Some(_) => {}
            None => println!("{} {key}: not in the reference", record.name),
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rounds_as_fit() {
        assert_eq!(FULL.rounds(Duration::from_secs(30)), 3);
        assert_eq!(FULL.rounds(Duration::from_secs(8)), 5);
        assert_eq!(FULL.rounds(Duration::ZERO), 11);
        assert_eq!(QUICK.rounds(Duration::from_secs(30)), 1);
    }

    #[test]
    fn what_differs_is_counted() {
        let record = |median| crate::measure::show::tests::record("gil", &[("rust.threads-1", median, "s")]);
        assert_eq!(compare(&record(1.0), Some(&record(1.1))), 0);
        assert_eq!(compare(&record(1.0), Some(&record(2.0))), 1);
        assert_eq!(compare(&record(1.0), None), 0);
    }

    #[test]
    fn a_command_names_no_folder() {
        let options = Options {
            names: vec!["gil".into()],
            quick: true,
            python: vec!["/home/reader/bin/python3.13t".into()],
            ..Options::default()
        };
        assert_eq!(options.command(), "cargo run --release -- measure gil --quick --python python3.13t");
    }
}
