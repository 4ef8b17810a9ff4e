//! The numbers of one measurement, as a file keeps them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::machine::Machine;

/// What a program prints on a line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub key: String,
    pub value: f64,
    pub unit: String,
}

/// What many runs come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    pub unit: String,
    pub runs: usize,
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Value {
    /// The median of some numbers, with the lowest and the highest of them.
    ///
    /// # Errors
    ///
    /// When there is no number, or something that is none.
    pub fn of(mut values: Vec<f64>, unit: &str) -> Result<Self> {
        ensure!(!values.is_empty(), "no values");
        ensure!(values.iter().all(|value| value.is_finite()), "not a number");
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median =
            if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
        Ok(Self {
            unit: unit.to_string(),
            runs: values.len(),
            median: four_digits(median),
            low: four_digits(values[0]),
            high: four_digits(values[values.len() - 1]),
        })
    }

    /// No run of the one came near any run of the other.
    pub fn differs(&self, other: &Self) -> bool {
        self.low > other.high || other.low > self.high
    }
}

/// More digits than four are noise, and a diff of two files should show what changed.
fn four_digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().expect("a number that was just printed")
}

/// One measurement on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub name: String,
    pub date: String,
    pub command: String,
    pub quick: bool,
    pub machine: Machine,
    pub toolchain: String,
    /// The first part of a key, such as `python-ft`, and the interpreter that it stands for
    pub interpreters: BTreeMap<String, String>,
    pub values: BTreeMap<String, Value>,
}

impl Record {
    /// Gathers the samples of one program's runs under keys that begin with `series`.
    ///
    /// # Errors
    ///
    /// When one key was printed with two units, or a value is no number.
    pub fn add(&mut self, series: &str, samples: Vec<Sample>) -> Result<()> {
        let mut keys: BTreeMap<String, (String, Vec<f64>)> = BTreeMap::new();
        for sample in samples {
            let (unit, values) = keys.entry(sample.key.clone()).or_insert((sample.unit.clone(), Vec::new()));
            ensure!(*unit == sample.unit, "{} is given in {unit} and in {}", sample.key, sample.unit);
            values.push(sample.value);
        }
        for (key, (unit, values)) in keys {
            let value = Value::of(values, &unit).with_context(|| format!("{series}.{key}"))?;
            self.values.insert(format!("{series}.{key}"), value);
        }
        Ok(())
    }

    /// Writes the file in `folder` that is named for the measurement.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let path = folder.join(format!("{}.json", self.name));
        fs::write(&path, serde_json::to_string_pretty(self)? + "\n")
            .with_context(|| path.display().to_string())?;
        Ok(path)
    }

    /// Reads every record in a folder; a folder that is not there has none.
    ///
    /// # Errors
    ///
    /// When a file is not a record, or is not named for its measurement.
    pub fn load_all(folder: &Path) -> Result<BTreeMap<String, Self>> {
        let mut records = BTreeMap::new();
        if !folder.is_dir() {
            return Ok(records);
        }
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let record: Self = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            ensure!(record.name == stem, "{} holds the measurement `{}`", path.display(), record.name);
            records.insert(record.name.clone(), record);
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        let odd = Value::of(vec![3.0, 100.0, 1.0], "s").unwrap();
        assert_eq!((odd.runs, odd.low, odd.median, odd.high), (3, 1.0, 3.0, 100.0));
        let even = Value::of(vec![4.0, 1.0, 2.0, 100.0], "s").unwrap();
        assert_eq!(even.median, 3.0);
        assert_eq!(Value::of(vec![0.123_456_7], "s").unwrap().median, 0.1235);
        assert!(Value::of(vec![], "s").is_err());
        assert!(Value::of(vec![1.0, f64::NAN], "s").is_err());
    }

    #[test]
    fn values_differ_when_their_runs_do_not_overlap() {
        let one = Value::of(vec![1.0, 2.0, 3.0], "s").unwrap();
        let near = Value::of(vec![2.5, 4.0], "s").unwrap();
        let far = Value::of(vec![3.5, 4.0], "s").unwrap();
        assert!(!one.differs(&near) && !near.differs(&one));
        assert!(one.differs(&far) && far.differs(&one));
    }

    #[test]
    fn one_key_has_one_unit() {
        let sample = |unit: &str| Sample { key: "one".into(), value: 1.0, unit: unit.into() };
        let mut record = crate::measure::show::tests::record("gil", &[]);
        assert!(record.add("rust", vec![sample("s"), sample("B")]).is_err());
        record.add("rust", vec![sample("s"), sample("s")]).unwrap();
        assert_eq!(record.values["rust.one"].runs, 2);
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let folder = std::env::temp_dir().join(format!("records-{}", std::process::id()));
        let record = crate::measure::show::tests::record("gil", &[("rust.threads-1", 0.0142, "s")]);
        record.save(&folder).unwrap();
        let loaded = Record::load_all(&folder).unwrap();
        fs::rename(folder.join("gil.json"), folder.join("io.json")).unwrap();
        let renamed = Record::load_all(&folder).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(loaded["gil"], record);
        assert!(renamed.contains("holds the measurement `gil`"), "{renamed}");
        assert!(Record::load_all(&folder).unwrap().is_empty());
    }
}
