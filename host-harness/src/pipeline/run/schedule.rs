//! The schedule: decides which tasks start, by their dependencies. The [`runner`](crate::pipeline::run::runner) starts
//! them.

use crate::pipeline::OnFailure;
use crate::store::Outcome;

/// The tasks of a pipeline with their dependencies and states.
#[derive(Debug)]
pub(crate) struct Schedule {
    tasks: Vec<Node>,
    stopped: Option<String>,
}

/// A task in the schedule.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) after: Vec<usize>,
    pub(crate) on_failure: OnFailure,
    pub(crate) standing: Standing,
}

/// The state of a task in the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Waiting,
    Started,
    Ended(Outcome),
}

/// A decision on a waiting task.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Start(usize),
    /// It never starts, for this reason.
    Drop(usize, String),
}

impl Schedule {
    pub(crate) fn new(tasks: Vec<Node>) -> Self {
        let mut schedule = Self { tasks: Vec::new(), stopped: None };
        schedule.stopped = tasks.iter().find_map(stops);
        schedule.tasks = tasks;
        schedule
    }

    /// Records the end of a task.
    pub(crate) fn ended(&mut self, task: usize, outcome: Outcome) {
        self.tasks[task].standing = Standing::Ended(outcome);
        self.stopped = self.stopped.take().or_else(|| stops(&self.tasks[task]));
    }

    /// Lets nothing more start, for this reason.
    pub(crate) fn stop(&mut self, reason: &str) {
        self.stopped.get_or_insert_with(|| reason.to_owned());
    }

    /// The tasks that start or are dropped now; they are recorded as such.
    pub(crate) fn next(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        // A dropped task may drop others, before or after it in the file.
        while let Some(step) = (0..self.tasks.len()).find_map(|task| self.step(task)) {
            match step {
                Step::Start(task) => self.tasks[task].standing = Standing::Started,
                Step::Drop(task, _) => self.tasks[task].standing = Standing::Ended(Outcome::NotRun),
            }
            steps.push(step);
        }
        steps
    }

    /// True if all tasks have ended.
    pub(crate) fn is_done(&self) -> bool {
        self.tasks.iter().all(|task| matches!(task.standing, Standing::Ended(_)))
    }

    /// The outcome so far: the worst of the tasks'.
    pub(crate) fn outcome(&self) -> Outcome {
        let ended = self.tasks.iter().filter_map(|task| match task.standing {
            Standing::Ended(outcome) => Some(outcome),
            _ => None,
        });
        ended.max_by_key(|outcome| severity(*outcome)).unwrap_or(Outcome::Succeeded)
    }

    fn step(&self, task: usize) -> Option<Step> {
        let node = &self.tasks[task];
        if node.standing != Standing::Waiting {
            return None;
        }
        if let Some(reason) = &self.stopped {
            return Some(Step::Drop(task, reason.clone()));
        }
        let mut ready = true;
        for before in node.after.iter().map(|before| &self.tasks[*before]) {
            match before.standing {
                Standing::Ended(outcome) if is_good(outcome) => {}
                // A task that was not run has produced nothing to continue with.
                Standing::Ended(outcome) if outcome != Outcome::NotRun && before.on_failure == OnFailure::Continue => {}
                Standing::Ended(outcome) => {
                    return Some(Step::Drop(
                        task,
                        format!("{}, which it comes after, {}", before.name, ended(outcome)),
                    ));
                }
                _ => ready = false,
            }
        }
        ready.then_some(Step::Start(task))
    }
}

/// The reason to stop the pipeline, if this task's end is one.
fn stops(task: &Node) -> Option<String> {
    match task.standing {
        // A task that was not run has not failed: the task that prevented it decides.
        Standing::Ended(outcome)
            if !is_good(outcome) && outcome != Outcome::NotRun && task.on_failure == OnFailure::Stop =>
        {
            Some(format!("{}, whose failure stops the pipeline, {}", task.name, ended(outcome)))
        }
        _ => None,
    }
}

/// True if dependent tasks may start.
fn is_good(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Succeeded | Outcome::Skipped)
}

fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Skipped => "was skipped",
        Outcome::NotRun => "was not run",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "was cancelled",
        Outcome::CallFailed => "could not be run",
        Outcome::TimedOut => "took too long",
        Outcome::Unknown => "ended with an unknown outcome",
        Outcome::Interrupted => "was interrupted",
    }
}

/// The severity of an outcome: the more a person has to do, the higher.
fn severity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Succeeded | Outcome::Skipped => 0,
        Outcome::NotRun => 1,
        Outcome::Cancelled => 2,
        Outcome::Failed => 3,
        Outcome::CallFailed => 4,
        Outcome::TimedOut => 5,
        Outcome::Unknown => 6,
        Outcome::Interrupted => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task for each text: its name, with `!` or `?` if its failure stops or does not matter, then its dependencies.
    fn schedule(tasks: &[&str]) -> Schedule {
        let name = |text: &str| text.trim_end_matches(['!', '?']).to_owned();
        let names: Vec<String> = tasks.iter().map(|text| name(text.split(' ').next().unwrap())).collect();
        let node = |text: &&str| {
            let mut words = text.split(' ');
            let first = words.next().unwrap();
            Node {
                name: name(first),
                after: words.map(|word| names.iter().position(|name| name == word).unwrap()).collect(),
                on_failure: match first.chars().last().unwrap() {
                    '!' => OnFailure::Stop,
                    '?' => OnFailure::Continue,
                    _ => OnFailure::Skip,
                },
                standing: Standing::Waiting,
            }
        };
        Schedule::new(tasks.iter().map(node).collect())
    }

    fn started(schedule: &mut Schedule) -> Vec<usize> {
        let steps = schedule.next().into_iter();
        steps.filter_map(|step| if let Step::Start(task) = step { Some(task) } else { None }).collect()
    }

    #[test]
    fn tasks_without_dependencies_start_at_once_and_the_others_when_all_before_them_ended_well() {
        let mut schedule = schedule(&["a", "b", "c a b", "d c"]);
        assert_eq!(started(&mut schedule), [0, 1]);
        schedule.ended(0, Outcome::Succeeded);
        assert_eq!(schedule.next(), []);
        schedule.ended(1, Outcome::Skipped);
        assert_eq!(started(&mut schedule), [2]);
        schedule.ended(2, Outcome::Succeeded);
        assert_eq!(started(&mut schedule), [3]);
        schedule.ended(3, Outcome::Succeeded);
        assert!(schedule.is_done());
        assert_eq!(schedule.outcome(), Outcome::Succeeded);
    }

    #[test]
    fn what_comes_after_a_failure_is_dropped_with_all_that_comes_after_it() {
        let mut schedule = schedule(&["d c", "c a", "a", "b"]);
        assert_eq!(started(&mut schedule), [2, 3]);
        schedule.ended(2, Outcome::Failed);
        assert_eq!(
            schedule.next(),
            [
                Step::Drop(1, "a, which it comes after, failed".to_owned()),
                Step::Drop(0, "c, which it comes after, was not run".to_owned())
            ]
        );
        assert!(!schedule.is_done());
        schedule.ended(3, Outcome::Succeeded);
        assert!(schedule.is_done());
        assert_eq!(schedule.outcome(), Outcome::Failed);
    }

    #[test]
    fn a_failure_that_does_not_matter_holds_nothing_up() {
        let mut schedule = schedule(&["a?", "b a"]);
        started(&mut schedule);
        schedule.ended(0, Outcome::Failed);
        assert_eq!(started(&mut schedule), [1]);
    }

    #[test]
    fn what_was_not_run_is_no_failure_that_does_not_matter() {
        let mut schedule = schedule(&["a", "b? a", "c b"]);
        started(&mut schedule);
        schedule.ended(0, Outcome::Failed);
        assert_eq!(schedule.next()[1], Step::Drop(2, "b, which it comes after, was not run".to_owned()));
    }

    #[test]
    fn a_pipeline_that_is_taken_up_again_decides_as_one_that_was_not_killed() {
        let tasks = ["a", "b! a", "e", "d e"];
        let mut live = schedule(&tasks);
        started(&mut live);
        live.ended(0, Outcome::Failed);
        live.next();
        let mut again = schedule(&tasks);
        for (task, before) in again.tasks.iter_mut().zip(&live.tasks) {
            task.standing = before.standing;
        }
        let mut again = Schedule::new(again.tasks);
        for schedule in [&mut live, &mut again] {
            schedule.ended(2, Outcome::Succeeded);
            assert_eq!(started(schedule), [3]);
        }
    }

    #[test]
    fn a_failure_that_stops_the_pipeline_drops_what_has_not_started() {
        let mut schedule = schedule(&["a!", "b", "c b"]);
        started(&mut schedule);
        schedule.ended(0, Outcome::Unknown);
        assert_eq!(
            schedule.next(),
            [Step::Drop(2, "a, whose failure stops the pipeline, ended with an unknown outcome".to_owned())]
        );
    }

    #[test]
    fn a_task_whose_failure_would_stop_the_pipeline_stops_nothing_where_it_does_not_fail() {
        for outcome in [Outcome::Succeeded, Outcome::Skipped, Outcome::NotRun] {
            let mut schedule = schedule(&["a!", "b", "c b"]);
            started(&mut schedule);
            schedule.ended(0, outcome);
            schedule.ended(1, Outcome::Succeeded);
            assert_eq!(schedule.next(), [Step::Start(2)], "{outcome:?}");
        }
    }

    #[test]
    fn a_stop_from_outside_drops_what_has_not_started() {
        let mut schedule = schedule(&["a", "b a"]);
        started(&mut schedule);
        schedule.stop("interrupted");
        assert_eq!(schedule.next(), [Step::Drop(1, "interrupted".to_owned())]);
    }

    #[test]
    fn a_stop_is_remembered_when_a_pipeline_is_taken_up_again() {
        let node =
            |name: &str, on_failure, standing| Node { name: name.to_owned(), after: Vec::new(), on_failure, standing };
        let mut schedule = Schedule::new(vec![
            node("a", OnFailure::Stop, Standing::Ended(Outcome::Failed)),
            node("b", OnFailure::Skip, Standing::Waiting),
        ]);
        assert_eq!(schedule.next(), [Step::Drop(1, "a, whose failure stops the pipeline, failed".to_owned())]);
    }

    #[test]
    fn the_whole_ends_as_the_worst_of_its_tasks() {
        for (outcomes, worst) in [
            ([Outcome::Succeeded, Outcome::Skipped], Outcome::Skipped),
            ([Outcome::NotRun, Outcome::Failed], Outcome::Failed),
            ([Outcome::CallFailed, Outcome::Failed], Outcome::CallFailed),
            ([Outcome::Unknown, Outcome::TimedOut], Outcome::Unknown),
        ] {
            let mut schedule = schedule(&["a", "b"]);
            schedule.ended(0, outcomes[0]);
            schedule.ended(1, outcomes[1]);
            assert_eq!(schedule.outcome(), worst);
        }
    }
}
