//! Exercises: every starter must fail its tests, every solution must pass them.
//!
//! All of them are compiled into one program, each in a module of its own, because compiling and
//! linking thirty small test programs costs thirty times as much.

use std::{fmt::Write, process::Command, time::Duration};

use anyhow::Result;

use crate::{
    chapter::{Exercise, Problem},
    check::transcript,
    fence::Edition,
    run,
    rustc::{Compiler, Outcome, Source},
};

/// The tests of one exercise take at most this long; a starter that never ends teaches nothing.
const LIMIT: Duration = Duration::from_secs(20);

/// How the exercises did.
#[derive(Debug, Default)]
pub struct Report {
    /// How many tests were run on solutions, all of which passed.
    pub tests: usize,
    /// Starters that pass, solutions that fail, and what does not compile.
    pub problems: Vec<Problem>,
}

/// Compiles all `exercises` and runs their tests on starters and solutions.
///
/// # Errors
///
/// When the compiler or a test program cannot be started.
pub fn check(compiler: &Compiler, exercises: &[Exercise<'_>]) -> Result<Report> {
    let mut report = Report::default();
    if exercises.is_empty() {
        return Ok(report);
    }
    let mut code = String::from("#![allow(unused, clippy::all)]\nfn main() {}\n");
    for (number, exercise) in exercises.iter().enumerate() {
        code.push_str(&module(&format!("starter_{number}"), exercise, &exercise.starter.code()));
        code.push_str(&module(&format!("solution_{number}"), exercise, &exercise.solution.code()));
    }
    let source = Source { code: &code, edition: Edition::E2024, harness: true };
    let compiled = match compiler.compile(source)? {
        Outcome::Compiled(compiled) => compiled,
        Outcome::Refused(_) => {
            report.problems = refused_alone(compiler, exercises)?;
            return Ok(report);
        }
    };
    let numbers: Vec<usize> = (0..exercises.len()).collect();
    let results = run::side_by_side(&numbers, |number| {
        let exercise = exercises[*number];
        let tests = |which: &str| {
            let mut command = Command::new(&compiled.program);
            command.arg(format!("{which}_{number}::")).env_remove("RUST_BACKTRACE");
            run::run(command, LIMIT)
        };
        (exercise, tests("starter"), tests("solution"))
    });
    for (exercise, starter, solution) in results {
        let (starter, solution) = (starter?, solution?);
        let mut complain = |line, message| {
            let chapter = exercise.chapter.path.clone();
            report.problems.push(Problem { chapter, line, message });
        };
        match starter.status {
            None => complain(exercise.starter.line, "the starter's tests hang; they must end".to_string()),
            Some(status) if status.success() => {
                complain(
                    exercise.starter.line,
                    "the starter passes its tests: nothing is left to do".to_string(),
                );
            }
            Some(_) if !starter.stdout.contains("test result: FAILED") => {
                let message =
                    format!("the starter's tests did not run to their end\n{}", transcript(&starter));
                complain(exercise.starter.line, message);
            }
            Some(_) => {}
        }
        let passed = passed(&solution.stdout);
        if solution.status.is_none() {
            complain(exercise.solution.line, format!("the solution's tests hang\n{}", transcript(&solution)));
        } else if !solution.succeeded() {
            complain(
                exercise.solution.line,
                format!("the solution fails its tests\n{}", transcript(&solution)),
            );
        } else if passed == 0 {
            complain(exercise.tests.line, "the exercise has no test".to_string());
        }
        report.tests += passed;
    }
    Ok(report)
}

fn module(name: &str, exercise: &Exercise<'_>, program: &str) -> String {
    let mut code = String::new();
    let tests = exercise.tests.code();
    let _ =
        writeln!(code, "mod {name} {{\n{program}\n#[cfg(test)] mod tests {{ use super::*;\n{tests}}}\n}}");
    code
}

/// Which of the exercises do not compile: each alone, so that the message is about one.
fn refused_alone(compiler: &Compiler, exercises: &[Exercise<'_>]) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for exercise in exercises {
        for (what, block) in [("starter", exercise.starter), ("solution", exercise.solution)] {
            let code =
                format!("#![allow(unused)]\nfn main() {{}}\n{}", module(what, exercise, &block.code()));
            let source = Source { code: &code, edition: Edition::E2024, harness: true };
            if let Outcome::Refused(message) = compiler.compile(source)? {
                problems.push(Problem {
                    chapter: exercise.chapter.path.clone(),
                    line: block.line,
                    message: format!("the {what} and its tests do not compile:\n{message}"),
                });
            }
        }
    }
    if problems.is_empty() {
        let exercise = exercises[0];
        problems.push(Problem {
            chapter: exercise.chapter.path.clone(),
            line: exercise.starter.line,
            message: "the exercises compile one by one but not together; macros that leak, perhaps".into(),
        });
    }
    Ok(problems)
}

fn passed(stdout: &str) -> usize {
    stdout
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<usize>().ok())
        .sum()
}
