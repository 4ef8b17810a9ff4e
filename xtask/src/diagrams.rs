//! The SVG beside every Mermaid source under `src/`.
//!
//! The renderer decides where things stand. How they look is decided here, in a few rules that take the
//! page's colors; where there is no page, as on GitHub, they follow the reader's system.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use merman::{
    Engine, MermaidConfig, OperationControl, ParseOptions, RenderOutput, RenderRequest, Renderer, SvgRequest,
    svg::{SvgRenderOptions, sanitize_svg_id},
};

/// Draws every source anew, or only says which drawing is not the one of its source.
///
/// # Errors
///
/// When a source cannot be drawn, a file not written, or, when checking, a drawing is stale or missing.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let mut sources = Vec::new();
    find(&root.join("src"), &mut sources)?;
    sources.sort();
    let mut wrong = Vec::new();
    for source in &sources {
        let name = source.strip_prefix(root).unwrap_or(source).with_extension("svg");
        let drawing = draw(root, source).with_context(|| source.display().to_string())?;
        let file = source.with_extension("svg");
        // A checkout on Windows may have other line ends.
        let there = fs::read_to_string(&file).ok().map(|text| text.replace("\r\n", "\n"));
        match there {
            Some(there) if there == drawing => {}
            there if check => {
                let problem = if there.is_some() { "stale" } else { "missing" };
                wrong.push(format!("{} is {problem}", name.display()));
            }
            _ => {
                fs::write(&file, drawing).with_context(|| file.display().to_string())?;
                println!("{} drawn", name.display());
            }
        }
    }
    if !wrong.is_empty() {
        bail!("{}; `cargo run -p xtask --features diagrams -- diagrams` draws it", wrong.join(", "));
    }
    println!("{} diagrams, all as their sources say", sources.len());
    Ok(())
}

fn find(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "mmd") {
            sources.push(path);
        }
    }
    Ok(())
}

fn draw(root: &Path, source: &Path) -> Result<String> {
    // Two drawings can stand on one page (`print.html` has them all), so the whole path is in their ids.
    let path = source.strip_prefix(root.join("src")).unwrap_or(source).with_extension("");
    let id = sanitize_svg_id(&format!("diagram-{}", path.display()).replace(['/', '\\'], "-"));
    render(&id, &fs::read_to_string(source)?)
}

fn render(id: &str, source: &str) -> Result<String> {
    let config = MermaidConfig::from_value(serde_json::json!({
        "theme": "base",
        "look": "classic",
        "htmlLabels": false,
        "flowchart": { "htmlLabels": false },
        "sequence": { "mirrorActors": false },
        "fontFamily": FONT,
        "themeVariables": { "fontFamily": FONT, "fontSize": "16px" },
    }));
    let renderer = Renderer::new()
        .with_engine(Engine::new().with_site_config(config))
        .with_parse_options(ParseOptions::strict());
    let options = SvgRenderOptions { diagram_id: Some(id.into()), ..Default::default() };
    let request = SvgRequest { options, ..Default::default() };
    let output = renderer.render(RenderRequest::svg(source, OperationControl::new(), request))?;
    let RenderOutput::Svg(Some(output)) = output else { bail!("this is no Mermaid diagram") };
    let svg = restyle(output.svg(), id)?;
    ensure!(
        !colored(&svg),
        "a color in the source cannot follow the page's theme; leave `style` and `fill` out"
    );
    Ok(svg)
}

const FONT: &str = "Open Sans, sans-serif";

/// `ID` stands for the drawing's id: the rules of a drawing inside a page hold in that whole page.
const STYLE: &str = "
#ID{--ink:var(--fg,#1f2328);--ground:var(--bg,#fff);font-family:\"Open Sans\",sans-serif;font-size:16px}
@media (prefers-color-scheme:dark){#ID{--ink:var(--fg,#d1d7e0);--ground:var(--bg,#0d1117)}}
#ID text{fill:var(--ink);stroke:none}
#ID :is(.node .label,.cluster-label,.edgeLabel) text{text-anchor:middle}
#ID :is(.node :is(rect,circle,ellipse,polygon,path),rect.actor,.activation0,.activation1,.labelBox)\
{fill:var(--ground);stroke:var(--ink)}
#ID .label rect{fill:none;stroke:none}
#ID .edgeLabel rect{fill:var(--ground);stroke:none}
#ID :is(.flowchart-link,.messageLine0,.messageLine1){fill:none;stroke:var(--ink);stroke-width:1.5}
#ID .edge-pattern-dotted{stroke-dasharray:3}
#ID .messageLine1{stroke-dasharray:5 3}
#ID .actor-line{stroke:var(--ink);stroke-opacity:.4}
#ID :is(.cluster rect,.loopLine,.note){fill:var(--ground);stroke:var(--ink);stroke-dasharray:4 3}
#ID .loopLine{fill:none}
#ID marker *{fill:var(--ink);stroke:none}
";

/// Puts our rules in the place of the renderer's, and leaves out what nothing refers to.
fn restyle(svg: &str, id: &str) -> Result<String> {
    let (before, rest) = svg.split_once("<style>").context("the renderer wrote no style")?;
    let (_, body) = rest.split_once("</style>").context("the renderer's style does not end")?;
    let mut body = body.to_owned();
    for kind in ["marker", "symbol", "filter", "linearGradient"] {
        body = without_unused(&body, kind);
    }
    let body = without(&body.replace("<defs></defs>", "").replace("<g/>", ""), " data-points=\"", "\"");
    // The page says in words what the drawing shows.
    let head = without(&without(before, " role=\"", "\""), " aria-roledescription=\"", "\"");
    let mut svg = format!("{head}<style>{}</style>{}", STYLE.trim().replace("ID", id), body.trim_end());
    // A line for each thing makes a change readable. Inside a text, a line end would be a space.
    for thing in ["<style", "<defs", "<g", "</g", "<path", "<rect", "<line", "<text", "</svg"] {
        svg = svg.replace(&format!(">{thing}"), &format!(">\n{thing}"));
    }
    Ok(svg + "\n")
}

/// Leaves out every `<kind id="…">…</kind>` that nothing refers to.
fn without_unused(svg: &str, kind: &str) -> String {
    let (open, close) = (format!("<{kind} id=\""), format!("</{kind}>"));
    let mut kept = String::new();
    let mut rest = svg;
    while let Some(start) = rest.find(&open) {
        let id = rest[start + open.len()..].split('"').next().unwrap_or_default();
        let end = rest[start..].find(&close).map_or(rest.len(), |end| start + end + close.len());
        let used = svg.contains(&format!("#{id})")) || svg.contains(&format!("\"#{id}\""));
        kept.push_str(&rest[..if used { end } else { start }]);
        rest = &rest[end..];
    }
    kept + rest
}

/// Leaves out everything from each `start` to the next `end`.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(end).map_or("", |(_, rest)| rest));
    }
    kept
}

/// Whether a `style` attribute, which is stronger than our rules, has a color of its own.
fn colored(svg: &str) -> bool {
    let styles = svg.split(" style=\"").skip(1).filter_map(|rest| rest.split('"').next());
    styles.flat_map(|style| style.split(';')).any(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let value = value.trim().trim_end_matches("!important").trim();
        matches!(property.trim(), "fill" | "stroke" | "color" | "background-color" | "background")
            && !matches!(value, "none" | "" | "currentColor" | "inherit")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOW: &str =
        "flowchart TB\n    main[\"main thread\"] -- \"spawn\" --> worker\n    worker -- \"join\" --> done\n";

    #[test]
    fn the_same_source_gives_the_same_drawing() {
        assert_eq!(render("a", FLOW).unwrap(), render("a", FLOW).unwrap());
    }

    #[test]
    fn a_drawing_has_no_ids_but_its_own() {
        let svg = render("diagram-a", FLOW).unwrap();
        let ids: Vec<_> = svg.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(ids.len() > 3, "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("diagram-a")), "{ids:?}");
    }

    #[test]
    fn a_drawing_fits_into_a_page() {
        for source in [FLOW, "sequenceDiagram\n    main->>worker: spawn\n    worker-->>main: join\n"] {
            let svg = render("a", source).unwrap();
            assert!(svg.lines().all(|line| !line.trim().is_empty()), "a blank line ends an HTML block");
            assert!(!svg.contains("<foreignObject"), "{svg}");
            assert!(svg.contains("marker-end=\"url(#a") && svg.contains("<marker id=\"a"), "{svg}");
        }
    }

    #[test]
    fn a_color_of_its_own_is_an_error() {
        let error = render("a", "flowchart TB\n    a --> b\n    style a fill:#f00\n").unwrap_err();
        assert!(error.to_string().contains("color"), "{error}");
    }

    #[test]
    fn a_stale_and_a_missing_drawing_are_named() {
        let book = tempfile::tempdir().unwrap();
        let src = book.path().join("src");
        fs::create_dir(&src).unwrap();
        fs::write(src.join("old.mmd"), FLOW).unwrap();
        run(book.path(), false).unwrap();
        run(book.path(), true).unwrap();
        fs::write(src.join("old.mmd"), FLOW.replace("worker", "helper")).unwrap();
        fs::write(src.join("new.mmd"), FLOW).unwrap();
        let error = run(book.path(), true).unwrap_err().to_string();
        assert!(error.contains("old.svg is stale") && error.contains("new.svg is missing"), "{error}");
    }
}
