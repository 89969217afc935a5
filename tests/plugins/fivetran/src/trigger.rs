//! `trigger`: reads the connection, then starts one sync by one request.

use alloc::format;

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::finished;
use plugin_guest::task_error::rejected;

use crate::account::Account;
use crate::api::Api;
use crate::connection::{Connection, Traces};
use crate::parameters::Parameters;
use crate::report::{report, running};
use crate::run::Run;
use crate::seen::Seen;

/// Reads the connection, and asks Fivetran to sync it unless it is already syncing.
pub fn trigger(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let Parameters { connection_id, on_already_running, sync_unready } = Parameters::parse(parameters)?;
    let mut api = Api::new(&account, http);
    let connection = api.connection(&connection_id)?;
    let attached = connection.is_syncing();
    let run = Run {
        connection_id,
        // Nothing was running then, so what began since is what the request started, or what was in its way.
        since: api.now().filter(|_| !attached),
        sent: None,
        before: connection.traces,
        seen: Seen::Nothing.then(attached, &Traces::default()),
        unready: connection.setup_problem().is_some(),
        attached,
    };
    if attached {
        beside(on_already_running, &run, &connection)
    } else {
        start(&mut api, &run, &connection, sync_unready)
    }
}

/// The policy's result if somebody else's sync is running.
pub(crate) fn beside(policy: OnAlreadyRunning, run: &Run, connection: &Connection) -> Result<Progress, TaskError> {
    match policy {
        OnAlreadyRunning::Fail => Err(OnAlreadyRunning::refusal("a sync of this connection")),
        OnAlreadyRunning::Attach => Ok(running(run, connection, "attached to the sync that is running already")),
        OnAlreadyRunning::Skip => {
            Ok(finished(Verdict::Skipped, report(run, connection, "skipped: a sync is running already")))
        }
    }
}

/// Starts the sync of a connection that was not syncing when read.
pub(crate) fn start(
    api: &mut Api<'_>,
    run: &Run,
    connection: &Connection,
    sync_unready: bool,
) -> Result<Progress, TaskError> {
    let problem = connection.setup_problem();
    if let Some(problem) = problem.as_ref().filter(|_| !sync_unready) {
        let hint = "where a sync mends that, set sync_unready to ask for one all the same";
        return Err(rejected("not_set_up", format!("{problem} ({hint})")));
    }
    if connection.is_paused() {
        return Err(rejected(
            "paused",
            "the connection is paused, and fivetran syncs none that is: resume it in fivetran",
        ));
    }
    api.start(&run.connection_id)?;
    match problem {
        Some(problem) => Ok(running(run, connection, &format!("the sync was triggered though {problem}"))),
        None => Ok(running(run, connection, "the sync was triggered")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LOOK, STARTED, SYNC, account, ended, goes_on, parameters, shown, sync_unready};
    use alloc::borrow::ToOwned;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::json::json;
    use plugin_guest::scripted::{Scripted, answer};
    use proptest::prelude::*;

    fn triggered(policy: &str, look: Answer, sync: Option<Result<Answer, SendError>>) -> Result<Progress, TaskError> {
        let mut http = match sync {
            None => Scripted::answering([(LOOK, look)]),
            Some(sync) => Scripted::new([(LOOK, Ok(look)), (SYNC, sync)]),
        };
        trigger(&mut http, &account(), &parameters(policy))
    }

    #[test]
    fn a_sync_that_was_started_remembers_how_the_connection_stood_before() {
        let progress = triggered("fail", shown(&[]), Some(Ok(answer(200, STARTED)))).expect("started");
        let (message, run) = goes_on(progress);
        assert_eq!(message, "the sync was triggered");
        assert!(run.contains("2026-01-05T10:00:00.5Z"), "{run}");
    }

    #[test]
    fn a_connection_that_syncs_already_is_asked_for_nothing() {
        let syncing = || shown(&[("status.sync_state", json!("syncing"))]);
        let error = triggered("fail", syncing(), None).expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "already_running"));
        assert_eq!(
            error.message,
            "a sync of this connection is running already: wait for it, or set on_already_running to attach or skip"
        );
        let (message, run) = goes_on(triggered("attach", syncing(), None).expect("attached"));
        assert_eq!(message, "attached to the sync that is running already");
        assert!(run.contains(r#""attached":true"#), "{run}");
        let skipped = ended(triggered("skip", syncing(), None).expect("skipped"));
        assert_eq!(skipped, (Verdict::Skipped, "skipped: a sync is running already".to_owned()));
    }

    #[test]
    fn what_fivetran_would_not_sync_is_refused_before_it_is_asked() {
        let tasks = ("status.tasks", json!([{"code": "reconnect", "message": "Reconnect"}, {"message": "Pay"}]));
        for (changes, code, message) in [
            (
                &[("paused", json!(true))][..],
                "paused",
                "the connection is paused, and fivetran syncs none that is: resume it in fivetran",
            ),
            (
                &[("status.setup_state", json!("broken")), tasks],
                "not_set_up",
                "the connection is broken: Reconnect; Pay (where a sync mends that, set sync_unready to ask for one all the \
                 same)",
            ),
            (
                &[("status.setup_state", json!("incomplete"))],
                "not_set_up",
                "the connection is not set up completely; fivetran names no task: its dashboard tells more (where a sync \
                 mends that, set sync_unready to ask for one all the same)",
            ),
        ] {
            let error = triggered("attach", shown(changes), None).expect_err(code);
            assert_eq!((error.kind, error.code.as_str(), error.message.as_str()), (ErrorKind::Rejected, code, message));
        }
    }

    #[test]
    fn a_connection_that_is_not_set_up_is_synced_where_that_is_asked_for_and_a_paused_one_never() {
        let asked = [&parameters("fail")[..], &[sync_unready()]].concat();
        for (state, message) in [
            ("broken", "the sync was triggered though the connection is broken: Reconnect"),
            ("incomplete", "the sync was triggered though the connection is not set up completely: Reconnect"),
        ] {
            let tasks = ("status.tasks", json!([{"message": "Reconnect"}]));
            let look = shown(&[("status.setup_state", json!(state)), tasks]);
            let mut http = Scripted::answering([(LOOK, look), (SYNC, answer(200, STARTED))]);
            let (found, run) = goes_on(trigger(&mut http, &account(), &asked).expect("started"));
            assert_eq!(found, message);
            assert!(run.contains(r#""unready":true"#), "{run}");
        }
        let paused = shown(&[("paused", json!(true)), ("status.setup_state", json!("broken"))]);
        let error = trigger(&mut Scripted::answering([(LOOK, paused)]), &account(), &asked).expect_err("paused");
        assert_eq!(error.code, "paused");
    }

    #[test]
    fn without_an_answer_the_outcome_is_unknown_and_nothing_is_sent_again() {
        let lost = SendError::NoAnswer("the connection was closed".to_owned());
        let error = triggered("fail", shown(&[]), Some(Err(lost))).expect_err("no answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
        let cut = Answer { cut: Some(SendError::broke_off()), ..answer(200, STARTED) };
        let error = triggered("fail", shown(&[]), Some(Ok(cut))).expect_err("half an answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn an_error_of_the_sync_request_is_said_by_its_reason_and_a_401_in_fivetrans_words() {
        let body = r#"{"code": "odd", "message": "its own words"}"#;
        for (status, message) in [
            (401, "its own words"),
            (403, "Forbidden"),
            (404, "Not Found"),
            (409, "Conflict"),
            (429, "Too Many Requests"),
        ] {
            let error = triggered("fail", shown(&[]), Some(Ok(answer(status, body)))).expect_err(message);
            assert_eq!((error.message.as_str(), error.raw_message.as_deref()), (message, Some("its own words")));
        }
    }

    #[test]
    fn an_answer_without_a_status_is_not_understood() {
        let mut http = Scripted::answering([(LOOK, answer(200, r#"{"code": "Success", "data": {"id": "one"}}"#))]);
        let error = trigger(&mut http, &account(), &parameters("fail")).expect_err("not understood");
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::NotUnderstood, "fivetran's answer was not understood: data.status: it is missing")
        );
    }

    #[test]
    fn an_answer_that_does_not_say_success_proves_no_start() {
        for (body, problem) in [
            (
                "<html>",
                "it is a web page (HTML), not JSON: see whether base_url is right, and what signs in or stands in between",
            ),
            ("{}", "missing field `code`"),
            (r#"{"code": "Odd"}"#, "code is Odd, not Success"),
        ] {
            let error = triggered("fail", shown(&[]), Some(Ok(answer(200, body)))).expect_err(body);
            assert_eq!(error.kind, ErrorKind::NotUnderstood);
            assert_eq!(error.message, alloc::format!("fivetran's answer was not understood: {problem}"));
        }
    }

    #[test]
    fn bad_input_sends_nothing() {
        let mut http = Scripted::answering([]);
        assert!(trigger(&mut http, &account(), &[]).is_err());
        assert!(trigger(&mut http, &[], &parameters("fail")).is_err());
    }

    proptest! {
        #[test]
        fn whatever_answers_the_look_nothing_was_started(status in 200_u16..600, body in any::<Vec<u8>>(), complete: bool) {
            let look = Answer { body, cut: (!complete).then(SendError::broke_off), ..answer(status, "") };
            let error = triggered("fail", look, None).expect_err("no connection");
            prop_assert!(!error.may_have_started && error.kind != ErrorKind::OutcomeUnknown, "{error:?}");
        }

        #[test]
        fn whatever_answers_the_start_with_success_a_run_may_have_been_started(body in any::<Vec<u8>>(), complete: bool) {
            let sync = Answer { body, cut: (!complete).then(SendError::broke_off), ..answer(200, "") };
            let error = triggered("fail", shown(&[]), Some(Ok(sync))).expect_err("no success");
            prop_assert!(error.may_have_started, "{error:?}");
        }
    }
}
