//! A number, a ratio, a table or a plot, as a page shows them.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use anyhow::{Result, bail, ensure};

use super::{
    catalog::{self, Measurement},
    record::{Record, Value},
};

/// Where the reference numbers are kept, below the root of the repository.
pub const REFERENCE: &str = "measurements";
/// Where the numbers of a reader's own runs are kept.
pub const YOURS: &str = "target/measurements";

/// Everything that was measured: on the reference machine, and on the reader's own.
#[derive(Debug, Default)]
pub struct Measurements {
    pub reference: BTreeMap<String, Record>,
    pub yours: BTreeMap<String, Record>,
}

impl Measurements {
    /// Reads both folders of the repository in `root`; one that is not there is empty.
    ///
    /// # Errors
    ///
    /// When a file cannot be read as a record.
    pub fn load(root: &Path) -> Result<Self> {
        Ok(Self {
            reference: Record::load_all(&root.join(REFERENCE))?,
            yours: Record::load_all(&root.join(YOURS))?,
        })
    }

    /// One number with its unit, such as `14.2 µs`; the reader's own where there is one, then the reference.
    ///
    /// # Errors
    ///
    /// When there is no such measurement or key; the message lists what there is.
    pub fn value(&self, name: &str, key: &str) -> Result<String> {
        let value = self.reference(name, key)?;
        Ok(beside(self.yours(name, key).map(amount), amount(value)))
    }

    /// One number divided by another, such as `3.9`; the reader's own where there is one, then the reference.
    ///
    /// # Errors
    ///
    /// As for a value; and when the two have different units, or the second is zero.
    pub fn ratio(&self, name: &str, over: &str, under: &str) -> Result<String> {
        let (a, b) = (self.reference(name, over)?, self.reference(name, under)?);
        ensure!(a.unit == b.unit, "{over} is in `{}`, but {under} in `{}`", a.unit, b.unit);
        ensure!(b.median != 0.0, "{under} is zero");
        let yours = match (self.yours(name, over), self.yours(name, under)) {
            (Some(a), Some(b)) if b.median != 0.0 => Some(times(a.median / b.median)),
            _ => None,
        };
        Ok(beside(yours, times(a.median / b.median)))
    }

    /// Every number of one measurement as a Markdown table, with machine and versions beneath.
    ///
    /// # Errors
    ///
    /// When there is no such measurement, or it has a key that the catalog does not know.
    pub fn table(&self, name: &str) -> Result<String> {
        let measurement = catalog::find(name)?;
        let reference = self.record(name)?;
        let yours = self.yours.get(name);
        for key in reference.values.keys() {
            let known = key.split_once('.').is_some_and(|(_, key)| measurement.label(key).is_some());
            ensure!(known, "the catalog has no row for `{key}` of {name}");
        }

        let mut columns = Vec::new();
        for series in series(reference, yours) {
            if let Some(yours) = yours.filter(|record| has(record, &series)) {
                columns.push((format!("{}, yours", title(&series)), yours, series.clone()));
            }
            if has(reference, &series) {
                columns.push((title(&series), reference, series));
            }
        }
        let mut text = String::from("<figure class=\"measured\">\n\n|");
        for (heading, ..) in &columns {
            write!(text, " | {heading}")?;
        }
        text += " |\n|---";
        text += &"|---:".repeat(columns.len());
        text += "|\n";
        for (key, label) in measurement.rows {
            let cells: Vec<_> = columns
                .iter()
                .map(|(_, record, series)| record.values.get(&format!("{series}.{key}")))
                .collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            write!(text, "| {label}")?;
            for cell in cells {
                match cell {
                    Some(value) => write!(text, " | {}", self::cell(value))?,
                    None => text += " | ",
                }
            }
            text += " |\n";
        }
        text += "\n<figcaption>\n";
        if let Some(yours) = yours {
            writeln!(text, "{}<br>", foot("Yours", measurement, yours))?;
        }
        let whose = if yours.is_some() { "The reference" } else { "Measured" };
        writeln!(text, "{}\n</figcaption>\n</figure>\n", foot(whose, measurement, reference))?;
        Ok(text)
    }

    /// Bars for the rows of a measurement that can be compared at a glance, the table folded beneath.
    ///
    /// # Errors
    ///
    /// As for a table; and when the rows to plot have more than one unit.
    pub fn plot(&self, name: &str) -> Result<String> {
        let measurement = catalog::find(name)?;
        let reference = self.record(name)?;
        let yours = self.yours.get(name);
        let svg = bars(measurement, reference, yours)?;
        let table = self.table(name)?;
        Ok(format!(
            "<figure class=\"measured plot\">\n{svg}</figure>\n\n<details>\n<summary>The numbers</summary>\n\n{table}\n</details>\n"
        ))
    }

    fn record(&self, name: &str) -> Result<&Record> {
        match self.reference.get(name) {
            Some(record) => Ok(record),
            None => {
                let names: Vec<_> = self.reference.keys().map(String::as_str).collect();
                bail!("there is no measurement `{name}`; there are: {}", names.join(", "))
            }
        }
    }

    fn reference(&self, name: &str, key: &str) -> Result<&Value> {
        let record = self.record(name)?;
        match record.values.get(key) {
            Some(value) => Ok(value),
            None => {
                let keys: Vec<_> = record.values.keys().map(String::as_str).collect();
                bail!("the measurement `{name}` has no `{key}`; it has: {}", keys.join(", "))
            }
        }
    }

    fn yours(&self, name: &str, key: &str) -> Option<&Value> {
        self.yours.get(name)?.values.get(key)
    }
}

fn beside(yours: Option<String>, reference: String) -> String {
    match yours {
        Some(yours) => {
            format!("<span class=\"yours\">{yours}</span> (on the reference machine {reference})")
        }
        None => reference,
    }
}

/// The series of both records: Rust first, then the Pythons.
fn series(reference: &Record, yours: Option<&Record>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for key in reference.values.keys().chain(yours.iter().flat_map(|record| record.values.keys())) {
        let name = key.split('.').next().unwrap_or_default();
        // A series such as `python-3-13` has no dot: what stands before the first dot is the series.
        if !all.iter().any(|known| known == name) {
            all.push(name.to_string());
        }
    }
    all.sort_by_key(|name| (name != "rust", name.clone()));
    all
}

fn has(record: &Record, series: &str) -> bool {
    record.values.keys().any(|key| key.split('.').next() == Some(series))
}

/// A heading for a series.
fn title(series: &str) -> String {
    match series {
        "rust" => "Rust".to_string(),
        "python" => "Python".to_string(),
        "python-ft" => "Python, free-threaded".to_string(),
        other => match other.strip_prefix("python-").map(|version| version.replace('-', ".")) {
            Some(version) => match version.strip_suffix(".ft") {
                Some(version) => format!("Python {version}, free-threaded"),
                None => format!("Python {version}"),
            },
            None => other.to_string(),
        },
    }
}

fn foot(whose: &str, measurement: &Measurement, record: &Record) -> String {
    let runs: Vec<_> = record.values.values().map(|value| value.runs).collect();
    let (least, most) = (runs.iter().min().unwrap_or(&0), runs.iter().max().unwrap_or(&0));
    let runs = match (least, most) {
        (1, 1) => "one run".to_string(),
        (least, most) if least == most => format!("median of {most} runs, lowest and highest beneath"),
        _ => format!("median of {least} to {most} runs, lowest and highest beneath"),
    };
    let mut versions = format!("{} (release)", record.toolchain);
    for interpreter in record.interpreters.values() {
        versions += ", ";
        versions += interpreter;
    }
    let quick = if record.quick { format!(" A quick run: {}.", measurement.quick) } else { String::new() };
    format!(
        "{whose}: {runs}. {}. {versions}. {}, <code>{}</code>.{quick}",
        record.machine.describe(),
        record.date,
        record.command
    )
}

fn amount(value: &Value) -> String {
    quantity(value.median, &value.unit)
}

/// A value in a table: the median, and beneath it how far the runs went from it.
fn cell(value: &Value) -> String {
    let (low, high) = (quantity(value.low, &value.unit), quantity(value.high, &value.unit));
    match value.runs {
        1 => amount(value),
        _ if low == high => format!("{}<br><small>always</small>", amount(value)),
        _ => format!("{}<br><small>{low} – {high}</small>", amount(value)),
    }
}

/// Units of time and of memory, each with how many of the base unit it is.
const TIME: [(&str, f64); 4] = [("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)];
const MEMORY: [(&str, f64); 4] =
    [("B", 1.0), ("KiB", 1024.0), ("MiB", 1024.0 * 1024.0), ("GiB", 1024.0 * 1024.0 * 1024.0)];

/// A number with three digits that count and the unit that fits it.
pub fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "s" => scaled(value, &TIME),
        "B" => scaled(value, &MEMORY),
        "/s" => format!("{}/s", digits(value, 3)),
        "%" => format!("{}%", digits(value, 3)),
        "" => digits(value, 3),
        other => format!("{}\u{a0}{other}", digits(value, 3)),
    }
}

fn scaled(value: f64, units: &[(&str, f64)]) -> String {
    // Rounded first: 999.9 µs is one millisecond.
    let rounded = rounded(value, 3);
    let (unit, size) = units.iter().rev().find(|(_, size)| rounded.abs() >= *size).unwrap_or(&units[0]);
    format!("{}\u{a0}{unit}", digits(value / size, 3))
}

/// How often one number goes into another: two digits say it.
fn times(value: f64) -> String {
    digits(value, 2)
}

fn rounded(value: f64, count: usize) -> f64 {
    format!("{value:.*e}", count - 1).parse().unwrap_or(value)
}

/// A number with `count` digits that count, and commas between thousands.
fn digits(value: f64, count: usize) -> String {
    let value = rounded(value, count);
    if value == 0.0 {
        return "0".to_string();
    }
    let before = value.abs().log10().floor() as i32 + 1;
    let after = (count as i32 - before).max(0) as usize;
    let text = format!("{value:.after$}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{grouped}.{fraction}"),
        None => grouped,
    }
}

/// One panel for each series, each with a scale of its own: what is compared is the rows, and a bar of
/// Python's would leave nothing to see of Rust's.
fn bars(measurement: &Measurement, reference: &Record, yours: Option<&Record>) -> Result<String> {
    const WIDTH: f64 = 640.0;
    const LEFT: f64 = 250.0;
    const ROOM: f64 = 270.0;
    let mut body = String::new();
    let mut y = 0.0;
    let mut unit: Option<&str> = None;
    for series in series(reference, yours) {
        let rows: Vec<_> = measurement
            .plot
            .iter()
            .map(|key| {
                let full = format!("{series}.{key}");
                let label = measurement.label(key).unwrap_or_default();
                (label, yours.and_then(|record| record.values.get(&full)), reference.values.get(&full))
            })
            .filter(|row| row.1.is_some() || row.2.is_some())
            .collect();
        if rows.is_empty() {
            continue;
        }
        let values = || rows.iter().flat_map(|row| [row.1, row.2]).flatten();
        for value in values() {
            let unit = *unit.get_or_insert(&value.unit);
            ensure!(
                unit == value.unit,
                "a plot of {} would mix `{unit}` and `{}`",
                measurement.name,
                value.unit
            );
        }
        let most = values().map(|value| value.high).fold(f64::MIN_POSITIVE, f64::max);
        y += 24.0;
        writeln!(
            body,
            r#"<text x="0" y="{}" font-weight="bold">{}</text>"#,
            y - 6.0,
            escape(&title(&series))
        )?;
        for (label, yours, reference) in rows {
            writeln!(
                body,
                r#"<text x="{}" y="{}" text-anchor="end">{}</text>"#,
                LEFT - 8.0,
                y + 13.0,
                escape(label)
            )?;
            for (value, mine) in [(yours, true), (reference, false)] {
                let Some(value) = value else { continue };
                let length = (value.median / most * ROOM).max(1.0);
                // The reader's bars are outlines, so that they can be told apart without color.
                let paint = if mine {
                    r#"fill="none" stroke="var(--links)" stroke-width="2""#
                } else {
                    r#"fill="var(--links)""#
                };
                writeln!(
                    body,
                    r#"<rect x="{LEFT}" y="{:.1}" width="{length:.1}" height="12" {paint}/>"#,
                    y + 3.0
                )?;
                let (low, high) = (LEFT + value.low / most * ROOM, LEFT + value.high / most * ROOM);
                writeln!(
                    body,
                    r#"<path d="M{low:.1} {middle:.1}H{high:.1}" stroke="var(--fg)" stroke-width="2"/>"#,
                    middle = y + 9.0
                )?;
                let whose = if mine { " (yours)" } else { "" };
                writeln!(
                    body,
                    r#"<text x="{:.1}" y="{:.1}">{}{whose}</text>"#,
                    high.max(LEFT + length) + 6.0,
                    y + 13.0,
                    escape(&amount(value))
                )?;
                y += 18.0;
            }
        }
    }
    ensure!(unit.is_some(), "the catalog names no rows of {} to plot", measurement.name);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" font-size=\"13\" fill=\"var(--fg)\">\n<title>{}</title>\n{body}</svg>\n",
        y + 6.0,
        escape(measurement.about)
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::measure::machine::Machine;

    pub(crate) fn record(name: &str, values: &[(&str, f64, &str)]) -> Record {
        Record {
            name: name.to_string(),
            date: "2026-11-21".to_string(),
            command: format!("cargo run --release -- measure {name}"),
            quick: false,
            machine: Machine { cpu: "Z80".into(), cores: 2, memory: 8 << 30, os: "CP/M".into() },
            toolchain: "rustc 1.95.0".to_string(),
            interpreters: BTreeMap::from([("python".to_string(), "CPython 3.13.5".to_string())]),
            values: values
                .iter()
                .map(|(key, value, unit)| {
                    let value = Value::of(vec![*value, value * 0.9, value * 1.1], unit).unwrap();
                    (key.to_string(), value)
                })
                .collect(),
        }
    }

    fn measured() -> Measurements {
        let record = record(
            "gil",
            &[
                ("rust.threads-1", 0.004, "s"),
                ("rust.threads-2", 0.0041, "s"),
                ("python.threads-1", 0.25, "s"),
                ("python.threads-2", 0.5, "s"),
                ("python.hash-1", 0.0, "B"),
            ],
        );
        Measurements { reference: BTreeMap::from([("gil".to_string(), record)]), yours: BTreeMap::new() }
    }

    fn with_yours() -> Measurements {
        let mut measured = measured();
        let record = record("gil", &[("rust.threads-1", 0.002, "s"), ("rust.threads-2", 0.006, "s")]);
        measured.yours.insert("gil".to_string(), record);
        measured
    }

    #[test]
    fn a_quantity_has_three_digits_and_the_unit_that_fits() {
        for (value, unit, shown) in [
            (0.000_014_23, "s", "14.2 µs"),
            (0.000_999_9, "s", "1.00 ms"),
            (0.000_999_4, "s", "999 µs"),
            (1.5, "s", "1.50 s"),
            (75.26, "s", "75.3 s"),
            (2.1e-9, "s", "2.10 ns"),
            (3.1e-10, "s", "0.310 ns"),
            (0.0, "s", "0 ns"),
            (512.0, "B", "512 B"),
            (8.0 * 1024.0 * 1024.0, "B", "8.00 MiB"),
            (12_345_678.0, "/s", "12,300,000/s"),
            (34.25, "%", "34.2%"),
            (100.0, "%", "100%"),
            (0.0, "%", "0%"),
            (1234.0, "", "1,230"),
            (-123_456.0, "", "-123,000"),
            (1.96, "×", "1.96 ×"),
        ] {
            assert_eq!(quantity(value, unit), shown.replace(' ', "\u{a0}"), "{value} {unit}");
        }
    }

    #[test]
    fn a_ratio_has_two_digits() {
        assert_eq!(times(3.94), "3.9");
        assert_eq!(times(0.996), "1.0");
        assert_eq!(times(9.96), "10");
        assert_eq!(times(0.0123), "0.012");
        assert_eq!(times(12_345.0), "12,000");
        let measured = measured();
        assert_eq!(measured.ratio("gil", "python.threads-2", "python.threads-1").unwrap(), "2.0");
        let mixed = measured.ratio("gil", "python.hash-1", "python.threads-1").unwrap_err().to_string();
        assert_eq!(mixed, "python.hash-1 is in `B`, but python.threads-1 in `s`");
        let zero = measured.ratio("gil", "python.hash-1", "python.hash-1").unwrap_err().to_string();
        assert_eq!(zero, "python.hash-1 is zero");
    }

    #[test]
    fn what_is_not_there_is_an_error_that_lists_what_is() {
        let measured = measured();
        let name = measured.value("gill", "rust.threads-1").unwrap_err().to_string();
        assert_eq!(name, "there is no measurement `gill`; there are: gil");
        let key = measured.value("gil", "rust.threads-3").unwrap_err().to_string();
        assert!(key.contains("no `rust.threads-3`; it has: python.hash-1, python.threads-1"), "{key}");
        assert!(measured.table("io").is_err());
    }

    #[test]
    fn the_readers_number_stands_before_the_reference() {
        assert_eq!(measured().value("gil", "rust.threads-1").unwrap(), "4.00\u{a0}ms");
        assert_eq!(
            with_yours().value("gil", "rust.threads-1").unwrap(),
            "<span class=\"yours\">2.00\u{a0}ms</span> (on the reference machine 4.00\u{a0}ms)"
        );
        assert_eq!(
            with_yours().ratio("gil", "rust.threads-2", "rust.threads-1").unwrap(),
            "<span class=\"yours\">3.0</span> (on the reference machine 1.0)"
        );
        // The reader has no Python: the reference alone.
        assert_eq!(with_yours().value("gil", "python.threads-1").unwrap(), "250\u{a0}ms");
    }

    #[test]
    fn a_table_has_a_row_for_each_label_and_a_column_for_each_series() {
        let table = measured().table("gil").unwrap();
        assert!(table.contains("| | Rust | Python |\n|---|---:|---:|\n"), "{table}");
        assert!(table.contains("| the loop in one thread | 4.00\u{a0}ms<br><small>3.60\u{a0}ms – 4.40\u{a0}ms</small> | 250\u{a0}ms<br>"), "{table}");
        assert!(!table.contains("four threads"), "a row that nobody measured:\n{table}");
        assert!(table.contains("Z80, 2 cores, 8.00\u{a0}GiB, CP/M. rustc 1.95.0 (release), CPython 3.13.5."));
        let table = with_yours().table("gil").unwrap();
        assert!(table.contains("| | Rust, yours | Rust | Python |\n"), "{table}");
        assert!(table.contains("Yours: median of 3 runs") && table.contains("The reference: median"));
    }

    #[test]
    fn a_key_that_the_catalog_does_not_know_is_an_error() {
        let mut measured = measured();
        let record = record("gil", &[("rust.threads-9", 1.0, "s")]);
        measured.reference.insert("gil".to_string(), record);
        assert!(measured.table("gil").unwrap_err().to_string().contains("`rust.threads-9`"));
    }

    #[test]
    fn a_plot_has_no_blank_line_that_would_end_the_html_block() {
        let plot = with_yours().plot("gil").unwrap();
        let svg = plot.split("</figure>").next().unwrap();
        assert!(svg.contains("viewBox") && !svg.contains("\n\n"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 6);
        assert!(plot.contains("<summary>The numbers</summary>\n\n<figure"));
    }

    #[test]
    fn series_have_headings() {
        assert_eq!(title("python-3-14-ft"), "Python 3.14, free-threaded");
        assert_eq!(title("python-3-9"), "Python 3.9");
    }
}
