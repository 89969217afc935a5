//! `trigger`: every decision.

use std::time::Duration;

use host_harness::contract::{ErrorKind, Verdict};
use http::StatusCode;
use stitch_simulator::{Answer, ErrorBody, Fault, Plan, Route};

use crate::scenario::{SOURCE_ID, Scenario, TOKEN, finished, refused, running, said, text};

#[tokio::test]
async fn a_started_job_is_running() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let running = running(scenario.trigger().await);
    assert_eq!(running.report.message, "source 120643: the extraction has started");
    assert_eq!(running.report.started_at.as_deref(), Some("2026-01-05T09:00:00Z"));
    assert!(running.run.len() <= 1024);
}

#[tokio::test]
async fn one_request_is_sent_and_it_says_who_sends_it() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    running(scenario.trigger().await);
    let requests = scenario.simulator.requests();
    let [request] = &requests[..] else { panic!("not one request: {requests:?}") };
    assert_eq!((request.method.as_str(), request.path_and_query.as_str()), ("POST", "/v4/sources/120643/sync"));
    let bearer = format!("Bearer {TOKEN}");
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("content-length", "0"),
        ("user-agent", concat!("stitch-plugin/", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(request.header(name), value, "{name}");
    }
}

async fn already_running(policy: &str) -> Scenario {
    let scenario = Scenario::new(|account| {
        let source = account.source(SOURCE_ID);
        source.job_ago(Duration::from_hours(2), Plan::fails(stitch_simulator::Phase::Tap, 1, "an older job"));
        source.start(Plan::succeeds()).expect("a job");
    });
    scenario.await.with("on_already_running", policy)
}

#[tokio::test]
async fn a_job_that_runs_already_is_refused() {
    let error = refused(already_running("fail").await.trigger().await);
    assert_eq!((error.code.as_str(), error.http_status), ("already_running", Some(200)));
    assert_eq!(
        said(&error),
        (
            ErrorKind::Rejected,
            "a job of this source is running already: wait for it, or set on_already_running to attach or skip",
            Some("Did not create job for client-id: 116078; connection-id: 120643 because one already exists")
        )
    );
}

#[tokio::test]
async fn or_attached_to_until_it_ends() {
    let (verdict, report) = already_running("attach").await.ended().await;
    assert_eq!(
        (verdict, report.message.as_str()),
        (Verdict::Succeeded, "source 120643 (hubspot_120643): the extraction succeeded")
    );
}

#[tokio::test]
async fn or_skipped() {
    let finished = finished(already_running("skip").await.trigger().await);
    assert_eq!(finished.verdict, Verdict::Skipped);
    assert_eq!(finished.report.message, "source 120643: skipped: an extraction is running already");
}

#[tokio::test]
async fn a_200_that_names_no_job_is_not_understood() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let answer = Answer::json(StatusCode::OK, serde_json::json!({"job": "x"}));
    scenario.simulator.fault(Fault::on(Route::StartJob).answer(answer));
    let error = refused(scenario.trigger().await);
    let message = "stitch's answer was not understood: job_name is missing";
    assert_eq!(said(&error), (ErrorKind::NotUnderstood, message, Some(r#"{"job":"x"}"#)));
}

#[tokio::test]
async fn a_401_fails_with_stitchs_own_message_in_every_shape_of_body() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    for body in ErrorBody::all("The token was revoked") {
        let fault = Fault::on(Route::StartJob).answer(body.clone().with_status(StatusCode::UNAUTHORIZED));
        scenario.simulator.fault(fault);
        let error = refused(scenario.trigger().await);
        assert_eq!((error.kind, error.http_status), (ErrorKind::Unauthorized, Some(401)));
        let is_of_stitch = !matches!(body, ErrorBody::Html(_) | ErrorBody::Empty);
        let message = if is_of_stitch { "The token was revoked" } else { "Unauthorized" };
        assert_eq!(error.message, message, "{body:?}");
    }
}

#[tokio::test]
async fn a_wrong_token_fails_with_stitchs_own_message() {
    let scenario = Scenario::planned(Plan::succeeds()).await.with_token("another");
    let error = refused(scenario.trigger().await);
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert_eq!(error.raw_message.as_deref(), Some(error.message.as_str()));
}

#[tokio::test]
async fn every_other_code_fails_with_the_http_reason() {
    use ErrorKind::{NotFound, OutcomeUnknown, Rejected, Unavailable};
    let scenario = Scenario::planned(Plan::succeeds()).await;
    for (status, kind, reason) in [
        (StatusCode::BAD_REQUEST, Rejected, "Bad Request"),
        (StatusCode::FORBIDDEN, Rejected, "Forbidden"),
        (StatusCode::NOT_FOUND, NotFound, "Not Found"),
        (StatusCode::TOO_MANY_REQUESTS, Unavailable, "Too Many Requests"),
        (StatusCode::SERVICE_UNAVAILABLE, Unavailable, "Service Unavailable"),
        // An error status of a server or a gateway does not prove that nothing was started.
        (StatusCode::INTERNAL_SERVER_ERROR, OutcomeUnknown, "Internal Server Error"),
        (StatusCode::REQUEST_TIMEOUT, OutcomeUnknown, "Request Timeout"),
        (StatusCode::BAD_GATEWAY, OutcomeUnknown, "Bad Gateway"),
        (StatusCode::GATEWAY_TIMEOUT, OutcomeUnknown, "Gateway Timeout"),
    ] {
        for body in ErrorBody::all("its own words") {
            scenario.simulator.fault(Fault::on(Route::StartJob).answer(body.clone().with_status(status)));
            let error = refused(scenario.trigger().await);
            assert_eq!((error.kind, error.message.as_str()), (kind, reason), "{body:?}");
            assert_eq!(error.http_status, Some(status.as_u16()));
            let raw = error.raw_message.unwrap_or_default();
            assert_eq!(raw.contains("its own words"), !matches!(body, ErrorBody::Empty), "{body:?}: {raw}");
        }
    }
}

#[tokio::test]
async fn an_unknown_and_a_deleted_source_are_not_found() {
    let unknown = Scenario::new(|_| ()).await;
    let error = refused(unknown.trigger().await);
    let raw = "Unable to locate source(120643) for client (116078)";
    assert_eq!(said(&error), (ErrorKind::NotFound, "Bad Request", Some(raw)));
    let deleted = Scenario::new(|account| {
        account.source(SOURCE_ID).deleted();
    });
    let error = refused(deleted.await.trigger().await);
    assert_eq!(said(&error), (ErrorKind::NotFound, "Bad Request", Some("Integration is deleted.")));
}

#[tokio::test]
async fn without_an_answer_the_outcome_is_unknown_and_attaching_settles_it() {
    let lost = "the request was sent and stitch did not answer";
    for (fault, cause) in [
        (Fault::on(Route::StartJob).reset(), "the connection was closed"),
        (Fault::on(Route::StartJob).truncated(), "its answer broke off"),
        (Fault::on(Route::StartJob).delay(Duration::from_secs(2)), "it took too long"),
    ] {
        let scenario = Scenario::planned(Plan::succeeds()).await.with("on_already_running", "attach");
        scenario.simulator.fault(fault);
        let error = refused(scenario.trigger().await);
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
        assert!(error.message.starts_with(&format!("{lost}: {cause};")), "{}", error.message);
        assert_eq!(scenario.simulator.count(Route::StartJob), 1);
        let (verdict, _) = scenario.ended().await;
        assert_eq!(verdict, Verdict::Succeeded);
    }
}

#[tokio::test]
async fn bad_input_names_its_field_and_sends_nothing() {
    let source_id = |number: i64| host_harness::contract::NamedValue {
        name: "source_id".to_owned(),
        value: host_harness::contract::Value::Integer(number),
    };
    for (parameters, message) in [
        (vec![], "source_id is missing: the number of the source in Stitch, such as 123456"),
        (vec![source_id(0)], "source_id must be 1 or more, not 0"),
        (vec![source_id(-1)], "source_id must be 1 or more, not -1"),
        (vec![text("source_id", "120643")], "source_id must be a whole number, such as 123456"),
    ] {
        let scenario = Scenario::planned(Plan::succeeds()).await.with_parameters(parameters);
        let error = refused(scenario.trigger().await);
        assert_eq!(said(&error), (ErrorKind::InvalidInput, message, None));
        assert_eq!(scenario.simulator.requests().len(), 0);
    }
    let form = "base_url must be an absolute URL such as https://api.example.com";
    let user = "base_url must not hold a user or a password: credentials have fields of their own";
    for (field, value, message) in
        [("base_url", "127.0.0.1:8080", form), ("base_url", "http://me:secret@127.0.0.1:8080", user)]
    {
        let scenario = Scenario::planned(Plan::succeeds()).await.with_connection(field, value);
        let error = refused(scenario.trigger().await);
        assert_eq!(said(&error), (ErrorKind::InvalidInput, message, None));
        assert_eq!(scenario.simulator.requests().len(), 0);
    }
}

#[tokio::test]
async fn a_host_that_hands_over_the_token_itself_has_it_checked() {
    let word = "access_token must be one word of ASCII: it holds a space, a line break or another character that no secret has";
    for (token, message) in [("", "access_token must not be empty"), ("two\nlines", word)] {
        let scenario = Scenario::planned(Plan::succeeds()).await.with_token(token);
        let error = refused(scenario.plugin.trigger(&scenario.arguments().expose_secrets()).await);
        assert_eq!(said(&error), (ErrorKind::InvalidInput, message, None));
        assert_eq!(scenario.simulator.requests().len(), 0);
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_denied_and_named() {
    let scenario = Scenario::planned(Plan::succeeds()).await.with_token("two\nlines");
    let call = scenario.trigger().await;
    let reason = "it is too long for a header, or holds a line break or another control character";
    let url = scenario.simulator.url();
    let denied: Vec<_> = call.denied.iter().map(ToString::to_string).collect();
    assert_eq!(denied, [format!("the secret `access_token` cannot be sent to {url}: {reason}")]);
    assert_eq!(refused(call).kind, ErrorKind::Denied);
    assert_eq!(scenario.simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_base_url_may_end_in_a_slash_or_hold_a_path() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let url = scenario.simulator.url();
    let scenario = scenario.with_connection("base_url", &format!("{url}/"));
    running(scenario.trigger().await);
    let scenario = scenario.with_connection("base_url", &format!("{url}/behind/a/proxy/"));
    assert_eq!(refused(scenario.trigger().await).kind, ErrorKind::NotFound);
    let requests = scenario.simulator.requests();
    assert_eq!(requests[1].path_and_query, "/behind/a/proxy/v4/sources/120643/sync");
}

#[tokio::test]
async fn an_origin_that_is_not_allowed_is_denied_and_named() {
    let scenario = Scenario::planned(Plan::succeeds()).await.with_connection("base_url", "https://example.com");
    let call = scenario.trigger().await;
    assert_eq!(
        call.denied.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["the plugin asked for https://example.com, which is not allowed"]
    );
    let error = refused(call);
    let message = "the host did not let the request to stitch out: allow the origin of base_url";
    assert_eq!(said(&error), (ErrorKind::Denied, message, None));
}
