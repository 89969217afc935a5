//! The table: a row for each figure.

use std::fs;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::{bounds, check, load, memory, pipeline, poll, requests, verdict};

/// A figure beside its goal.
pub(crate) struct Row {
    figure: String,
    measured: String,
    goal: String,
    is_kept: bool,
}

impl Row {
    /// A figure that is only reported.
    pub(crate) fn reported(figure: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { figure: figure.into(), measured: measured.into(), goal: String::new(), is_kept: true }
    }

    /// A figure whose goal is more than one number.
    pub(crate) fn goal(figure: impl Into<String>, goal: &str, is_kept: bool, measured: impl Into<String>) -> Self {
        Self { goal: goal.to_owned(), is_kept, ..Self::reported(figure, measured) }
    }

    /// A figure that should be at most this.
    pub(crate) fn at_most(figure: impl Into<String>, most: f64, value: f64, measured: impl Into<String>) -> Self {
        Self { goal: format!("≤ {most}"), is_kept: value <= most, ..Self::reported(figure, measured) }
    }

    /// A figure that should be at least this.
    pub(crate) fn at_least(figure: impl Into<String>, least: f64, value: f64, measured: impl Into<String>) -> Self {
        Self { goal: format!("≥ {least}"), is_kept: value >= least, ..Self::reported(figure, measured) }
    }

    fn line(&self) -> String {
        let Self { figure, measured, goal, .. } = self;
        let missed = if self.is_kept { "" } else { " (missed)" };
        format!("| {figure} | {measured} | {goal}{missed} |")
    }
}

/// Measures the figures of these names, or all, and prints them as they are measured. Fails where a goal is missed.
pub(crate) async fn print(names: &[&str]) -> anyhow::Result<ExitCode> {
    let is_wanted = |name: &str| names.is_empty() || names.contains(&name);
    println!("Measured on {}, {}.\n", Timestamp::now().strftime("%Y-%m-%d"), machine());
    println!("| figure | measured | goal |\n|---|---|---|");
    let mut all_kept = true;
    let mut show = |rows: Vec<Row>| {
        for row in rows {
            all_kept &= row.is_kept;
            println!("{}", row.line());
        }
    };
    if is_wanted("check") {
        show(check::rows().await?);
    }
    if is_wanted("load") {
        show(load::rows().await?);
    }
    if is_wanted("poll") {
        show(poll::rows().await?);
    }
    if is_wanted("guards") {
        show(bounds::guards::rows().await?);
    }
    if is_wanted("memory") {
        show(memory::rows()?);
    }
    if is_wanted("verdict") {
        show(verdict::rows().await?);
    }
    if is_wanted("requests") {
        show(requests::rows().await?);
    }
    if is_wanted("pipeline") {
        show(pipeline::rows().await?);
    }
    if is_wanted("bounds") {
        all_kept &= bounds::measure().await;
    }
    Ok(if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The processors of this machine and its memory.
fn machine() -> String {
    let read = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(key).map(str::to_owned));
        line.map(|line| line.trim_start_matches([' ', '\t', ':']).to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kib: u64 = read("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    format!("{cores} cores of {}, {} GiB", read("/proc/cpuinfo", "model name"), kib >> 20)
}
