//! A chapter: its fenced blocks, and which of them belong together.
//!
//! This is the one place that knows what a snippet is. Everything that compiles, runs, compares or
//! renders one starts from a [`Block`] that was found here.

use std::{
    fmt, fs,
    ops::Range,
    path::{Path, PathBuf},
};

use mdbook_markdown::{
    MarkdownOptions, new_cmark_parser,
    pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd},
};

use crate::{
    fence::{Edition, Ending, Fence, Role, Shown},
    include::Include,
};

/// A chapter's Markdown and the blocks in it.
#[derive(Debug)]
pub struct Chapter {
    /// The file, relative to `src/`, with forward slashes.
    pub path: String,
    /// The Markdown as it is on disk.
    pub source: String,
    /// Every fenced block, in order.
    pub blocks: Vec<Block>,
    /// Every heading, in order.
    pub headings: Vec<Heading>,
}

/// A heading and where it stands.
#[derive(Debug)]
pub struct Heading {
    /// 1 for `#`.
    pub level: usize,
    /// The line, from 1.
    pub line: usize,
    /// The words, without markup.
    pub text: String,
    /// The id in `{#id}`, if there is one.
    pub id: Option<String>,
}

/// A fenced block.
#[derive(Debug)]
pub struct Block {
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// The bytes of the block in the chapter's source, fences included.
    pub range: Range<usize>,
    /// What the opening fence promises.
    pub fence: Fence,
    /// The content, with its includes expanded and its hidden lines still marked.
    pub text: String,
    /// How many lines the content has in the chapter's source, before includes are expanded.
    pub source_lines: usize,
    /// The files that the block includes, relative to the chapter's folder.
    pub includes: Vec<PathBuf>,
}

/// A block that is compiled or run, and the blocks behind it that say what it showed.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The chapter it stands in.
    pub chapter: &'a Chapter,
    /// The program.
    pub block: &'a Block,
    /// Its place in [`Chapter::blocks`]; what it showed follows there.
    pub index: usize,
}

/// An exercise: where it begins, how it is checked, and one way to solve it.
#[derive(Clone, Copy, Debug)]
pub struct Exercise<'a> {
    /// The chapter it stands in.
    pub chapter: &'a Chapter,
    /// The heading above it.
    pub heading: &'a Heading,
    /// The id of that heading.
    pub id: &'a str,
    /// What the reader starts from.
    pub starter: &'a Block,
    /// The tests.
    pub tests: &'a Block,
    /// A solution.
    pub solution: &'a Block,
}

/// Something in a chapter that breaks the book's rules.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The chapter, relative to `src/`.
    pub chapter: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{}: {}", self.chapter, self.line, self.message)
    }
}

/// The most visible lines of a Rust block.
pub const VISIBLE_LINES: usize = 40;

impl Chapter {
    /// Reads the chapter `path` (relative to `src`, forward slashes).
    ///
    /// # Errors
    ///
    /// Every [`Problem`] that the chapter has, or one that says why it cannot be read.
    pub fn load(src: &Path, path: &str) -> Result<Chapter, Vec<Problem>> {
        let file = src.join(path);
        let source = fs::read_to_string(&file).map_err(|error| {
            vec![Problem { chapter: path.into(), line: 1, message: format!("cannot be read: {error}") }]
        })?;
        Chapter::parse(src, path, &source)
    }

    /// Reads a chapter from `source`; includes are looked up beside the file `src/path`.
    ///
    /// # Errors
    ///
    /// Every [`Problem`] that the chapter has.
    pub fn parse(src: &Path, path: &str, source: &str) -> Result<Chapter, Vec<Problem>> {
        let dir = src.join(path).parent().map_or_else(|| src.to_path_buf(), Path::to_path_buf);
        let mut reader = Reader { dir, path, source, problems: Vec::new() };
        let (blocks, headings) = reader.read();
        let chapter = Chapter { path: path.into(), source: source.into(), blocks, headings };
        reader.check_neighbours(&chapter);
        if reader.problems.is_empty() { Ok(chapter) } else { Err(reader.problems) }
    }

    /// Every block that is compiled or run as a whole program, excerpts and tests left out.
    pub fn programs(&self) -> impl Iterator<Item = Program<'_>> {
        self.blocks.iter().enumerate().filter(|(_, block)| block.is_program()).map(|(index, block)| Program {
            chapter: self,
            block,
            index,
        })
    }

    /// The exercises. [`Chapter::parse`] has seen to it that each is complete.
    pub fn exercises(&self) -> impl Iterator<Item = Exercise<'_>> {
        self.blocks.windows(3).filter_map(|three| {
            let [starter, tests, solution] = three else { return None };
            if starter.role() != Some(&Role::Starter) {
                return None;
            }
            let heading = self.headings.iter().rev().find(|heading| heading.line < starter.line)?;
            let id = heading.id.as_deref()?;
            Some(Exercise { chapter: self, heading, id, starter, tests, solution })
        })
    }

    /// Whether nothing but white space stands between two neighbouring blocks.
    pub fn adjacent(&self, first: &Block, second: &Block) -> bool {
        self.source[first.range.end..second.range.start].trim().is_empty()
    }
}

impl Block {
    /// The role of a Rust block.
    pub fn role(&self) -> Option<&Role> {
        match &self.fence {
            Fence::Rust(rust) => Some(&rust.role),
            _ => None,
        }
    }

    /// The edition that a Rust block is for, when it says one.
    pub fn edition(&self) -> Option<Edition> {
        match &self.fence {
            Fence::Rust(rust) => rust.edition,
            _ => None,
        }
    }

    fn is_program(&self) -> bool {
        match &self.fence {
            Fence::Rust(rust) => !matches!(rust.role, Role::Excerpt | Role::Tests),
            Fence::Python(_) => true,
            _ => false,
        }
    }

    /// The program as it must stand in a file: hidden lines are there, their marks are not.
    pub fn code(&self) -> String {
        if !matches!(self.fence, Fence::Rust(_)) {
            return self.text.clone();
        }
        let mut code = String::new();
        for line in self.text.lines() {
            code.push_str(match hidden(line) {
                Some(rest) => rest,
                None => line,
            });
            code.push('\n');
        }
        code
    }

    /// The lines that the page shows.
    pub fn visible_lines(&self) -> usize {
        self.text.lines().filter(|line| hidden(line).is_none()).count()
    }
}

/// What a hidden line hides; `None` when the line is visible.
fn hidden(line: &str) -> Option<&str> {
    let trimmed = line.trim_start();
    if trimmed.trim_end() == "#" { Some("") } else { trimmed.strip_prefix("# ") }
}

impl<'a> Program<'a> {
    /// The blocks that say what the program showed.
    pub fn shown(&self) -> impl Iterator<Item = (Shown, &'a Block)> {
        let blocks = &self.chapter.blocks[self.index..];
        let chapter = self.chapter;
        blocks.windows(2).map_while(move |pair| match pair[1].fence {
            Fence::Shown(shown) if chapter.adjacent(&pair[0], &pair[1]) => Some((shown, &pair[1])),
            _ => None,
        })
    }

    /// How a running program ends; `None` for one that is only compiled.
    pub fn ending(&self) -> Option<Ending> {
        match &self.block.fence {
            Fence::Python(ending) => Some(*ending),
            Fence::Rust(rust) => match rust.role {
                Role::Program(ending) => Some(ending),
                Role::Solution => Some(Ending::Succeeds),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is written in Python.
    pub fn is_python(&self) -> bool {
        matches!(self.block.fence, Fence::Python(_))
    }

    /// A problem at the program's line.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { chapter: self.chapter.path.clone(), line: self.block.line, message: message.into() }
    }
}

struct Reader<'a> {
    dir: PathBuf,
    path: &'a str,
    source: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(Problem { chapter: self.path.into(), line, message: message.into() });
    }

    fn read(&mut self) -> (Vec<Block>, Vec<Heading>) {
        let mut blocks = Vec::new();
        let mut headings: Vec<Heading> = Vec::new();
        let mut in_heading = false;
        let options = MarkdownOptions::default();
        let mut line_of = LineCounter { source: self.source, offset: 0, line: 1 };
        for (event, range) in new_cmark_parser(self.source, &options).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                    let line = line_of.at(range.start);
                    self.problem(
                        line,
                        "an indented code block (rustdoc would take it for Rust); use a fence",
                    );
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let line = line_of.at(range.start);
                    blocks.extend(self.block(line, range, &info));
                }
                Event::Start(Tag::Heading { level, id, .. }) => {
                    in_heading = true;
                    headings.push(Heading {
                        level: level as usize,
                        line: line_of.at(range.start),
                        text: String::new(),
                        id: id.map(|id| id.to_string()),
                    });
                }
                Event::End(TagEnd::Heading(_)) => in_heading = false,
                Event::Text(text) | Event::Code(text) if in_heading => {
                    if let Some(heading) = headings.last_mut() {
                        heading.text.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        (blocks, headings)
    }

    fn block(&mut self, line: usize, range: Range<usize>, info: &str) -> Option<Block> {
        if self.source[..range.start].chars().next_back().is_some_and(|before| before != '\n') {
            self.problem(line, "a fence that does not begin at the line's start");
            return None;
        }
        let fence = match Fence::parse(info) {
            Ok(fence) => fence,
            Err(message) => {
                self.problem(line, message);
                return None;
            }
        };
        let whole = &self.source[range.clone()];
        let mut content: Vec<&str> = whole.lines().skip(1).collect();
        let opening = whole.lines().next().unwrap_or_default();
        let ticks = opening.len() - opening.trim_start_matches(['`', '~']).len();
        match content.pop() {
            Some(last)
                if last.trim_end().len() >= ticks && last.trim().trim_matches(['`', '~']).is_empty() => {}
            _ => self.problem(line, "a fence that is not closed"),
        }
        let mut text = String::new();
        let mut includes = Vec::new();
        for (number, content_line) in content.iter().enumerate() {
            match Include::parse(content_line) {
                None => {
                    text.push_str(content_line);
                    text.push('\n');
                }
                Some(include) => match include.expand(&self.dir) {
                    Ok(lines) => {
                        text.push_str(&lines);
                        includes.push(PathBuf::from(include.file));
                    }
                    Err(message) => self.problem(line + 1 + number, message),
                },
            }
        }
        let block = Block { line, range, fence, text, source_lines: content.len(), includes };
        self.check(&block);
        Some(block)
    }

    fn check(&mut self, block: &Block) {
        let visible = block.visible_lines();
        match &block.fence {
            Fence::Rust(rust) => {
                if visible > VISIBLE_LINES {
                    self.problem(
                        block.line,
                        format!("{visible} visible lines; a listing has at most {VISIBLE_LINES}"),
                    );
                }
                if rust.role == Role::Excerpt {
                    let from_examples = block
                        .includes
                        .iter()
                        .all(|file| file.components().any(|c| c.as_os_str() == "examples"));
                    let only_includes = block.source_lines == block.includes.len();
                    if block.includes.is_empty() || !from_examples || !only_includes {
                        self.problem(block.line, "an excerpt is nothing but includes from examples/");
                    }
                } else if rust.role != Role::Tests && !block.code().contains("fn main(") {
                    self.problem(block.line, "not a whole program: there is no `fn main`");
                }
            }
            Fence::Shown(_)
                if block.text.lines().all(|line| line.trim() == "…") && !block.text.is_empty() =>
            {
                self.problem(block.line, "an expectation that anything would meet");
            }
            _ => {}
        }
    }

    fn check_neighbours(&mut self, chapter: &Chapter) {
        let owned: Vec<usize> = chapter
            .programs()
            .flat_map(|program| {
                let mut streams = Vec::new();
                for (shown, block) in program.shown() {
                    let fits = match shown {
                        Shown::Error => matches!(program.block.role(), Some(Role::CompileFail(_))),
                        _ => program.ending().is_some(),
                    };
                    if !fits {
                        self.problem(block.line, format!("the program above has no {shown} to compare"));
                    }
                    if streams.contains(&shown.to_string()) {
                        self.problem(block.line, format!("a second block for {shown}"));
                    }
                    streams.push(shown.to_string());
                }
                program.shown().map(|(_, block)| block.line).collect::<Vec<_>>()
            })
            .collect();
        for program in chapter.programs().filter(|program| program.ending() == Some(Ending::Hangs)) {
            let output = program.shown().find(|(shown, _)| shown.is_output());
            if output.is_none() {
                self.problem(
                    program.block.line,
                    "a program that hangs prints how far it gets, and an `output` block shows it",
                );
            }
        }
        for (index, block) in chapter.blocks.iter().enumerate() {
            match &block.fence {
                Fence::Shown(shown) if !owned.contains(&block.line) => {
                    self.problem(
                        block.line,
                        format!("{shown} of nothing: no program stands right before it"),
                    );
                }
                Fence::Rust(rust) => match rust.role {
                    Role::Starter => {
                        let roles: Vec<_> =
                            chapter.blocks[index..].iter().take(3).map(|block| block.role()).collect();
                        if roles[1..] != [Some(&Role::Tests), Some(&Role::Solution)] {
                            self.problem(block.line, "a starter is followed by its tests and its solution");
                        }
                        let heading = chapter.headings.iter().rev().find(|heading| heading.line < block.line);
                        if heading.is_none_or(|heading| heading.id.is_none()) {
                            self.problem(
                                block.line,
                                "the heading above an exercise needs an id, as in {#exercise-count}",
                            );
                        }
                    }
                    Role::Tests if index == 0 || chapter.blocks[index - 1].role() != Some(&Role::Starter) => {
                        self.problem(block.line, "tests stand behind a starter");
                    }
                    Role::Solution
                        if index == 0 || chapter.blocks[index - 1].role() != Some(&Role::Tests) =>
                    {
                        self.problem(block.line, "a solution stands behind its tests");
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// Turns rising byte offsets into line numbers without counting from the start each time.
struct LineCounter<'a> {
    source: &'a str,
    offset: usize,
    line: usize,
}

impl LineCounter<'_> {
    fn at(&mut self, offset: usize) -> usize {
        if offset >= self.offset {
            self.line += self.source[self.offset..offset].matches('\n').count();
        } else {
            self.line -= self.source[offset..self.offset].matches('\n').count();
        }
        self.offset = offset;
        self.line
    }
}

/// Every chapter under `src`, `SUMMARY.md` left out, in the order of their paths.
///
/// # Errors
///
/// Every [`Problem`] of every chapter.
pub fn load_all(src: &Path) -> Result<Vec<Chapter>, Vec<Problem>> {
    let mut chapters = Vec::new();
    let mut problems = Vec::new();
    for path in markdown_files(src) {
        match Chapter::load(src, &path) {
            Ok(chapter) => chapters.push(chapter),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(chapters) } else { Err(problems) }
}

/// The paths of all chapters below `src`, relative to it, sorted.
pub fn markdown_files(src: &Path) -> Vec<String> {
    let mut files: Vec<String> =
        files_below(src).into_iter().filter(|path| path.ends_with(".md") && path != "SUMMARY.md").collect();
    files.sort();
    files
}

/// Every file below `dir`, relative to it, with forward slashes.
pub fn files_below(dir: &Path) -> Vec<String> {
    fn walk(dir: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            if entry.path().is_dir() {
                walk(&entry.path(), &path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(dir, "", &mut found);
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<Chapter, Vec<Problem>> {
        Chapter::parse(Path::new("/nowhere"), "part/chapter.md", source)
    }

    fn problems(source: &str) -> String {
        parse(source).expect_err("a problem").iter().map(|problem| format!("{problem}\n")).collect()
    }

    #[test]
    fn a_program_owns_what_follows_it_directly() {
        let chapter = parse(
            "# T\n\n```rust\nfn main() {}\n```\n\n```output\none\n```\n```stderr\ntwo\n```\n\ntext\n\n```rust\n# fn main() {}\n```\n",
        )
        .unwrap();
        let programs: Vec<_> = chapter.programs().collect();
        assert_eq!(programs.len(), 2);
        assert_eq!(programs[0].block.line, 3);
        let shown: Vec<_> = programs[0].shown().map(|(shown, block)| (shown, block.line)).collect();
        assert_eq!(shown, [(Shown::Output, 7), (Shown::Stderr, 10)]);
        assert_eq!(programs[1].shown().count(), 0);
        assert_eq!(programs[1].block.visible_lines(), 0);
        assert_eq!(programs[1].block.code(), "fn main() {}\n");
    }

    #[test]
    fn an_output_of_nothing_is_a_problem() {
        let found = problems("```rust\nfn main() {}\n```\n\nIt prints:\n\n```output\none\n```\n");
        assert_eq!(
            found,
            "src/part/chapter.md:7: standard output of nothing: no program stands right before it\n"
        );
    }

    #[test]
    fn an_expectation_that_anything_meets_is_a_problem() {
        let found = problems("```rust\nfn main() {}\n```\n```output\n…\n```\n");
        assert!(found.contains(":4: an expectation that anything would meet"), "{found}");
    }

    #[test]
    fn indented_and_untagged_blocks_are_problems() {
        assert!(problems("text\n\n    let a = 1;\n").contains(":3: an indented code block"));
        assert!(problems("text\n\n```\nlet a = 1;\n```\n").contains(":3: a fence without a language"));
        assert!(problems("- text\n\n  ```rust\n  fn main() {}\n  ```\n").contains("line's start"));
        assert!(problems("```rust\nfn main() {}\n").contains("not closed"));
    }

    #[test]
    fn a_part_of_a_program_is_a_problem() {
        assert!(problems("```rust\nlet a = 1;\n```\n").contains(":1: not a whole program"));
    }

    #[test]
    fn an_exercise_is_complete_or_a_problem() {
        let whole = "### Count {#exercise-count}\n\n```rust,no_run,starter\nfn main() {}\n```\n\n```rust,tests\n#[test] fn t() {}\n```\n\n```rust,solution\nfn main() {}\n```\n";
        let chapter = parse(whole).unwrap();
        let exercises: Vec<_> = chapter.exercises().collect();
        assert_eq!(exercises.len(), 1);
        assert_eq!((exercises[0].id, exercises[0].heading.text.as_str()), ("exercise-count", "Count"));
        let no_solution = &whole[..whole.find("```rust,solution").unwrap()];
        assert!(problems(no_solution).contains("a starter is followed by its tests and its solution"));
        assert!(problems(&whole.replace(" {#exercise-count}", "")).contains("needs an id"));
    }
}
