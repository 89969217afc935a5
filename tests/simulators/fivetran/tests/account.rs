//! The account's answers, without a socket.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use fivetran_simulator::{Account, Plan, SetupState};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use tool_simulator::{Answer, Request, Tool};

const ID: &str = "speak_inexpensive";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn ask(account: &mut Account, seconds: i64, method: Method, path: &str, body: &str) -> Option<Answer> {
    // `echo -n a-key:a-secret | base64`
    let authorization = "Basic YS1rZXk6YS1zZWNyZXQ=".to_owned();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    account.serve(
        at(seconds),
        &Request { method, path: path.to_owned(), query: query.to_owned(), authorization, body: body.into() },
    )
}

fn sync(account: &mut Account, seconds: i64, body: &str) -> Option<Answer> {
    ask(account, seconds, Method::POST, &format!("/v1/connections/{ID}/sync"), body)
}

fn shown(account: &mut Account, seconds: i64) -> Value {
    let (status, envelope) = ask(account, seconds, Method::GET, &format!("/v1/connections/{ID}"), "").unwrap();
    assert_eq!((status, &envelope["code"]), (StatusCode::OK, &json!("Success")));
    envelope["data"].clone()
}

/// The first hour's history, latest first: the start and the status of each sync.
fn history(account: &mut Account, seconds: i64) -> Vec<(String, String)> {
    let path =
        format!("/v1/connections/{ID}/sync-history?start_time=1970-01-01T00:00:00Z&end_time=1970-01-01T01:00:00Z");
    let (status, envelope) = ask(account, seconds, Method::GET, &path, "").unwrap();
    assert_eq!(status, StatusCode::OK);
    let items = envelope["data"]["items"].as_array().unwrap();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    items.iter().map(|item| (text(item, "start"), text(item, "status"))).collect()
}

fn account(plan: Plan) -> Account {
    let mut account = Account::new("a-key", "a-secret");
    account.connection(ID).plan(plan);
    account
}

/// The state, last success and last failure at so many seconds after a sync was started at 100.
fn after(account: &mut Account, seconds: i64) -> (String, Value, Value) {
    let data = shown(account, 100 + seconds);
    let state = data["status"]["sync_state"].as_str().unwrap().to_owned();
    (state, data["succeeded_at"].clone(), data["failed_at"].clone())
}

#[test]
fn a_sync_ends_as_planned() {
    let end = json!("1970-01-01T00:02:40.000000Z");
    for (plan, state, succeeded_at, failed_at) in [
        (Plan::succeeds(), "scheduled", &end, &Value::Null),
        (Plan::fails("reconnect"), "scheduled", &Value::Null, &end),
        (Plan::breaks("reconnect"), "scheduled", &Value::Null, &end),
        (Plan::is_put_off(Duration::from_hours(1)), "rescheduled", &Value::Null, &Value::Null),
        (Plan::is_paused(), "paused", &Value::Null, &Value::Null),
        (Plan::is_cancelled(), "scheduled", &Value::Null, &Value::Null),
    ] {
        let mut account = account(plan);
        assert_eq!(sync(&mut account, 100, r#"{"force": false}"#).unwrap().0, StatusCode::OK);
        assert_eq!(after(&mut account, 59), ("syncing".to_owned(), Value::Null, Value::Null));
        assert_eq!(after(&mut account, 61), (state.to_owned(), succeeded_at.clone(), failed_at.clone()));
    }
}

#[test]
fn a_sync_that_was_put_off_goes_on_by_itself_unless_the_schedule_is_manual() {
    for (manual, state) in [(false, "scheduled"), (true, "rescheduled")] {
        let mut account = account(Plan::is_put_off(Duration::from_mins(1)));
        if manual {
            account.connection(ID).scheduled_manually();
        }
        sync(&mut account, 100, "{}").unwrap();
        assert_eq!(shown(&mut account, 165)["status"]["rescheduled_for"], "1970-01-01T00:03:40.000000Z");
        assert_eq!(after(&mut account, 1000).0, state);
        assert_eq!(account.connection(ID).started(), 1);
    }
}

#[test]
fn no_second_sync_starts_unless_forced() {
    let mut account = account(Plan::succeeds());
    for (body, started) in [("{}", 1), (r#"{"force": false}"#, 1), (r#"{"force": true}"#, 2)] {
        assert_eq!(sync(&mut account, 100, body).unwrap().0, StatusCode::OK);
        assert_eq!(account.started()[ID], started, "{body}");
    }
}

#[test]
fn a_sync_of_its_own_schedule_is_in_the_way_and_not_counted() {
    let mut account = account(Plan::succeeds());
    account.connection(ID).sync_by_itself(Plan::succeeds());
    assert_eq!(after(&mut account, 0).0, "syncing");
    sync(&mut account, 100, "{}").unwrap();
    assert_eq!(account.started()[ID], 0);
}

#[test]
fn a_sync_of_its_own_schedule_begins_at_its_time_or_is_left_out() {
    let mut account = account(Plan::succeeds());
    for time in [130, 200] {
        account.connection(ID).sync_by_itself_at(at(time), Plan::fails("reconnect"));
    }
    sync(&mut account, 100, "{}").unwrap();
    assert_eq!(
        (after(&mut account, 200).1, after(&mut account, 200).2),
        (json!("1970-01-01T00:02:40.000000Z"), json!("1970-01-01T00:04:20.000000Z"))
    );
}

#[test]
fn the_history_tells_of_each_sync() {
    let mut account = Account::new("a-key", "a-secret");
    let plans =
        [Plan::succeeds(), Plan::fails("reconnect"), Plan::is_cancelled(), Plan::is_put_off(Duration::from_mins(1))];
    account.connection(ID).plans(plans);
    for seconds in [0, 100, 200] {
        sync(&mut account, seconds, "{}").unwrap();
    }
    sync(&mut account, 240, r#"{"force": true}"#).unwrap();
    let syncs = [("00:00", "COMPLETED"), ("01:40", "FAILURE"), ("03:20", "CANCELED"), ("04:00", "INCOMPLETE")];
    let told = syncs.map(|(began, status)| (format!("1970-01-01T00:{began}.000000Z"), status.to_owned()));
    let mut found = history(&mut account, 250);
    found.reverse();
    assert_eq!(found, told);
    assert_eq!(
        history(&mut account, 600)[..2].iter().map(|(_, status)| status).collect::<Vec<_>>(),
        ["COMPLETED", "RESCHEDULED"]
    );
}

#[test]
fn a_history_can_be_refused_and_a_sync_go_unseen_for_a_while() {
    let mut account = account(Plan::succeeds());
    account.connection(ID).shown_after(Duration::from_secs(10));
    sync(&mut account, 100, "{}").unwrap();
    for (seconds, state, shown) in [(109, "scheduled", 0), (110, "syncing", 1)] {
        assert_eq!(
            (after(&mut account, seconds - 100).0.as_str(), history(&mut account, seconds).len()),
            (state, shown)
        );
    }
    account.connection(ID).without_history();
    let path =
        format!("/v1/connections/{ID}/sync-history?start_time=1970-01-01T00:00:00Z&end_time=1970-01-01T01:00:00Z");
    assert_eq!(ask(&mut account, 110, Method::GET, &path, "").unwrap().0, StatusCode::FORBIDDEN);
}

#[test]
fn a_sync_can_wait_for_its_beginning_and_only_the_history_shows_it() {
    let mut account = account(Plan::succeeds());
    account.connection(ID).begins_after(Duration::from_secs(30));
    for seconds in [100, 129] {
        sync(&mut account, seconds, "{}").unwrap();
    }
    assert_eq!(account.started()[ID], 1);
    assert_eq!(
        (after(&mut account, 29).0.as_str(), history(&mut account, 129)),
        ("scheduled", vec![<(String, String)>::default()])
    );
    let began = ("1970-01-01T00:02:10.000000Z".to_owned(), "INCOMPLETE".to_owned());
    assert_eq!((after(&mut account, 30).0.as_str(), history(&mut account, 130)), ("syncing", vec![began]));
}

#[test]
fn a_lost_answer_or_a_gateways_loses_no_sync() {
    for (plan, status) in [
        (Plan::succeeds().losing_its_answer(), None),
        (Plan::succeeds().answered(StatusCode::GATEWAY_TIMEOUT), Some(StatusCode::GATEWAY_TIMEOUT)),
    ] {
        let mut account = account(plan);
        assert_eq!(sync(&mut account, 100, "{}").map(|answer| answer.0), status);
        assert_eq!((after(&mut account, 0).0.as_str(), account.started()[ID]), ("syncing", 1));
    }
}

#[test]
fn plans_are_for_one_sync_after_the_other() {
    let mut account = Account::new("a-key", "a-secret");
    account.connection(ID).plans([Plan::fails("reconnect"), Plan::succeeds()]);
    for (start, end) in [(0, "failed_at"), (100, "succeeded_at"), (200, "succeeded_at")] {
        sync(&mut account, start, "{}").unwrap();
        assert!(shown(&mut account, start + 61)[end].is_string());
    }
}

#[test]
fn a_paused_connection_does_not_sync() {
    let mut account = account(Plan::succeeds());
    account.connection(ID).pause(true);
    sync(&mut account, 100, "{}").unwrap();
    assert_eq!((after(&mut account, 0).0.as_str(), account.started()[ID]), ("paused", 0));
}

#[test]
fn setup_and_its_tasks_are_shown() {
    let mut account = account(Plan::succeeds());
    account.connection(ID).set_up(SetupState::Incomplete, Some("enter the password"));
    let status = shown(&mut account, 0)["status"].clone();
    assert_eq!(
        (&status["setup_state"], &status["tasks"][0]["message"]),
        (&json!("incomplete"), &json!("enter the password"))
    );
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let mut account = account(Plan::succeeds());
    let path = format!("/v1/connections/{ID}");
    for (method, path, status) in [
        (Method::GET, "/v1/connections/unknown", 404),
        (Method::GET, "/v2/anything", 404),
        (Method::DELETE, path.as_str(), 405),
        (Method::POST, &format!("{path}/sync"), 400),
        (Method::GET, &format!("{path}/sync-history?start_time=now&end_time=1970-01-01T01:00:00Z"), 400),
        (
            Method::GET,
            &format!("{path}/sync-history?start_time=1970-01-01T01:00:00Z&end_time=1970-01-01T01:00:00Z"),
            400,
        ),
        (
            Method::GET,
            &format!("{path}/sync-history?start_time=1970-01-01T00:00:00Z&end_time=1970-01-08T00:00:01Z"),
            400,
        ),
    ] {
        assert_eq!(ask(&mut account, 0, method, path, "").unwrap().0, status, "{path}");
    }
    let request = Request {
        method: Method::GET,
        path,
        query: String::new(),
        authorization: "Basic Og==".to_owned(),
        body: vec![],
    };
    assert_eq!(account.serve(at(0), &request).unwrap().0, StatusCode::UNAUTHORIZED);
    account.answer_next(StatusCode::BAD_GATEWAY);
    assert_eq!(sync(&mut account, 0, "{}").unwrap().0, StatusCode::BAD_GATEWAY);
    assert_eq!(account.requests().last().unwrap(), "POST /v1/connections/speak_inexpensive/sync");
    assert_eq!(account.started()[ID], 0);
}
