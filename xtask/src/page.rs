//! A chapter as the renderers are to see it: what belongs together is put together, with captions.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use mdbook_markdown::{
    MarkdownOptions, new_cmark_parser,
    pulldown_cmark::{Event, Tag, TagEnd},
};

use crate::{
    chapter::{Block, Chapter, Problem, Program},
    fence::{Edition, Ending, Fence, Role, Shown},
    rustc::uses_crate,
};

/// What all pages share.
pub struct Pages<'a> {
    /// The book's `src` folder.
    pub src: &'a Path,
    /// The lines under `[dependencies]`, by the name of the crate there.
    pub dependencies: &'a BTreeMap<String, toml::Value>,
    /// All chapters, for the list of solutions.
    pub chapters: &'a [Chapter],
}

/// A replacement of some bytes of a chapter.
type Edit = (std::ops::Range<usize>, String);

impl Pages<'_> {
    /// The chapter's Markdown for the HTML renderer.
    ///
    /// # Errors
    ///
    /// What the chapter names and is not there.
    pub fn html(&self, chapter: &Chapter) -> Result<String, Vec<Problem>> {
        let mut edits = self.listings(chapter);
        let mut problems = Vec::new();
        for found in self.pictures(chapter) {
            match found {
                Ok(edit) => edits.push(edit),
                Err(problem) => problems.push(problem),
            }
        }
        edits.extend(self.solutions(chapter));
        if problems.is_empty() { Ok(apply(chapter, edits)) } else { Err(problems) }
    }

    /// The chapter's Markdown for any other renderer: includes are expanded, and languages that only
    /// this book knows are plain text.
    pub fn plain(&self, chapter: &Chapter) -> String {
        let edits = chapter.blocks.iter().map(|block| {
            let language = match block.fence {
                Fence::Rust(_) => "rust",
                Fence::Python(_) => "python",
                Fence::Shown(_) => "text",
                Fence::Console => "console",
                Fence::Manifest => "toml",
            };
            (block.range.clone(), format!("{}\n", fenced(language, &block.text)))
        });
        let edits = edits.chain(self.solutions(chapter)).collect();
        apply(chapter, edits)
    }

    /// Every block, with what belongs to it.
    fn listings(&self, chapter: &Chapter) -> Vec<Edit> {
        let programs: Vec<Program<'_>> = chapter.programs().collect();
        let program_at = |index: usize| programs.iter().find(|program| program.index == index);
        let mut edits = Vec::new();
        let mut index = 0;
        while let Some(block) = chapter.blocks.get(index) {
            let Some(program) = program_at(index) else {
                edits.push((block.range.clone(), self.other(block)));
                index += 1;
                continue;
            };
            let mut last = index + program.shown().count();
            let mut html = self.program(*program);
            if program.is_python()
                && let Some(rust) = program_at(last + 1)
                && matches!(rust.block.role(), Some(Role::Program(_) | Role::CompileFail(_)))
                && chapter.adjacent(&chapter.blocks[last], rust.block)
            {
                last = rust.index + rust.shown().count();
                html = format!("<div class=\"pair\">\n\n{html}{}</div>\n\n", self.program(*rust));
            }
            edits.push((block.range.start..chapter.blocks[last].range.end, html));
            index = last + 1;
        }
        edits
    }

    fn program(&self, program: Program<'_>) -> String {
        let mut html = String::from("<div class=\"program\">\n\n");
        html.push_str(&self.listing(program.chapter, program.block));
        for (shown, block) in program.shown() {
            let (class, caption) = match shown {
                Shown::Output => ("output", "prints"),
                Shown::UnorderedOutput => ("output", "prints, in some order"),
                Shown::Stderr => ("stderr", "prints on standard error"),
                Shown::Error => ("error", "the compiler says"),
            };
            if block.text.trim().is_empty() {
                let caption = caption.replacen("prints", "prints nothing", 1);
                let _ = write!(html, "<p class=\"caption nothing\">{caption}</p>\n\n");
            } else {
                let _ = write!(
                    html,
                    "<div class=\"listing {class}\">\n<p class=\"caption\">{caption}</p>\n\n{}\n</div>\n\n",
                    fenced("text", &block.text)
                );
            }
        }
        html.push_str("</div>\n\n");
        if program.block.role() == Some(&Role::Solution) {
            html = folded("solution", "A solution", &html);
        }
        html
    }

    /// A block that is not a program.
    fn other(&self, block: &Block) -> String {
        match &block.fence {
            Fence::Rust(rust) if rust.role == Role::Tests => {
                let body = format!(
                    "<div class=\"listing rust\">\n<p class=\"caption\">Rust, tests</p>\n\n{}\n</div>\n\n",
                    fenced("rust", &block.text)
                );
                folded("tests", "The tests", &body)
            }
            Fence::Rust(_) => {
                let file = block.includes.first().map(|file| file.to_string_lossy()).unwrap_or_default();
                let file = file.trim_start_matches("../");
                format!(
                    "<div class=\"program\">\n<div class=\"listing rust excerpt\">\n<p class=\"caption\">Rust, from <code>{file}</code></p>\n\n{}\n</div>\n</div>\n\n",
                    fenced("rust", &block.text)
                )
            }
            Fence::Manifest => format!(
                "<div class=\"listing toml\">\n<p class=\"caption\">Cargo.toml</p>\n\n{}\n</div>\n\n",
                fenced("toml", &block.text)
            ),
            Fence::Console => format!(
                "<div class=\"listing console\">\n<p class=\"caption\">to type</p>\n\n{}\n</div>\n\n",
                fenced("console", &block.text)
            ),
            Fence::Python(_) | Fence::Shown(_) => format!("{}\n", fenced("text", &block.text)),
        }
    }

    fn listing(&self, chapter: &Chapter, block: &Block) -> String {
        let (language, caption) = match &block.fence {
            Fence::Python(Ending::Succeeds) => ("python", "Python".to_string()),
            Fence::Python(Ending::Fails) => ("python", "Python, ends with an error".to_string()),
            Fence::Python(Ending::Hangs) => ("python", "Python, never ends".to_string()),
            _ => {
                let what = match block.role() {
                    Some(Role::Program(Ending::Fails)) => ", panics".to_string(),
                    Some(Role::Program(Ending::Hangs)) => ", never ends".to_string(),
                    Some(Role::CompileFail(code)) => format!(", does not compile ({code})"),
                    Some(Role::Starter) => ", to start from".to_string(),
                    _ => String::new(),
                };
                let edition = match block.edition() {
                    Some(Edition::E2021) => " 2021",
                    Some(Edition::E2024) => " 2024",
                    None => "",
                };
                ("rust", format!("Rust{edition}{what}"))
            }
        };
        format!(
            "<div class=\"listing {language}\" data-snippet=\"{}:{}\">\n<p class=\"caption\">{caption}</p>\n\n{}\n{}</div>\n\n",
            chapter.path,
            block.line,
            fenced(language, &block.text),
            self.needs(block),
        )
    }

    /// The lines that a reader's `Cargo.toml` needs for a program.
    fn needs(&self, block: &Block) -> String {
        if !matches!(block.fence, Fence::Rust(_)) {
            return String::new();
        }
        let code = block.code();
        let lines: Vec<String> = self
            .dependencies
            .iter()
            .filter(|(name, _)| uses_crate(&code, &name.replace('-', "_")))
            .map(|(name, value)| format!("<code>{name} = {value}</code>"))
            .collect();
        if lines.is_empty() {
            return String::new();
        }
        format!(
            "\n<p class=\"needs\">In <code>Cargo.toml</code>, under <code>[dependencies]</code>: {}</p>\n",
            lines.join(", ")
        )
    }

    /// Pictures that stand alone and are SVG files: set into the page, so that they take its colors.
    fn pictures(&self, chapter: &Chapter) -> Vec<Result<Edit, Problem>> {
        let folder = self.src.join(&chapter.path);
        let folder = folder.parent().unwrap_or(self.src);
        let mut found = Vec::new();
        let mut image: Option<(std::ops::Range<usize>, String, String, String)> = None;
        for (event, range) in
            new_cmark_parser(&chapter.source, &MarkdownOptions::default()).into_offset_iter()
        {
            match event {
                Event::Start(Tag::Image { dest_url, title, .. }) if dest_url.ends_with(".svg") => {
                    image = Some((range, dest_url.to_string(), title.to_string(), String::new()));
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some((.., words)) = &mut image {
                        words.push_str(&text);
                    }
                }
                Event::End(TagEnd::Image) => {
                    let Some((range, file, title, words)) = image.take() else { continue };
                    let line = chapter.source[..range.start].matches('\n').count() + 1;
                    let problem = |message: String| Problem { chapter: chapter.path.clone(), line, message };
                    if words.trim().is_empty() {
                        found.push(Err(problem(format!(
                            "{file}: a picture needs words that say what it shows"
                        ))));
                        continue;
                    }
                    found.push(match fs::read_to_string(folder.join(&file)) {
                        Err(error) => Err(problem(format!("{file}: {error}"))),
                        Ok(svg) => Ok((range, figure(&svg, &words, &title))),
                    });
                }
                _ => {}
            }
        }
        found
    }

    /// `{{#solutions}}`: every exercise of the book with its solution.
    fn solutions(&self, chapter: &Chapter) -> Vec<Edit> {
        const DIRECTIVE: &str = "{{#solutions}}";
        let Some(start) = chapter.source.find(DIRECTIVE) else { return Vec::new() };
        let mut text = String::new();
        let up = "../".repeat(chapter.path.matches('/').count());
        for other in self.chapters {
            let mut exercises = other.exercises().peekable();
            if exercises.peek().is_none() {
                continue;
            }
            let title = other.headings.first().map_or(other.path.as_str(), |heading| heading.text.as_str());
            let _ = write!(text, "## {title}\n\n");
            for exercise in exercises {
                let _ = write!(
                    text,
                    "### [{}]({up}{}#{})\n\n{}",
                    exercise.heading.text,
                    other.path,
                    exercise.id,
                    folded("solution", "A solution", &self.listing(other, exercise.solution))
                );
            }
        }
        vec![(start..start + DIRECTIVE.len(), text)]
    }
}

fn figure(svg: &str, words: &str, title: &str) -> String {
    // A blank line would end the HTML block that the figure is.
    let svg: String =
        svg.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let svg = match svg.find("<svg") {
        Some(at) => &svg[at..],
        None => &svg,
    };
    let labelled = svg.replacen("<svg", &format!("<svg role=\"img\" aria-label=\"{}\"", escape(words)), 1);
    let caption =
        if title.is_empty() { String::new() } else { format!("<figcaption>{}</figcaption>", escape(title)) };
    format!("<figure class=\"diagram\">{labelled}{caption}</figure>")
}

/// A folded part of the page.
fn folded(class: &str, summary: &str, body: &str) -> String {
    format!("<details class=\"{class}\">\n<summary>{summary}</summary>\n\n{body}</details>\n\n")
}

fn fenced(language: &str, text: &str) -> String {
    format!("``````````{language}\n{}\n``````````\n", text.trim_end_matches('\n'))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn apply(chapter: &Chapter, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::new();
    let mut at = 0;
    for (range, text) in edits {
        out.push_str(&chapter.source[at..range.start]);
        out.push_str(&text);
        at = range.end;
    }
    out.push_str(&chapter.source[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        let chapter = Chapter::parse(Path::new("/nowhere"), "part/chapter.md", source).unwrap();
        let dependencies = BTreeMap::from([("ureq".to_string(), toml::Value::from("3.5"))]);
        let pages = Pages { src: Path::new("/nowhere"), dependencies: &dependencies, chapters: &[] };
        pages.html(&chapter).unwrap()
    }

    #[test]
    fn python_and_rust_with_nothing_between_stand_side_by_side() {
        let both = "```python\nprint(1)\n```\n```output\n1\n```\n\n```rust\nfn main() {}\n```\n";
        assert!(html(both).contains("<div class=\"pair\">"));
        assert!(!html(&both.replace("```\n\n```rust", "```\n\nIn Rust:\n\n```rust")).contains("pair"));
    }

    #[test]
    fn a_program_that_uses_a_crate_says_what_it_needs() {
        assert!(
            html("```rust\nfn main() { ureq::get(\"\"); }\n```\n").contains("<code>ureq = \"3.5\"</code>")
        );
        assert!(!html("```rust\nfn main() {}\n```\n").contains("needs"));
    }

    #[test]
    fn a_picture_that_is_not_there_is_a_problem() {
        let chapter =
            Chapter::parse(Path::new("/nowhere"), "c.md", "# T\n\n![Threads.](fork.svg)\n").unwrap();
        let pages = Pages { src: Path::new("/nowhere"), dependencies: &BTreeMap::new(), chapters: &[] };
        let problems = pages.html(&chapter).unwrap_err();
        assert!(problems[0].to_string().starts_with("src/c.md:3: fork.svg:"), "{}", problems[0]);
    }
}
