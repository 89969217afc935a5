//! The status line of a watched run.

use std::time::Duration;

use host_harness::WatchEvent;
use host_harness::contract::{Running, StepStatus};
use indicatif::{ProgressBar, ProgressStyle};

use crate::log;
use crate::printer::Printer;
use crate::terminal::unmarked;

/// A spinner on a terminal; elsewhere a line for each change.
pub(crate) struct Status<'a> {
    printer: &'a Printer,
    spinner: Option<ProgressBar>,
    last: String,
}

impl<'a> Status<'a> {
    pub(crate) fn new(printer: &'a Printer) -> Self {
        let spinner = log::is_live().then(|| {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                spinner.set_style(style);
            }
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        let mut status = Self { printer, spinner, last: String::new() };
        status.show("starting the run");
        status
    }

    pub(crate) fn event(&mut self, event: WatchEvent<'_>) {
        match event {
            WatchEvent::Running(running) => self.show(&phase(running)),
            WatchEvent::Retrying { error, wait } => self.show(&format!(
                "{error}; trying again in {}",
                humantime::format_duration(Duration::from_secs(wait.as_secs().max(1)))
            )),
            WatchEvent::Cancelling => self.show("asking the tool to stop the run; Ctrl-C again to leave at once"),
            _ => {}
        }
    }

    fn show(&mut self, text: &str) {
        let line = self.printer.progress(&unmarked(text));
        if line == self.last {
            return;
        }
        match &self.spinner {
            Some(spinner) => spinner.set_message(line.clone()),
            None => self.printer.note(&line),
        }
        self.last = line;
    }
}

impl Drop for Status<'_> {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

/// The running step, and the report's message.
fn phase(running: &Running) -> String {
    let report = &running.report;
    let step = report.steps.iter().find(|step| step.status == StepStatus::Running);
    match step {
        Some(step) => format!("{}: {}", step.name, report.message),
        None => report.message.clone(),
    }
}
