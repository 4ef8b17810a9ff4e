//! The author's quick loop: one chapter's snippets compiled, run and compared.

use std::{path::Path, time::Instant};

use anyhow::{Result, bail};

use crate::{
    bless,
    chapter::{self, Chapter, Problem},
    check::Checker,
    exercise,
    run::side_by_side,
};

/// Tests the chapters whose paths below `src` are given, or all, and prints what is wrong. With
/// `write`, first writes what programs really print into the chapters.
///
/// # Errors
///
/// When something does not hold; it has been printed.
pub fn test(root: &Path, paths: &[String], write: bool) -> Result<()> {
    let start = Instant::now();
    let src = root.join("src");
    let paths = chosen(&src, paths)?;
    let checker = Checker::new(root)?;
    let mut chapters = load(&src, &paths)?;
    if write {
        let mut written = 0;
        for chapter in &chapters {
            let (count, problems) = bless::bless(&checker, &src, chapter)?;
            written += count;
            report(&problems);
        }
        println!("{written} blocks written");
        chapters = load(&src, &paths)?;
    }
    let programs: Vec<_> = chapters
        .iter()
        .flat_map(Chapter::programs)
        .filter(|program| !program.is_python() || checker.python().is_ok())
        .collect();
    if let Err(why) = checker.python() {
        println!("Python blocks are skipped: {why}");
    }
    let results = side_by_side(&programs, |program| {
        let done = checker.check(*program)?;
        checker.check_older_edition(*program).map(|()| done)
    });
    let mut problems: Vec<Problem> = Vec::new();
    let (mut ran, mut compared) = (0, 0);
    for result in results {
        match result {
            Ok(done) => {
                ran += usize::from(done.ran);
                compared += done.compared;
            }
            Err(problem) => problems.push(problem),
        }
    }
    let exercises: Vec<_> = chapters.iter().flat_map(Chapter::exercises).collect();
    let exercised = exercise::check(checker.compiler(), &exercises)?;
    problems.extend(exercised.problems);
    report(&problems);
    println!(
        "{} programs, {ran} run, {compared} outputs compared, {} exercises with {} tests, {:.1} s",
        programs.len(),
        exercises.len(),
        exercised.tests,
        start.elapsed().as_secs_f64()
    );
    match problems.len() {
        0 => Ok(()),
        1 => bail!("1 problem"),
        count => bail!("{count} problems"),
    }
}

fn chosen(src: &Path, paths: &[String]) -> Result<Vec<String>> {
    let all = chapter::markdown_files(src);
    if paths.is_empty() {
        return Ok(all);
    }
    paths
        .iter()
        .map(|path| {
            let path = path.trim_start_matches("./").trim_start_matches("src/");
            let found: Vec<&String> =
                all.iter().filter(|known| *known == path || known.trim_end_matches(".md") == path).collect();
            match found.as_slice() {
                [one] => Ok((*one).clone()),
                _ => bail!("no chapter src/{path}; there are: {}", all.join(", ")),
            }
        })
        .collect()
}

fn load(src: &Path, paths: &[String]) -> Result<Vec<Chapter>> {
    let mut chapters = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match Chapter::load(src, path) {
            Ok(chapter) => chapters.push(chapter),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        return Ok(chapters);
    }
    report(&problems);
    bail!("a chapter breaks the book's rules")
}

fn report(problems: &[Problem]) {
    for problem in problems {
        eprintln!("{problem}\n");
    }
}
