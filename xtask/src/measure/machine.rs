//! What the numbers were measured on.

use std::{path::Path, process::Command, thread, time::SystemTime};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::show;

/// A computer, as far as it matters to a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    pub cpu: String,
    /// What `available_parallelism` says: a container may have fewer than the computer
    pub cores: usize,
    /// In bytes
    pub memory: u64,
    pub os: String,
}

impl Machine {
    /// This computer.
    pub fn here() -> Self {
        let (mut cpu, mut memory) = (String::new(), 0);
        if let Ok(mut system) = sysinfo::System::new() {
            system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
            system.refresh_memory();
            cpu = system.cpus().first().map(|cpu| cpu.brand().trim().to_string()).unwrap_or_default();
            memory = system.total_memory();
        }
        let os = sysinfo::System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_string());
        let kernel = sysinfo::System::kernel_version().unwrap_or_default();
        Self {
            cpu: if cpu.is_empty() { std::env::consts::ARCH.to_string() } else { cpu },
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory,
            // "6.1.0-13-amd64" says no more to a reader than "6.1".
            os: match kernel.split('.').take(2).collect::<Vec<_>>().join(".") {
                kernel if kernel.is_empty() || !cfg!(target_os = "linux") => os,
                kernel => {
                    format!("{}, kernel {kernel}", os.trim_start_matches("Linux (").trim_end_matches(')'))
                }
            },
        }
    }

    /// In a line, for the foot of a table.
    pub fn describe(&self) -> String {
        let cores = if self.cores == 1 { "core" } else { "cores" };
        format!(
            "{}, {} {cores}, {}, {}",
            self.cpu,
            self.cores,
            show::quantity(self.memory as f64, "B"),
            self.os
        )
    }
}

/// The compiler that builds the programs, such as `rustc 1.95.0`.
///
/// # Errors
///
/// When there is no `rustc`.
pub fn toolchain(root: &Path) -> Result<String> {
    let output = Command::new("rustc").arg("--version").current_dir(root).output().context("rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split(" (").next().unwrap_or_default().trim().to_string())
}

/// Today in UTC, such as `2026-11-21`.
pub fn today() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()[..10].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_cores_and_memory() {
        let machine = Machine::here();
        assert!(machine.cores > 0 && machine.memory > 1 << 20, "{machine:?}");
        assert!(!machine.cpu.is_empty() && !machine.os.is_empty(), "{machine:?}");
    }

    #[test]
    fn a_machine_in_a_line() {
        let machine = Machine { cpu: "Zilog Z80".into(), cores: 1, memory: 64 << 10, os: "CP/M 2.2".into() };
        assert_eq!(machine.describe(), "Zilog Z80, 1 core, 64.0\u{a0}KiB, CP/M 2.2");
    }
}
