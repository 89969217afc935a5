//! The simulated API's answers, without sockets.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, LOCATION};
use serde_json::{Value, json};
use stitch_simulator::demo_world::{self, demo_world};
use stitch_simulator::{Account, Answer, Body, Loading, Phase, Plan, Request, Source, Stream, World, load_error_state};

const CLIENT: u64 = 116_078;
const SOURCE: u64 = 120_643;
const TOKEN: &str = "a-token";
const START: &str = "POST /v4/sources/120643/sync";
const STOP: &str = "DELETE /v4/sources/120643/sync";
const EXTRACTIONS: &str = "GET /v4/116078/extractions";
const LOADS: &str = "GET /v4/116078/loads";

/// A world and the time that a test has reached in it.
struct Scenario {
    world: World,
    token: &'static str,
}

impl Scenario {
    /// One account with one source that never ran.
    fn new() -> Self {
        let mut scenario = Self { world: World::new(), token: TOKEN };
        scenario.source();
        scenario
    }

    fn account(&mut self) -> &mut Account {
        self.world.account(CLIENT, TOKEN)
    }

    fn source(&mut self) -> &mut Source {
        self.account().source(SOURCE)
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.world.advance_to(self.world.now() + Duration::from_secs(seconds));
        self
    }

    fn ask(&mut self, request: &str) -> Answer {
        let (method, path) = request.split_once(' ').unwrap();
        let headers = HeaderMap::from_iter([(AUTHORIZATION, format!("Bearer {}", self.token).parse().unwrap())]);
        self.world.answer(self.world.now(), &Request::new(method.parse().unwrap(), path, headers))
    }

    /// The status and the JSON of an answer; null where there is no body.
    fn json(&mut self, request: &str) -> (u16, Value) {
        let answer = self.ask(request);
        let Body::Json(json) = answer.body else { return (answer.status.as_u16(), Value::Null) };
        (answer.status.as_u16(), json)
    }

    fn rows(&mut self, request: &str) -> Vec<Value> {
        self.json(request).1["data"].as_array().unwrap().clone()
    }

    /// Starts a job through the API.
    fn start(&mut self) -> String {
        self.json(START).1["job_name"].as_str().unwrap().to_owned()
    }

    /// The names of the jobs that are listed.
    fn listed(&mut self) -> Vec<String> {
        self.rows(EXTRACTIONS).iter().map(|row| row["job_name"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_started_job_is_listed_once_it_has_completed() {
    let mut scenario = Scenario::new();
    let name = scenario.start();
    assert_eq!(scenario.wait(59).listed(), [""; 0]);
    assert_eq!(
        scenario.wait(1).json(EXTRACTIONS),
        (
            200,
            json!({
                "data": [{
                    "job_name": name, "stitch_client_id": CLIENT, "source_id": SOURCE, "source_type": "tap-hubspot",
                    "start_time": "2026-01-05T09:00:00Z", "completion_time": "2026-01-05T09:01:00Z",
                    "discovery_exit_status": 0, "discovery_description": null,
                    "tap_exit_status": 0, "tap_description": null,
                    "target_exit_status": 0, "target_description": null,
                }],
                "page": 1, "total": 1, "links": {},
            })
        )
    );
}

#[test]
fn while_a_job_runs_the_row_shows_the_job_before_it() {
    let mut scenario = Scenario::new();
    let before = scenario.start();
    scenario.wait(60);
    let ours = scenario.start();
    assert_eq!(scenario.wait(59).listed(), [before]);
    assert_eq!(scenario.wait(1).listed(), [ours]);
}

#[test]
fn a_running_job_is_listed_where_that_is_asked_for() {
    let mut scenario = Scenario::new();
    scenario.account().list_running_jobs();
    let name = scenario.start();
    let row = scenario.wait(15).rows(EXTRACTIONS).remove(0);
    assert_eq!((&row["job_name"], &row["completion_time"]), (&json!(name), &Value::Null));
    assert_eq!((&row["discovery_exit_status"], &row["tap_exit_status"]), (&json!(0), &Value::Null));
}

#[test]
fn a_second_job_of_a_source_is_refused_with_status_200() {
    let mut scenario = Scenario::new();
    scenario.start();
    let message = "Did not create job for client-id: 116078; connection-id: 120643 because one already exists";
    let refused = (200, json!({"error": {"type": "already_running", "message": message}}));
    assert_eq!(scenario.json(START), refused);
    assert_eq!(scenario.wait(59).json(START), refused);
    scenario.wait(1).start();
}

#[test]
fn an_unknown_a_deleted_and_an_unfinished_source_are_refused() {
    let mut scenario = Scenario::new();
    let refusal = |message: &str| (400, json!({"error": {"type": "invalid_source", "message": message}}));
    let unknown = refusal("Unable to locate source(7) for client (116078)");
    assert_eq!(scenario.json("POST /v4/sources/7/sync"), unknown);
    scenario.account().source(8).deleted();
    assert_eq!(scenario.json("POST /v4/sources/8/sync"), refusal("Integration is deleted."));
    scenario.account().source(9).not_fully_configured();
    assert_eq!(scenario.json("POST /v4/sources/9/sync"), refusal("Integration is not fully configured."));
}

#[test]
fn a_paused_source_is_started_by_the_api_but_not_by_its_schedule() {
    for pause in [Source::paused, Source::system_paused] {
        let mut scenario = Scenario::new();
        pause(scenario.source().job_in(Duration::from_secs(5), Plan::succeeds()));
        assert_eq!(scenario.wait(10).source().jobs().len(), 0);
        let name = scenario.start();
        assert_eq!(scenario.wait(60).listed(), [name]);
    }
}

#[test]
fn a_later_job_takes_the_row_for_good() {
    let mut scenario = Scenario::new();
    scenario.source().job_in(Duration::from_secs(100), Plan::succeeds());
    let ours = scenario.start();
    assert_eq!(scenario.wait(159).listed(), [ours.as_str()]);
    let later = scenario.wait(1).listed();
    assert_ne!(later, [ours]);
    assert_eq!(scenario.wait(1000).listed(), later);
}

#[test]
fn a_schedule_leaves_out_a_start_while_a_job_runs() {
    let mut scenario = Scenario::new();
    scenario.source().job_every(Duration::from_secs(45), Plan::succeeds());
    scenario.wait(100);
    let starts: Vec<_> = scenario.source().jobs().iter().map(|job| (job.start() - World::START).as_secs()).collect();
    assert_eq!(starts, [0, 90]);
}

#[test]
fn a_job_that_follows_at_once_hides_the_row() {
    let mut scenario = Scenario::new();
    let quick = Plan::succeeds().lasting(Duration::ZERO, Duration::ZERO, Duration::ZERO);
    scenario.source().plan(Plan::succeeds().followed_by(Duration::ZERO, quick));
    let ours = scenario.start();
    let listed = scenario.wait(60).listed();
    assert_eq!(listed.len(), 1);
    assert_ne!(listed, [ours]);
}

#[test]
fn stopping_terminates_the_job_that_runs() {
    let mut scenario = Scenario::new();
    scenario.start();
    assert_eq!(scenario.wait(15).json(STOP), (200, json!({"status": 200})));
    let row = scenario.rows(EXTRACTIONS).remove(0);
    assert_eq!(row["completion_time"], "2026-01-05T09:00:15Z");
    for phase in ["discovery", "tap", "target"] {
        assert_eq!(row[format!("{phase}_exit_status")], Value::Null);
        assert_eq!(row[format!("{phase}_description")], "Terminated");
    }
    scenario.start();
}

#[test]
fn stopping_a_source_that_rests_changes_nothing() {
    let mut scenario = Scenario::new();
    let name = scenario.start();
    assert_eq!(scenario.wait(60).json(STOP), (200, json!({"status": 200})));
    assert_eq!(scenario.rows(EXTRACTIONS)[0]["tap_exit_status"], 0);
    assert_eq!(scenario.listed(), [name]);
}

#[test]
fn a_row_is_kept_for_60_days() {
    let mut scenario = Scenario::new();
    scenario.start();
    let days = 24 * 60 * 60;
    assert_eq!(scenario.wait(60 + 60 * days).listed().len(), 1);
    assert_eq!(scenario.wait(1).listed().len(), 0);
}

#[test]
fn rows_are_sorted_by_source_and_shift_between_pages() {
    let mut scenario = Scenario::new();
    scenario.account().with_sources((0..250).map(|n| 200_000 + 7 * n));
    let ids = |rows: Vec<Value>| rows.iter().map(|row| row["source_id"].as_u64().unwrap()).collect::<Vec<_>>();
    let second = ids(scenario.rows("GET /v4/116078/extractions?page=2"));
    assert_eq!(second, (100..200).map(|n| 200_000 + 7 * n).collect::<Vec<_>>());
    scenario.start();
    let shifted = ids(scenario.wait(60).rows("GET /v4/116078/extractions?page=2"));
    assert_eq!((shifted[0], &shifted[1..]), (200_000 + 7 * 99, &second[..99]));
    assert_eq!(scenario.rows("GET /v4/116078/extractions?page=3").len(), 51);
}

#[test]
fn deleted_sources_are_listed() {
    let mut scenario = Scenario::new();
    scenario.start();
    scenario.wait(60).source().deleted();
    assert_eq!(scenario.listed().len(), 1);
}

#[test]
fn a_token_that_is_not_the_account_s_own_is_unauthorized() {
    let mut scenario = Scenario::new();
    scenario.world.account(2, "other-token");
    for token in ["", "wrong", "other-token"] {
        scenario.token = token;
        for request in [EXTRACTIONS, LOADS, "GET /v4/116078/extractions/x"] {
            assert_eq!(scenario.ask(request).status, 401, "{token} {request}");
        }
    }
    assert_eq!(scenario.ask(START).status, 400, "the source of another account is unknown");
    scenario.token = TOKEN;
    assert_eq!(scenario.ask("GET /v4/3/loads").status, 401, "no such account");
    scenario.account().revoke_tokens();
    assert_eq!(scenario.ask(START).status, 401);
}

#[test]
fn an_unknown_path_or_method_is_not_found() {
    let mut scenario = Scenario::new();
    for request in ["GET /", "PATCH /v4/sources/120643", "GET /v4/sources/120643/sync"] {
        assert_eq!(scenario.ask(request).status, 404, "{request}");
    }
}

#[test]
fn the_log_of_a_job_is_on_another_host() {
    let mut scenario = Scenario::new();
    let name = scenario.start();
    let answer = scenario.ask(&format!("GET /v4/116078/extractions/{name}"));
    assert_eq!((answer.status.as_u16(), &answer.body), (302, &Body::Empty));
    let location = answer.headers[LOCATION].to_str().unwrap();
    assert!(location.starts_with("https://stitch-pod-logs.s3.storage.example/116078.120643.sync."), "{location}");
    assert!(location.contains("?x-amz-security-token="), "{location}");
    assert_eq!(scenario.ask("GET /v4/116078/extractions/116078.120643.sync.x").status, 404);
}

#[test]
fn a_source_tells_its_state() {
    let mut scenario = Scenario::new();
    scenario.source().named("adwords", "adwords").system_paused();
    let (status, source) = scenario.json("GET /v4/sources/120643");
    assert_eq!(status, 200);
    assert_eq!(source["id"], SOURCE);
    assert_eq!(source["stitch_client_id"], CLIENT);
    assert_eq!(source["type"], "platform.adwords");
    assert_eq!(source["system_paused_at"], "2026-01-05T09:00:00Z");
    assert_eq!(source["paused_at"], Value::Null);
    assert_eq!(source["report_card"]["current_step_type"], "fully_configured");
    scenario.source().not_fully_configured().deleted();
    let (_, source) = scenario.json("GET /v4/sources/120643");
    assert_eq!(source["report_card"]["current_step_type"], "field_selection");
    assert_eq!(source["deleted_at"], "2026-01-05T09:00:00Z");
    assert_eq!(scenario.ask("GET /v4/sources/7").status, 404);
}

#[test]
fn streams_are_told_with_their_selection() {
    let mut scenario = Scenario::new();
    scenario.source().stream(Stream::new("customers")).stream(Stream::new("orders").selected(None));
    scenario.source().stream(Stream::new("customers").tap_stream_id("archive-customers").selected(Some(false)));
    let streams = json!([
        {"selected": true, "stream_id": 1, "tap_stream_id": "customers", "stream_name": "customers", "metadata": {}},
        {"selected": null, "stream_id": 2, "tap_stream_id": "orders", "stream_name": "orders", "metadata": {}},
        {"selected": false, "stream_id": 3, "tap_stream_id": "archive-customers", "stream_name": "customers",
            "metadata": {}},
    ]);
    assert_eq!(scenario.json("GET /v4/sources/120643/streams"), (200, streams));
    assert_eq!(scenario.json("GET /v4/sources/7/streams"), (400, json!("invalid stream-id: 7")));
}

#[test]
fn selected_streams_with_something_new_are_loaded_after_the_extraction() {
    let mut scenario = Scenario::new();
    scenario.source().named("heroku", "heroku").stream(Stream::new("b")).stream(Stream::new("a"));
    scenario.source().stream(Stream::new("c").selected(Some(false))).stream(Stream::new("d").selected(None));
    scenario.source().stream(Stream::new("e").loading(Loading::NothingNew));
    scenario.start();
    assert!(scenario.wait(79).rows(LOADS).is_empty());
    let row = |stream: &str| {
        json!({"stitch_client_id": CLIENT, "source_name": "heroku", "stream_name": stream,
            "last_batch_loaded_at": "2026-01-05T09:01:20Z", "error_state": null})
    };
    assert_eq!(scenario.wait(1).rows(LOADS), [row("a"), row("b")]);
}

#[test]
fn a_failed_load_shows_its_error_and_the_load_before_it() {
    let mut scenario = Scenario::new();
    scenario.source().stream(Stream::new("a"));
    scenario.start();
    let state = load_error_state("out of space");
    let fails = Loading::FailsAfter(Duration::from_secs(5), state.clone());
    scenario.wait(60).source().stream_loading("a", &fails);
    scenario.start();
    let read = |row: &Value| (row["last_batch_loaded_at"].clone(), row["error_state"].clone());
    let loaded = json!("2026-01-05T09:01:20Z");
    assert_eq!(read(&scenario.wait(64).rows(LOADS)[0]), (loaded.clone(), Value::Null));
    assert_eq!(read(&scenario.wait(1).rows(LOADS)[0]), (loaded, state));
}

#[test]
fn a_failed_job_loads_nothing_and_a_stopped_one_what_it_extracted() {
    let mut scenario = Scenario::new();
    scenario.source().stream(Stream::new("a")).plan(Plan::fails(Phase::Tap, 1, "boom"));
    scenario.start();
    assert_eq!(scenario.wait(100).rows(LOADS).len(), 0);
    scenario.start();
    scenario.wait(15).ask(STOP);
    assert_eq!(scenario.wait(20).rows(LOADS).len(), 1);
}

#[test]
fn a_stream_added_later_was_loaded_by_the_jobs_before() {
    let mut scenario = Scenario::new();
    scenario.account().with_sources([SOURCE]);
    scenario.source().stream(Stream::new("a").loading(Loading::NothingNew));
    assert_eq!(scenario.rows(LOADS).len(), 1);
}

#[test]
fn a_job_of_the_past_can_be_running_still() {
    let mut scenario = Scenario::new();
    scenario.source().job_ago(Duration::from_secs(20), Plan::succeeds());
    assert_eq!(scenario.json(START).1["error"]["type"], "already_running");
    assert_eq!(scenario.wait(40).listed().len(), 1);
}

#[test]
fn somebody_else_can_start_a_job() {
    let mut scenario = Scenario::new();
    let name = scenario.source().start(Plan::terminated()).unwrap().to_string();
    assert_eq!(
        scenario.source().start(Plan::succeeds()).unwrap_err().to_string(),
        "a job of this source is already running"
    );
    assert_eq!(scenario.wait(40).listed(), [name]);
}

#[test]
fn the_demo_has_250_sources_and_its_special_ones_are_there() {
    let mut scenario = Scenario { world: demo_world(World::START), token: demo_world::ACCESS_TOKEN };
    let account = scenario.world.account(demo_world::CLIENT_ID, demo_world::ACCESS_TOKEN);
    assert_eq!(account.sources().count(), demo_world::SOURCES);
    for source in demo_world::SPECIAL_SOURCES {
        assert_eq!(account.source(source.id).name(), source.name);
    }
    let page = scenario.rows("GET /v4/116078/extractions?page=3");
    assert!(page.iter().any(|row| row["source_id"] == demo_world::ON_PAGE_3.id));
}

#[test]
fn the_demo_s_busy_source_is_always_busy() {
    let mut scenario = Scenario { world: demo_world(World::START), token: demo_world::ACCESS_TOKEN };
    let request = format!("POST /v4/sources/{}/sync", demo_world::ALREADY_RUNNING.id);
    for seconds in [0, 59, 1, 60, 3600] {
        assert_eq!(scenario.wait(seconds).json(&request).1["error"]["type"], "already_running");
    }
}
