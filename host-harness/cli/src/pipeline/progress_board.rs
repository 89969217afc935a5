//! The progress board: live lines on a terminal, else a log of changes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use host_harness::pipeline::{TaskEvent, What};
use host_harness::store::TaskState;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::progress;
use crate::log;
use crate::printer::Printer;
use crate::terminal::unmarked;

/// The most tasks with a line of their own on a terminal; the others are only counted.
const MOST_LINES: usize = 20;

/// On a terminal, a line for each running task and a total, below the tasks that have ended; elsewhere a line for each
/// change.
#[derive(Clone, Debug)]
pub(crate) struct ProgressBoard {
    printer: Printer,
    live: Option<MultiProgress>,
    lines: Arc<Mutex<Vec<ProgressBar>>>,
}

/// A pipeline on the board.
#[derive(Debug)]
pub(crate) struct Shown {
    board: ProgressBoard,
    name: String,
    tasks: Mutex<Vec<Task>>,
    total: Option<ProgressBar>,
}

/// A task on the board.
#[derive(Debug, Default)]
struct Task {
    name: String,
    phase: Phase,
    line: Option<ProgressBar>,
    /// The last line printed, other than on waiting.
    told: String,
    /// True if it was printed since that it waits for the rate limit.
    waits: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    ToCome,
    Running,
    Queued,
    Ended,
}

impl ProgressBoard {
    pub(crate) fn new(printer: &Printer) -> Self {
        let live = log::is_live().then(MultiProgress::new);
        Self { printer: printer.clone(), live, lines: Arc::default() }
    }

    /// The same board with the printer's current redactor.
    pub(crate) fn with_redactor_of(mut self, printer: &Printer) -> Self {
        self.printer = printer.clone();
        self
    }

    /// Shows a pipeline. `several`: task names are prefixed by the pipeline's.
    pub(crate) fn show(&self, name: &str, tasks: Vec<(String, TaskState)>, several: bool) -> Shown {
        let task = |(task, state): (String, TaskState)| Task {
            name: if several { format!("{name}/{task}") } else { task },
            phase: match state {
                TaskState::Waiting => Phase::ToCome,
                TaskState::Ended(_) => Phase::Ended,
                _ => Phase::Running,
            },
            ..Task::default()
        };
        let total = self.live.as_ref().map(|live| line(live, "{spinner} {elapsed} {wide_msg}"));
        self.lines().extend(total.clone());
        let tasks: Vec<_> = tasks.into_iter().map(task).collect();
        Shown { board: self.clone(), name: name.to_owned(), tasks: Mutex::new(tasks), total }
    }

    /// Prints a line above the board.
    pub(crate) fn note(&self, text: &str) {
        match &self.live {
            Some(live) => live.suspend(|| self.printer.note(text)),
            None => self.printer.note(text),
        }
    }

    /// Prints a run that could not be stored, so that a person can poll it.
    fn run(&self, run: &str) {
        match &self.live {
            Some(live) => live.suspend(|| self.printer.run(run)),
            None => self.printer.run(run),
        }
    }

    /// Updates the elapsed times.
    pub(crate) fn tick(&self) {
        self.lines().iter().for_each(ProgressBar::tick);
    }

    /// Clears the live lines.
    pub(crate) fn clear(&self) {
        self.lines().drain(..).for_each(|line| line.finish_and_clear());
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<ProgressBar>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    /// Shows an event of a task.
    pub(crate) fn event(&self, event: TaskEvent<'_>) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let task = &mut tasks[event.task];
        task.phase = match event.what {
            What::Queued { .. } => Phase::Queued,
            What::Ended { .. } | What::Left { .. } => Phase::Ended,
            _ => Phase::Running,
        };
        let text = self.board.printer.progress(&progress::line(&task.name, &event.what));
        match &self.board.live {
            Some(live) => self.live(live, task, &text),
            None => self.told(task, text, matches!(event.what, What::Queued { .. })),
        }
        if let What::Unwritten { run } = event.what {
            self.board.run(run);
        }
        if let Some(total) = &self.total {
            total.set_message(count(&self.name, &tasks.iter().map(|task| task.phase).collect::<Vec<_>>()));
        }
    }

    fn live(&self, live: &MultiProgress, task: &mut Task, text: &str) {
        if task.phase == Phase::Ended {
            self.board.note(text);
            if let Some(ended) = task.line.take() {
                ended.finish_and_clear();
                live.remove(&ended);
                self.board.lines().retain(|line| !line.is_finished());
            }
            return;
        }
        if task.line.is_none() && self.board.lines().len() <= MOST_LINES {
            let new = line(live, "  {elapsed} {wide_msg}");
            self.board.lines().push(new.clone());
            task.line = Some(new);
        }
        if let Some(line) = &task.line {
            line.set_message(unmarked(text));
        }
    }

    /// Prints a line only if it is news: not if the state is unchanged, or the task waits again for the rate limit.
    fn told(&self, task: &mut Task, text: String, waits: bool) {
        let is_news = if waits { !task.waits } else { task.told != text };
        if is_news {
            self.board.note(&text);
            task.waits = waits;
        }
        if !waits {
            task.told = text;
        }
    }
}

fn line(live: &MultiProgress, template: &str) -> ProgressBar {
    let bar = live.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// The total line: the number of tasks in each phase.
fn count(name: &str, phases: &[Phase]) -> String {
    let of = |phase| phases.iter().filter(|other| **other == phase).count();
    let all = phases.len();
    let parts = [
        (of(Phase::Running), "running"),
        (of(Phase::Queued), "waiting for their rate limit"),
        (of(Phase::ToCome), "to come"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    format!("{name}: {} of {all} ended{}", of(Phase::Ended), parts.collect::<String>())
}

/// The interval at which the elapsed times are updated.
pub(crate) const TICK: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tasks_are_counted_by_how_far_they_are() {
        use Phase::{Ended, Queued, Running, ToCome};
        assert_eq!(
            count("nightly", &[Ended, Running, Running, Queued, ToCome]),
            "nightly: 1 of 5 ended, 2 running, 1 waiting for their rate limit, 1 to come"
        );
        assert_eq!(count("nightly", &[Ended, Ended]), "nightly: 2 of 2 ended");
    }
}
