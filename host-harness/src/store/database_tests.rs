//! The store's guarantees.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{
    AttemptEnd, AttemptError, Intended, NewTask, Outcome, PipelineRunId, RunLock, Store, StoreError, TaskState,
};
use crate::Uptime;
use crate::contract::sample::report;
use crate::contract::{Link, NamedValue, Report, Step, StepStatus, Value};

/// A path for each test, at which nothing exists.
pub(super) fn path(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("host-harness-store-{}-{test}", std::process::id()));
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("runs.db")
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(super) fn tasks() -> Vec<NewTask> {
    let task = |name: &str| NewTask {
        name: name.to_owned(),
        tool: "Ferry".to_owned(),
        plugin: "ferry 1.0.0".to_owned(),
        plugin_sha256: "ba78".to_owned(),
    };
    vec![task("a"), task("b")]
}

fn uptime() -> Uptime {
    Uptime { boot: "0e1f".to_owned(), since: Duration::from_millis(4500) }
}

pub(super) fn end(outcome: Outcome) -> AttemptEnd {
    AttemptEnd { outcome, message: outcome.as_str().to_owned(), report: Some(report()), error: None }
}

#[test]
fn every_state_of_a_task_outlives_its_process() {
    let path = path("states");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "nightly.toml", "name = \"nightly\"", &tasks(), at(0)).unwrap();
    let kept = |at: usize| Store::open(&path).unwrap().pipeline_run(id).unwrap().tasks[at].clone();
    assert_eq!((kept(0).state, kept(0).plugin_sha256.as_deref()), (TaskState::Waiting, Some("ba78")));
    let attempt = store.intend(kept(0).id, 1, at(1), Some(&uptime())).unwrap();
    assert_eq!((kept(0).state, kept(0).attempts[0].intended_at), (TaskState::Intended, at(1)));
    assert_eq!(kept(0).attempts[0].uptime, Some(uptime()));
    store.running(attempt, "run 1", &report(), at(22), at(2)).unwrap();
    let task = kept(0);
    assert_eq!((task.state, task.message.as_deref()), (TaskState::Running, Some("loading")));
    assert_eq!(task.attempts[0].run.as_deref(), Some("run 1"));
    assert_eq!(task.attempts[0].next_poll_at, Some(at(22)));
    store.retry_at(attempt, &end(Outcome::Failed), at(60), at(30)).unwrap();
    assert_eq!((kept(0).state, kept(0).retry_at), (TaskState::Retrying, Some(at(60))));
    let second = store.intend(kept(0).id, 2, at(60), None).unwrap();
    store.attempt_ended(second, &end(Outcome::Succeeded), at(70)).unwrap();
    store.task_ended(kept(1).id, Outcome::NotRun, "a failed", at(70)).unwrap();
    let task = kept(0);
    assert_eq!(task.state, TaskState::Ended(Outcome::Succeeded));
    let attempts: Vec<_> = task.attempts.iter().map(|attempt| (attempt.number, attempt.outcome)).collect();
    assert_eq!(attempts, [(1, Some(Outcome::Failed)), (2, Some(Outcome::Succeeded))]);
    store.pipeline_ended(id, Outcome::Succeeded, at(71)).unwrap();
    assert_eq!(Store::open_to_read(&path).unwrap().pipeline_run(id).unwrap().outcome, Some(Outcome::Succeeded));
    assert_eq!(store.unfinished().unwrap(), []);
}

#[test]
fn a_pipeline_has_one_unfinished_run_and_a_run_is_in_one_hand() {
    let path = path("one");
    let mut store = Store::open(&path).unwrap();
    let (id, lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let mut other = Store::open(&path).unwrap();
    let error = other.begin("nightly", "f", "d", &tasks(), at(1)).unwrap_err();
    assert_eq!(error.to_string(), "run 1 of the pipeline nightly has not ended");
    assert_eq!(other.lock(id).unwrap_err().to_string(), "run 1 is held by another process");
    drop(lock);
    assert!(other.lock(id).is_ok());
    assert_eq!(other.unfinished().unwrap(), [id]);
}

#[test]
fn a_process_that_another_has_taken_a_run_from_writes_nothing_more_of_it() {
    let path = path("fence");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let kept = store.pipeline_run(id).unwrap();
    let (task, other_task) = (kept.tasks[0].id, kept.tasks[1].id);
    let attempt = store.intend(task, 1, at(1), None).unwrap();
    // Without the folder of locks, no lock keeps two processes apart.
    std::fs::remove_dir_all(path.with_extension("db.locks")).unwrap();
    let mut other = Store::open(&path).unwrap();
    let _lock = other.lock(id).unwrap();
    let taken = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::TakenOver)), "{result:?}");
    taken(store.intend(other_task, 1, at(2), None).map(drop));
    taken(store.intend_to_settle(attempt, 1, at(2), None));
    taken(store.settle_started_nothing(attempt, 1));
    taken(store.running(attempt, "run 1", &report(), at(9), at(2)));
    taken(store.attempt_ended(attempt, &end(Outcome::Succeeded), at(2)));
    taken(store.retry_at(attempt, &end(Outcome::Failed), at(3), at(2)));
    taken(store.task_ended(other_task, Outcome::NotRun, "", at(2)));
    taken(store.pipeline_ended(id, Outcome::Succeeded, at(2)));
    taken(store.abandon(id, at(2)));
    assert_eq!(store.pipeline_run(id).unwrap().tasks[0].state, TaskState::Intended);
    other.running(attempt, "run 1", &report(), at(9), at(2)).unwrap();
    other.intend(other_task, 1, at(2), None).unwrap();
}

#[test]
fn an_attempt_is_intended_only_after_those_that_are_known_to_come_before_it() {
    let mut store = Store::open(&path("attempts")).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let task = store.pipeline_run(id).unwrap().tasks[0].id;
    assert!(matches!(store.intend(task, 2, at(1), None), Err(StoreError::TakenOver)));
    store.intend(task, 1, at(1), None).unwrap();
    assert!(matches!(store.intend(task, 1, at(1), None), Err(StoreError::TakenOver)));
    assert_eq!(store.pipeline_run(id).unwrap().tasks[0].attempts.len(), 1);
}

#[test]
fn calls_to_settle_are_kept_in_their_order_until_they_are_known_to_have_started_nothing() {
    let path = path("settles");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let task = store.pipeline_run(id).unwrap().tasks[0].id;
    let attempt = store.intend(task, 1, at(1), None).unwrap();
    store.intend_to_settle(attempt, 1, at(2), Some(&uptime())).unwrap();
    store.intend_to_settle(attempt, 2, at(3), None).unwrap();
    store.settle_started_nothing(attempt, 2).unwrap();
    store.intend_to_settle(attempt, 2, at(4), None).unwrap();
    // A number that this process does not expect means another process.
    for number in [1, 2, 4] {
        assert!(matches!(store.intend_to_settle(attempt, number, at(5), None), Err(StoreError::TakenOver)), "{number}");
    }
    let task = Store::open(&path).unwrap().pipeline_run(id).unwrap().tasks[0].clone();
    let expected = [Intended { at: at(2), uptime: Some(uptime()) }, Intended { at: at(4), uptime: None }];
    assert_eq!((&*task.attempts[0].settles, task.changed_at), (&expected[..], at(4)));
}

#[test]
fn a_store_of_before_calls_to_settle_were_kept_goes_on_with_its_trigger_alone() {
    let path = path("before-settles");
    let old = Connection::open(&path).unwrap();
    for schema in [
        include_str!("schema/1.sql"),
        include_str!("schema/2.sql"),
        include_str!("schema/3.sql"),
        include_str!("schema/4.sql"),
        include_str!("schema/5.sql"),
    ] {
        old.execute_batch(schema).unwrap();
    }
    old.execute_batch(
        "PRAGMA application_id = 1751675502; PRAGMA user_version = 5;
        INSERT INTO pipeline_runs VALUES (1, 'nightly', 'nightly.toml', '', 1000, NULL, NULL, 1);
        INSERT INTO task_runs VALUES (1, 1, 'a', 'Ferry', 'ferry 1.0.0', 'unsettled', NULL, NULL, 2000, NULL);
        INSERT INTO attempts (id, task_run, number, intended_at) VALUES (1, 1, 1, 1500);",
    )
    .unwrap();
    drop(old);
    let mut store = Store::open(&path).unwrap();
    let _lock = store.lock(PipelineRunId(1)).unwrap();
    let attempt = || Store::open(&path).unwrap().pipeline_run(PipelineRunId(1)).unwrap().tasks[0].attempts[0].clone();
    assert_eq!(attempt().settles, []);
    store.intend_to_settle(attempt().id, 1, at(1), None).unwrap();
    assert_eq!(attempt().settles.len(), 1);
}

#[test]
fn a_store_that_never_took_a_run_writes_nothing_of_it() {
    let path = path("not-taken");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let mut other = Store::open(&path).unwrap();
    let error = other.pipeline_ended(id, Outcome::Succeeded, at(1)).unwrap_err();
    assert_eq!(error.to_string(), "the run was taken over by another process, which goes on with it");
    assert!(!error.may_pass());
}

#[test]
fn an_old_store_is_brought_up_to_date_and_nothing_in_it_is_lost() {
    let path = path("old");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("schema/1.sql")).unwrap();
    old.execute_batch(
        r#"PRAGMA application_id = 1751675502; PRAGMA user_version = 1;
        INSERT INTO pipeline_runs VALUES (1, 'nightly', 'nightly.toml', 'name = "nightly"', 1000, NULL, NULL);
        INSERT INTO task_runs VALUES (1, 1, 'a', 'Ferry', 'ferry 1.0.0', 'running', 'loading', NULL, 2000);
        INSERT INTO attempts VALUES (1, 1, 1, 1500, 'run 1', 9000,
            '{"message": "loading", "started_at": "2026-01-05T10:00:00Z", "completed_at": null,
              "steps": [{"name": "tap", "status": "failed", "exit_code": 1, "message": "no"},
                        {"name": "target", "status": "pending", "exit_code": null, "message": null}],
              "metadata": {"rows": 7, "share": 0.5, "source": "crm", "attached": true},
              "links": [{"label": "logs", "url": "https://ferry.example/7"}]}', NULL, NULL);
        INSERT INTO transitions VALUES (1, 1, 1500, 'intended', NULL);"#,
    )
    .unwrap();
    drop(old);
    let run = Store::open_to_read(&path).unwrap().pipeline_run(PipelineRunId(1)).unwrap();
    let attempt = &run.tasks[0].attempts[0];
    assert_eq!((attempt.run.as_deref(), run.tasks[0].state), (Some("run 1"), TaskState::Running));
    assert_eq!(run.tasks[0].transitions.len(), 1);
    let report = attempt.report.as_ref().unwrap();
    assert_eq!(
        *report,
        serde_json::json!({
            "message": "loading", "started_at": "2026-01-05T10:00:00Z", "completed_at": null,
            "steps": [{"name": "tap", "status": "failed", "exit_code": 1, "message": "no"},
                      {"name": "target", "status": "pending", "exit_code": null, "message": null}],
            "metadata": {"rows": 7, "share": 0.5, "source": "crm", "attached": true},
            "links": [{"label": "logs", "url": "https://ferry.example/7"}],
        })
    );
    assert!(Store::open(&path).is_ok());
}

#[test]
fn a_report_comes_back_as_it_went() {
    let path = path("report");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "nightly.toml", "", &tasks(), at(0)).unwrap();
    let attempt = store.intend(store.pipeline_run(id).unwrap().tasks[0].id, 1, at(1), None).unwrap();
    let fact = |name: &str, value| NamedValue { name: name.to_owned(), value };
    let step = Step { name: "tap".to_owned(), status: StepStatus::Failed, exit_code: Some(1), message: None };
    let full = Report {
        steps: vec![step],
        metadata: vec![
            fact("rows", Value::Integer(7)),
            fact("share", Value::Decimal(0.5)),
            fact("odd", Value::Decimal(f64::NAN)),
        ],
        links: vec![Link { label: "logs".to_owned(), url: "https://ferry.example/7".to_owned() }],
        ..report()
    };
    // The second report replaces the first.
    for report in [&report(), &full] {
        store.running(attempt, "run 1", report, at(2), at(2)).unwrap();
    }
    let kept = store.pipeline_run(id).unwrap().tasks[0].attempts[0].report.clone().unwrap();
    assert_eq!(kept["steps"][0]["exit_code"], 1);
    assert_eq!(kept["metadata"], serde_json::json!({"rows": 7, "share": 0.5, "odd": "NaN"}));
    assert_eq!(kept["links"][0]["label"], "logs");
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_not_touched() {
    let path = path("newer");
    drop(Store::open(&path).unwrap());
    // As a newer program leaves it when killed: with changes still in its log.
    let newer = Connection::open(&path).unwrap();
    newer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    drop(newer);
    let read = || [&path, &path.with_extension("db-wal")].map(|file| std::fs::read(file).unwrap());
    let before = read();
    for opened in [Store::open(&path), Store::open_to_read(&path)] {
        let error = opened.unwrap_err().to_string();
        assert!(
            error.ends_with("is of version 7, and this program knows versions up to 6: use a newer one"),
            "{error}"
        );
    }
    assert!(read() == before, "it was written to");
}

#[test]
fn an_old_store_is_not_brought_up_to_date_under_the_process_that_runs_it() {
    let path = path("old-held");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("schema/1.sql")).unwrap();
    old.execute_batch(
        "PRAGMA application_id = 1751675502; PRAGMA user_version = 1;
        INSERT INTO pipeline_runs VALUES (1, 'nightly', 'nightly.toml', '', 1000, NULL, NULL);",
    )
    .unwrap();
    let lock = RunLock::take(&path, PipelineRunId(1)).unwrap();
    assert_eq!(Store::open(&path).unwrap_err().to_string(), "run 1 is held by another process");
    drop(lock);
    assert!(Store::open(&path).is_ok());
}

#[cfg(unix)]
#[test]
fn a_run_is_in_one_hand_whatever_its_store_is_called() {
    let path = path("link");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let link = path.with_file_name("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(Store::open(&link).unwrap().lock(id), Err(StoreError::Held { .. })));
}

/// The permission bits of a path.
#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[cfg(unix)]
#[test]
fn a_store_is_for_its_owner_alone() {
    let path = path("mode");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let locks = path.with_extension("db.locks");
    let found = [&path, &path.with_extension("db-wal"), &locks, &locks.join(id.to_string())].map(|path| mode(path));
    assert_eq!(found, [0o600, 0o600, 0o700, 0o600]);
}

#[cfg(unix)]
#[test]
fn a_store_that_others_could_read_is_taken_from_them_before_anything_is_written_to_it() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    let path = path("mode-before");
    let locks = path.with_extension("db.locks");
    std::fs::write(&path, "").unwrap();
    std::fs::create_dir(&locks).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(&locks, Permissions::from_mode(0o755)).unwrap();
    let mut store = Store::open(&path).unwrap();
    store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let found = [&path, &path.with_extension("db-wal"), &locks].map(|path| mode(path));
    assert_eq!(found, [0o600, 0o600, 0o700]);
}

/// Leaves a store as a killed process does: with changes still in the log, and open to others, as an earlier version
/// made it.
#[cfg(unix)]
fn left_open_to_others(path: &std::path::Path) -> [PathBuf; 3] {
    use std::fs::{Permissions, copy, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let mut store = Store::open(path).unwrap();
    store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let files = [path.to_owned(), path.with_extension("db-wal"), path.with_extension("db-shm")];
    let copies = files.clone().map(|file| file.with_extension(format!("{}-copy", file.extension().unwrap().display())));
    for (file, to) in files.iter().zip(&copies) {
        copy(file, to).unwrap();
    }
    drop(store);
    for (copy, file) in copies.iter().zip(&files) {
        std::fs::rename(copy, file).unwrap();
        set_permissions(file, Permissions::from_mode(0o644)).unwrap();
    }
    files
}

#[cfg(unix)]
#[test]
fn what_an_earlier_version_left_beside_a_store_is_taken_from_others_too() {
    for (test, open) in [("log-written", Store::open as fn(&_) -> _), ("log-read", Store::open_to_read)] {
        let path = path(test);
        let files = left_open_to_others(&path);
        // By any name.
        let link = path.with_file_name("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let store = open(&link).unwrap();
        assert_eq!(files.map(|file| mode(&file)), [0o600; 3], "{test}");
        assert_eq!(store.unfinished().unwrap().len(), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_store_behind_a_link_that_leads_nowhere_yet_is_its_owners_alone() {
    let path = path("dangling");
    let (link, circle) = (path.with_file_name("link.db"), path.with_file_name("circle.db"));
    std::os::unix::fs::symlink("runs.db", &link).unwrap();
    drop(Store::open(&link).unwrap());
    assert_eq!(mode(&path), 0o600);
    std::os::unix::fs::symlink("circle.db", &circle).unwrap();
    assert!(Store::open(&circle).is_err());
}

#[test]
fn a_trigger_of_unknown_outcome_is_kept_with_its_error() {
    let mut store = Store::open(&path("unsettled")).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let attempt = store.intend(store.pipeline_run(id).unwrap().tasks[0].id, 1, at(1), None).unwrap();
    let error = AttemptError {
        kind: "outcome_unknown".to_owned(),
        code: "no_answer".to_owned(),
        message: "it did not answer".to_owned(),
        raw_message: None,
        http_status: Some(502),
    };
    store.unsettled(attempt, &error, at(2)).unwrap();
    let task = store.pipeline_run(id).unwrap().tasks[0].clone();
    assert_eq!((task.state, task.message.as_deref()), (TaskState::Unsettled, Some("it did not answer")));
    assert_eq!((task.attempts[0].error.as_ref(), task.attempts[0].outcome), (Some(&error), None));
}

#[test]
fn each_store_has_a_key_of_its_own_for_accounts_and_keeps_it() {
    let [one, other] = ["key", "another-key"].map(path);
    let key = |path: &std::path::Path| Store::open(path).unwrap().account_key().unwrap();
    assert_eq!(key(&one), key(&one));
    assert_ne!(key(&one), key(&other));
}

#[test]
fn only_a_change_of_state_is_a_transition() {
    let mut store = Store::open(&path("transitions")).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let attempt = store.intend(store.pipeline_run(id).unwrap().tasks[0].id, 1, at(1), None).unwrap();
    for second in 2..5 {
        store.running(attempt, "run", &report(), at(9), at(second)).unwrap();
    }
    let task = store.pipeline_run(id).unwrap().tasks[0].clone();
    let states: Vec<_> = task.transitions.iter().map(|transition| (&*transition.state, transition.at)).collect();
    assert_eq!(states, [("intended", at(1)), ("running", at(2))]);
    assert_eq!(task.changed_at, at(4));
}

#[test]
fn a_run_that_is_given_up_says_of_each_task_what_is_known() {
    let path = path("abandoned");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let attempt = store.intend(store.pipeline_run(id).unwrap().tasks[0].id, 1, at(1), None).unwrap();
    store.running(attempt, "run", &report(), at(9), at(2)).unwrap();
    store.abandon(id, at(3)).unwrap();
    let run = store.pipeline_run(id).unwrap();
    assert_eq!((run.outcome, run.ended_at), (Some(Outcome::Interrupted), Some(at(3))));
    let told: Vec<_> = run.tasks.iter().map(|task| (task.state, task.message.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            (TaskState::Ended(Outcome::Unknown), "the run was abandoned, and nobody looked how it ended"),
            (TaskState::Ended(Outcome::NotRun), "the run was abandoned before it began"),
        ]
    );
    assert_eq!(run.tasks[0].attempts[0].run.as_deref(), Some("run"));
    // An end is final.
    store.pipeline_ended(id, Outcome::Succeeded, at(4)).unwrap();
    assert_eq!(store.pipeline_run(id).unwrap().outcome, Some(Outcome::Interrupted));
}

#[test]
fn what_is_no_store_is_refused_and_not_touched() {
    let path = path("no-store");
    let bytes = b"some text that is no database at all, longer than its header would be by far";
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::NotOurs { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let other = path.with_file_name("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let error = Store::open(&other).unwrap_err();
    assert!(error.to_string().ends_with("is not a store of runs"), "{error}");
}

#[test]
fn a_store_that_is_not_there_is_not_made_to_be_read() {
    let path = path("missing");
    let error = Store::open_to_read(&path).unwrap_err().to_string();
    assert!(error.starts_with("there is no store "), "{error}");
    assert!(!path.exists());
    // As a first process leaves it that was ended before it had made the store.
    std::fs::write(&path, "").unwrap();
    assert!(matches!(Store::open_to_read(&path), Err(StoreError::Missing { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    std::fs::remove_file(&path).unwrap();
    let error = Store::open(&path.join("no/folder")).unwrap_err();
    assert!(error.to_string().contains("cannot be written: give write permission to it and its folder"), "{error}");
}

#[test]
fn a_store_is_read_while_another_process_changes_it() {
    let path = path("read-meanwhile");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(Store::open_to_read(&path).unwrap().unfinished().unwrap(), [id]);
}

#[test]
fn a_full_disk_loses_nothing_that_was_written() {
    let path = path("full");
    let mut store = Store::open(&path).unwrap();
    let (id, _lock) = store.begin("nightly", "f", "d", &tasks(), at(0)).unwrap();
    let task = store.pipeline_run(id).unwrap().tasks[0].id;
    let attempt = store.intend(task, 1, at(1), None).unwrap();
    store.limit_pages();
    let long = Report { message: "x".repeat(100_000), ..report() };
    let error = store.running(attempt, "run", &long, at(3), at(2)).unwrap_err();
    assert!(error.to_string().ends_with("cannot grow: the disk is full; make room"), "{error}");
    assert!(error.may_pass());
    drop(store);
    assert_eq!(Store::open(&path).unwrap().pipeline_run(id).unwrap().tasks[0].state, TaskState::Intended);
}

#[test]
fn a_run_that_is_not_there_is_told() {
    let store = Store::open(&path("no-run")).unwrap();
    let error = store.pipeline_run(PipelineRunId(4)).unwrap_err();
    assert_eq!(error.to_string(), "there is no run 4 in the store");
}
