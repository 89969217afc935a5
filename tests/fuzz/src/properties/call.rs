//! Whole calls of the plugin against answers of every sort.

use std::collections::HashSet;

use plugin_guest::contract::{NamedValue, Progress, TaskError, Value, Verdict};
use plugin_guest::http::{Answer, Http, Method, Request, SendError};
use plugin_guest::status::Status;
use plugin_guest::timestamp::Timestamp;
use serde_json::Value as Json;
use stitch_plugin::loading::MOST_PAGES;
use stitch_plugin::run::Run;
use stitch_plugin::stitch::id::SourceId;
use stitch_plugin::{cancel, check, poll, trigger};

use super::SECRET;
use super::stitch::SOURCE_ID;

/// Answers, one a line: `reset`, `refused`, `denied`, or a status with a body after a space, of which `TOKEN` stands for the
/// token and a `~` at the end for what broke off. They are given in turns; each call is made with each kind of task.
pub(super) fn call(script: &[u8]) {
    let Some(script) = str::from_utf8(script).ok().filter(|script| !script.contains(SECRET)) else { return };
    let lines: Vec<&str> = script.lines().collect();
    for wait_for in ["extraction", "load"] {
        let connection = [named("access_token", Value::Text(SECRET.to_owned()))];
        let id = Value::Integer(SOURCE_ID.cast_signed());
        let parameters = [
            named("source_id", id),
            named("on_already_running", Value::Text("attach".to_owned())),
            named("wait_for", Value::Text(wait_for.to_owned())),
        ];
        let mut http = Script { lines: &lines, next: 0, posts: 0, proof: false };
        let mut run = Run::new(SourceId::new(SOURCE_ID).expect("an id")).encode();
        let triggered = trigger::trigger(&mut http, &connection, &parameters);
        assert_eq!((http.next, http.posts), (1, 1));
        assert!(!matches!(&triggered, Ok(Progress::Finished(end)) if end.verdict != Verdict::Skipped));
        run = assert_fit(triggered, &http).unwrap_or(run);
        for _ in 0..3 {
            let polled = poll::poll(&mut http, &connection, &parameters, &run);
            run = assert_fit(polled, &http).unwrap_or(run);
        }
        assert_fit(cancel::cancel(&mut http, &connection, &parameters, &run), &http);
        let checked = check::check(&mut http, &connection, &parameters);
        assert!(!format!("{checked:?}").contains(SECRET), "{checked:?}");
        assert_eq!(http.posts, 1);
        assert!(http.next <= 2 + 4 * (MOST_PAGES + 3), "{} requests", http.next);
    }
}

fn named(name: &str, value: Value) -> NamedValue {
    NamedValue { name: name.to_owned(), value }
}

/// What a host may rely on in an answer. Gives the run, where it goes on.
fn assert_fit(answer: Result<Progress, TaskError>, http: &Script<'_>) -> Option<String> {
    let shown = format!("{answer:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    let progress = answer.ok()?;
    let report = match &progress {
        Progress::Running(running) => &running.report,
        Progress::Finished(finished) => &finished.report,
    };
    let mut names = HashSet::new();
    assert!(report.metadata.iter().all(|field| names.insert(&field.name)), "a name twice: {report:?}");
    assert!(!report.message.contains('\n'), "{:?}", report.message);
    for time in [&report.started_at, &report.completed_at].into_iter().flatten() {
        assert!(Timestamp::parse(time).is_some(), "no time: {time}");
    }
    let running = match progress {
        Progress::Running(running) => running,
        Progress::Finished(finished) => {
            assert!(finished.verdict != Verdict::Succeeded || http.proof, "it succeeded without proof");
            return None;
        }
    };
    assert!(running.poll_after_ms >= 20_000);
    assert!(Run::decode(&running.run, SourceId::new(SOURCE_ID)?).is_ok(), "{}", running.run);
    Some(running.run)
}

struct Script<'a> {
    lines: &'a [&'a str],
    next: u64,
    posts: u64,
    /// Whether an answer had a row of a job that is completed with all statuses at 0.
    proof: bool,
}

fn is_proof(row: &Json) -> bool {
    let statuses = ["discovery_exit_status", "tap_exit_status", "target_exit_status"];
    row["completion_time"].is_string() && statuses.iter().all(|status| row[status] == 0)
}

impl Http for Script<'_> {
    fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
        assert!(!request.path.contains(SECRET));
        let turn = usize::try_from(self.next).unwrap_or_default() % self.lines.len().max(1);
        self.next += 1;
        self.posts += u64::from(request.method == Method::Post);
        let line = self.lines.get(turn).copied().unwrap_or_default();
        let (status, body) = line.split_once(' ').unwrap_or((line, ""));
        let status = match status.parse() {
            Ok(status @ 100..=999) => Status(status),
            _ if status == "denied" => return Err(SendError::Denied),
            _ if status == "refused" => return Err(SendError::NotSent("the connection was refused".to_owned())),
            _ => return Err(SendError::NoAnswer("the connection was closed".to_owned())),
        };
        let (body, cut) = match body.strip_suffix('~') {
            Some(body) => (body, Some(SendError::broke_off())),
            None => (body, None),
        };
        let body = body.replace("TOKEN", SECRET).into_bytes();
        // A body's own `date` and `retry_after` are the headers, and its `after_ms` is how long it took.
        let json: Json = serde_json::from_slice(&body).unwrap_or_default();
        self.proof |= json["data"].as_array().is_some_and(|rows| rows.iter().any(is_proof));
        let header = |name: &str| json[name].as_str().map(str::to_owned);
        let after_ms = json["after_ms"].as_u64().unwrap_or_default();
        Ok(Answer {
            status,
            date: header("date"),
            after_ms,
            location: header("location"),
            encoding: header("encoding"),
            retry_after: header("retry_after"),
            body,
            cut,
        })
    }
}
