//! Pruning: which runs are deleted, and what stays.

use rusqlite::Connection;

use super::database_tests::{at, end, path, tasks};
use super::{Outcome, PipelineRunId, Pruned, RunLock, Store};

const TABLES: [&str; 8] =
    ["pipeline_runs", "task_runs", "attempts", "settles", "transitions", "steps", "metadata", "links"];

/// A run of the pipeline, each task of which has ended with a long report.
fn ended(store: &mut Store, name: &str, second: i64) -> PipelineRunId {
    use crate::contract::sample::report;
    use crate::contract::{Link, NamedValue, Report, Step, StepStatus, Value};

    let (id, _lock) = store.begin(name, "nightly.toml", &"x".repeat(4000), &tasks(), at(0)).unwrap();
    let long = Report {
        steps: vec![Step { name: "tap".to_owned(), status: StepStatus::Failed, exit_code: Some(1), message: None }],
        metadata: vec![NamedValue { name: "rows".to_owned(), value: Value::Integer(7) }],
        links: vec![Link { label: "logs".to_owned(), url: "https://ferry.example/7".to_owned() }],
        ..report()
    };
    for task in store.pipeline_run(id).unwrap().tasks {
        let attempt = store.intend(task.id, 1, at(1), None).unwrap();
        store.intend_to_settle(attempt, 1, at(1), None).unwrap();
        store.running(attempt, "run", &long, at(2), at(2)).unwrap();
        let mut end = end(Outcome::Failed);
        end.report = Some(long.clone());
        store.attempt_ended(attempt, &end, at(second)).unwrap();
    }
    store.pipeline_ended(id, Outcome::Failed, at(second)).unwrap();
    id
}

fn rows(store: &Store) -> i64 {
    TABLES.iter().map(|table| store.counted(&format!("SELECT count(*) FROM {table}"))).sum()
}

#[test]
fn runs_that_ended_before_are_deleted_with_all_their_rows_and_their_locks_and_no_other() {
    let path = path("prune");
    let mut store = Store::open(&path).unwrap();
    let kept = ended(&mut store, "nightly", 100);
    let of_one = rows(&store);
    let old = [ended(&mut store, "nightly", 50), ended(&mut store, "hourly", 60)];
    let locks = || std::fs::read_dir(path.with_extension("db.locks")).unwrap().count();
    assert_eq!((rows(&store), locks()), (3 * of_one, 3));
    let expected = Pruned { runs: old.into(), held: Vec::new() };
    assert_eq!(store.prune(at(100), true).unwrap(), expected);
    assert_eq!(rows(&store), 3 * of_one, "it was a rehearsal");
    assert_eq!(store.prune(at(100), false).unwrap(), expected);
    assert_eq!((store.all().unwrap(), rows(&store), locks()), (vec![kept], of_one, 1));
    assert_eq!(store.pipeline_run(kept).unwrap().tasks.len(), 2);
    assert_eq!(store.prune(at(100), false).unwrap(), Pruned::default());
}

#[test]
fn a_run_with_anything_left_to_do_is_never_deleted() {
    let path = path("prune-unfinished");
    let mut store = Store::open(&path).unwrap();
    store.begin("begun", "f", "d", &tasks(), at(0)).unwrap();
    let mut open = vec!["running", "unsettled", "intended", "retrying", "waiting", "of a later version"];
    // An inconsistent state that no process leaves: the run has ended, but one of its tasks has not.
    for state in &open {
        let id = ended(&mut store, state, 50);
        let other = Connection::open(&path).unwrap();
        let update = "UPDATE task_runs SET state = ?1 WHERE pipeline_run = ?2 AND name = 'b'";
        other.execute(update, rusqlite::params![state, id.0]).unwrap();
    }
    // Every outcome is an end.
    let ends: Vec<_> = Outcome::ALL.map(|outcome| (outcome, ended(&mut store, outcome.as_str(), 50))).into();
    for (outcome, id) in &ends {
        let other = Connection::open(&path).unwrap();
        let update = "UPDATE task_runs SET state = ?1 WHERE pipeline_run = ?2";
        other.execute(update, rusqlite::params![outcome.as_str(), id.0]).unwrap();
    }
    let pruned = store.prune(at(9_000_000), false).unwrap();
    assert_eq!(pruned.runs, ends.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
    open.push("begun and not ended");
    assert_eq!(store.all().unwrap().len(), open.len());
}

#[test]
fn a_run_that_a_process_holds_stays_and_is_told() {
    let path = path("prune-held");
    let mut store = Store::open(&path).unwrap();
    let [held, free] = ["nightly", "hourly"].map(|name| ended(&mut store, name, 50));
    let lock = RunLock::take(&path, held).unwrap();
    assert_eq!(store.prune(at(100), false).unwrap(), Pruned { runs: vec![free], held: vec![held] });
    drop(lock);
    assert_eq!(store.prune(at(100), false).unwrap(), Pruned { runs: vec![held], held: Vec::new() });
}

#[test]
fn the_number_of_a_run_that_was_deleted_is_given_to_no_other() {
    let mut store = Store::open(&path("prune-numbers")).unwrap();
    let last = [ended(&mut store, "nightly", 50), ended(&mut store, "nightly", 50)][1];
    store.prune(at(100), false).unwrap();
    assert_eq!(ended(&mut store, "nightly", 50), PipelineRunId(last.0 + 1));
}

#[test]
fn a_deletion_that_cannot_be_made_whole_is_not_made_at_all() {
    let path = path("prune-whole");
    let mut store = Store::open(&path).unwrap();
    ended(&mut store, "nightly", 50);
    let before = rows(&store);
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TRIGGER stop BEFORE DELETE ON pipeline_runs BEGIN SELECT raise(ABORT, 'stop'); END")
        .unwrap();
    assert!(store.prune(at(100), false).is_err());
    assert_eq!(rows(&store), before);
}

#[test]
fn the_disk_has_back_what_many_deleted_runs_took() {
    let path = path("prune-disk");
    let mut store = Store::open(&path).unwrap();
    for _ in 0..40 {
        ended(&mut store, "nightly", 50);
    }
    let size = || {
        let of = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
        of(&path) + of(&path.with_extension("db-wal"))
    };
    let before = size();
    // A reader does not block pruning for good.
    let reader = Store::open_to_read(&path).unwrap();
    store.prune(at(100), false).unwrap();
    assert!(size() < before / 2, "{} of {before} bytes are left", size());
    assert_eq!(reader.all().unwrap(), []);
    ended(&mut store, "nightly", 50);
}
