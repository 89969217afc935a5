//! The spans of runs and pipelines, and the log of the command line.

use crate::artifact;
use crate::command_line::{CommandLine, QUICKLY, spawned};
use crate::hurried_pipeline::HurriedPipeline;
use crate::scenario::{Scenario, TOKEN};
use std::time::Duration;

use host_harness::Limits;
use host_harness::pipeline::PipelineEnd;
use host_harness::store::Outcome;
use plugin_tests::compile_cache::host;
use plugin_tests::recorded_spans::{Recorded, Recorder};
use stitch_simulator::{ErrorBody, Fault, Plan};

/// The host's own spans, each with its parents and these of its fields.
fn lines(recorder: &Recorder, fields: &[&str]) -> Vec<String> {
    let line = |span: Recorded| {
        let fields = fields.iter().map(|field| span.field(field)).filter(|text| !text.is_empty());
        let told: Vec<_> = span.within.iter().copied().chain([span.name]).chain(fields).collect();
        told.join(" ")
    };
    recorder.all().into_iter().filter(|span| span.target.starts_with("host_harness")).map(line).collect()
}

#[tokio::test]
async fn a_run_is_told_with_its_calls_and_their_requests() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let (recorder, _recording) = Recorder::start();
    scenario.ended().await;
    let fields = ["plugin.function", "http.request.method", "url.path", "http.response.status_code", "error.type"];
    let told = lines(&recorder, &fields);
    assert_eq!(
        told[..4],
        ["watch", "watch call trigger", "watch call request POST /v4/sources/120643/sync 200", "watch call poll",]
    );
    assert!(told[4].starts_with("watch call request GET /v4/116078/extractions"), "{told:?}");
}

#[tokio::test]
async fn a_task_is_told_with_each_change_of_its_state() {
    let pipeline = HurriedPipeline::new("spans", vec![Plan::succeeds()]).await;
    let (recorder, _recording) = Recorder::start();
    let (end, ..) = pipeline.run(|_| ()).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));
    let fields = [
        "pipeline.name",
        "pipeline.run.id",
        "task.name",
        "task.run.id",
        "task.attempt",
        "task.state.from",
        "task.state.to",
        "plugin.function",
        "error.type",
    ];
    let told = lines(&recorder, &fields).into_iter().filter(|line| !line.contains("poll") && !line.contains("request"));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "load",
            "call describe",
            "pipeline nightly 1",
            "pipeline task t1 1",
            "pipeline task transition 1 1 1 waiting intended",
            "pipeline task call trigger",
            "pipeline task transition 1 1 1 intended running",
            "pipeline task transition 1 1 1 running succeeded",
        ]
    );
}

#[tokio::test]
async fn the_log_tells_calls_and_requests_and_never_the_token() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = command_line.call("run", &[&QUICKLY[..], &["--log", "trace"]].concat()).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let request = r#"request{http.request.method="POST" url.scheme="http" server.address="127.0.0.1""#;
    let line = printed.stderr.lines().find(|line| line.contains(request)).expect("the trigger's request");
    assert!(
        line.contains(r#"url.path="/v4/sources/120643/sync" http.response.status_code=200}: close time."#),
        "{line}"
    );
    let echo = ErrorBody::Bare(format!("no such token: {TOKEN}")).with_status(http::StatusCode::UNAUTHORIZED);
    command_line.scenario.simulator.fault(Fault::anywhere().answer(echo));
    let failed = command_line.call("run", &["--log", "trace"]).await;
    assert!(failed.stderr.contains(r#"error.type="http_401""#), "{}", failed.stderr);
    for stderr in [printed.stderr, failed.stderr] {
        assert!(!stderr.contains(TOKEN) && !stderr.contains("placeholder"), "{stderr}");
    }
}

#[tokio::test]
async fn without_a_filter_nothing_is_logged_and_a_wrong_one_is_wrong_usage() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = command_line.call("run", &QUICKLY).await;
    assert!(!printed.stderr.contains("http.request.method"), "{}", printed.stderr);
    let printed = command_line.call("run", &["--log", "host_harness=loud"]).await;
    assert_eq!(printed.code, Some(2));
    assert!(printed.stderr.contains("--log is not a log filter: error parsing level filter"), "{}", printed.stderr);
}

#[tokio::test]
async fn a_filter_shows_requests_without_their_calls_and_calls_with_all_within_them() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    for (filter, calls, requests) in
        [("host_harness[request]=info", false, true), ("host_harness[call]=info", true, true), ("warn", false, false)]
    {
        let printed = command_line.call("run", &[&QUICKLY[..], &["--log", filter]].concat()).await;
        let told = |span: &str| printed.stderr.lines().any(|line| line.contains(span) && line.contains("close"));
        assert_eq!((told("call{"), told("request{")), (calls, requests), "{filter}: {}", printed.stderr);
    }
}

#[tokio::test]
async fn a_variable_that_is_no_filter_stops_no_command() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let mut program = command_line.usual("check", &[]);
    program.env("RUST_LOG", "host_harness=loud");
    let printed = spawned(program, String::new()).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert!(printed.stderr.contains("warning: RUST_LOG is not a log filter: "), "{}", printed.stderr);
}

#[tokio::test]
async fn a_request_that_the_end_of_its_call_cuts_off_is_told_as_failed() {
    let mut scenario = Scenario::planned(Plan::succeeds()).await;
    let run = scenario.started().await;
    scenario.simulator.fault(Fault::anywhere().delay(Duration::from_secs(30)));
    let host = host(Limits { call: Duration::from_millis(300), ..Limits::default() });
    let plugin = host.load(artifact::plugin()).expect("the plugin loads");
    scenario.plugin = plugin.allow([scenario.simulator.url().parse().expect("an origin")]);
    let (recorder, _recording) = Recorder::start();
    _ = scenario.poll(&run).await;
    let outcome = || {
        let request = recorder.all().into_iter().find(|span| span.name == "request").expect("a request");
        request.field("error.type").to_owned()
    };
    // The request's task ends soon after its call.
    for _ in 0..100 {
        if outcome().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(outcome(), "no answer before the call ended");
}
