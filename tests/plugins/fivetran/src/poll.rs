//! `poll`: the state of a run.

use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;

use crate::account::Account;
use crate::api::Api;
use crate::parameters::Parameters;
use crate::report::progress;
use crate::run::Run;
use crate::seen::Seen;

/// The latest start of a requested sync of a connection that was not set up, in seconds: one that stays so may never
/// start.
const LATE: i64 = 15 * 60;

/// Polls the connection and, if it is not syncing or a sync has ended, its history. Only reads.
pub fn poll(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let run = Run::decode(run, &parameters.connection_id)?;
    let mut api = Api::new(&account, http);
    let (connection, odd) = api.look(&run.connection_id)?;
    let syncing = connection.is_syncing();
    let moved = run.moved(&connection.traces);
    let has_stopped = run.seen == Seen::Stopped;
    let run = Run { seen: run.seen.then(syncing, &moved), ..run };
    // The history is read when a sync has ended, or should have.
    let nothing_ended = syncing && moved.succeeded_at.max(moved.failed_at).is_none() && odd.is_none();
    let since = run.since.filter(|_| !nothing_ended);
    let history = api.history(&run.connection_id, &connection, since, 0)?;
    let is_told = history.first.as_ref().is_some_and(|sync| sync.ended.is_some());
    if let Some(error) = odd.filter(|_| !syncing && !is_told) {
        return Err(error);
    }
    // Its earlier state says nothing about the sync until that was seen to stop, or should have begun long ago.
    let none_began = run.seen == Seen::Nothing && history.first.is_none() && !history.waits;
    let is_late =
        none_began && run.since.zip(api.now()).is_some_and(|(since, now)| now.seconds() - since.seconds() > LATE);
    let unready = run.unready && connection.setup_problem().is_some() && !has_stopped && !is_late;
    Ok(progress(&Run { unready, ..run }, &connection, history.first.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{
        HISTORY, LOOK, STARTED, SYNC, account, at, ended, goes_on, history, parameters, shown, shown_at, sync_unready,
        synced, with,
    };
    use crate::trigger::trigger;
    use alloc::borrow::ToOwned;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;
    use plugin_guest::contract::{ErrorKind, Verdict};
    use plugin_guest::http::Answer;
    use plugin_guest::json::{Value, json};
    use plugin_guest::scripted::{Scripted, answer};
    use plugin_tests::odd_json::odd_value;
    use proptest::prelude::*;

    type Changes<'a> = &'a [(&'a str, Value)];

    /// The run of a task that was attached in this state of the connection.
    fn begun(changes: Changes<'_>) -> String {
        let syncing = [changes, &[("status.sync_state", json!("syncing"))]].concat();
        let mut http = Scripted::answering([(LOOK, shown_at("12:00:00", &syncing))]);
        goes_on(trigger(&mut http, &account(), &parameters("attach")).expect("attached")).1
    }

    /// The progress in this state of the connection. The history is not read, since it is unknown when the sync began.
    fn polled(before: Changes<'_>, now: Changes<'_>) -> Progress {
        let mut http = Scripted::answering([(LOOK, shown_at("13:00:00", now))]);
        poll(&mut http, &account(), &parameters("attach"), &begun(before)).expect("progress")
    }

    #[test]
    fn a_sync_succeeded_when_the_time_of_the_last_success_moved() {
        let progress = polled(&[], &[("succeeded_at", at("10:00:00.500001"))]);
        let Progress::Finished(finished) = &progress else { panic!("{progress:?}") };
        assert_eq!(finished.report.completed_at.as_deref(), Some("2026-01-05T10:00:00.500001Z"));
        assert_eq!(ended(progress), (Verdict::Succeeded, "the sync succeeded".to_owned()));
    }

    #[test]
    fn a_sync_failed_when_the_time_of_the_last_failure_moved() {
        let tasks = json!([{"code": "reconnect", "message": "Reconnect"}]);
        let progress = polled(&[], &[("failed_at", at("11:00:00")), ("status.tasks", tasks)]);
        assert_eq!(ended(progress), (Verdict::Failed, "the sync failed: Reconnect".to_owned()));
    }

    #[test]
    fn a_failure_from_before_is_not_ours() {
        let failed = [("failed_at", at("10:30:00"))];
        let (message, _) = goes_on(polled(&failed, &failed));
        assert_eq!(message, "the sync runs no more; fivetran does not show yet how it ended");
        let progress = polled(&failed, &[&failed[..], &[("succeeded_at", at("11:00:00"))]].concat());
        assert_eq!(ended(progress), (Verdict::Succeeded, "the sync succeeded".to_owned()));
    }

    #[test]
    fn no_clock_but_fivetrans_decides() {
        // Far in the past and far in the future: only the change counts.
        for (before, now) in
            [("2001-01-01T00:00:00Z", "2001-01-01T00:00:01Z"), ("2999-01-01T00:00:00Z", "2999-01-01T00:00:01Z")]
        {
            let progress = polled(&[("succeeded_at", json!(before))], &[("succeeded_at", json!(now))]);
            assert_eq!(ended(progress).0, Verdict::Succeeded);
            let back = polled(&[("succeeded_at", json!(now))], &[("succeeded_at", json!(before))]);
            goes_on(back);
        }
    }

    #[test]
    fn where_both_moved_nobody_knows_which_is_ours() {
        for (succeeded_at, failed_at) in [("11:00:00", "10:30:00"), ("10:30:00", "11:00:00")] {
            let progress = polled(&[], &[("succeeded_at", at(succeeded_at)), ("failed_at", at(failed_at))]);
            let event = format!(
                "a sync failed at 2026-01-05T{failed_at}Z and one succeeded at 2026-01-05T{succeeded_at}Z: which of them it \
                 was is not known"
            );
            assert_eq!(ended(progress), (Verdict::Unknown, event));
        }
    }

    #[test]
    fn nothing_has_ended_while_a_sync_runs() {
        let (message, _) =
            goes_on(polled(&[], &[("failed_at", at("11:00:00")), ("status.sync_state", json!("syncing"))]));
        assert_eq!(message, "the sync is running");
    }

    #[test]
    fn a_sync_that_was_put_off_goes_on_by_itself_or_never() {
        let put_off = [("status.sync_state", json!("rescheduled")), ("status.rescheduled_for", at("12:00:00"))];
        let (message, run) = goes_on(polled(&[], &put_off));
        assert_eq!(message, "fivetran put the sync off until 2026-01-05T12:00:00Z and goes on by itself then");
        assert!(run.contains(r#""rescheduled_for":null"#), "the run keeps what was before: {run}");
        let manual = [&put_off[..], &[("schedule_type", json!("manual"))]].concat();
        assert_eq!(
            ended(polled(&[], &manual)),
            (
                Verdict::Cancelled,
                "fivetran put the sync off until 2026-01-05T12:00:00Z, and with a manual schedule it does not go on by \
                 itself: run the task again then"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_sync_that_was_put_off_to_the_same_time_again_is_told_by_having_run() {
        let put_off = [
            ("status.sync_state", json!("rescheduled")),
            ("status.rescheduled_for", at("12:00:00")),
            ("schedule_type", json!("manual")),
        ];
        let syncing = [&put_off[..], &[("status.sync_state", json!("syncing"))]].concat();
        let poll = |run: &str, now: Changes<'_>| {
            let mut http = Scripted::answering([(LOOK, shown(now))]);
            poll(&mut http, &account(), &parameters("fail"), run).expect("progress")
        };
        let mut http = Scripted::answering([(LOOK, shown(&put_off)), (SYNC, answer(200, STARTED))]);
        let (_, run) = goes_on(trigger(&mut http, &account(), &parameters("fail")).expect("started"));
        let (message, run) = goes_on(poll(&run, &put_off));
        assert_eq!(message, "the sync was triggered; fivetran does not show yet that it runs");
        let (_, run) = goes_on(poll(&run, &syncing));
        assert_eq!(ended(poll(&run, &put_off)).0, Verdict::Cancelled);
    }

    /// The run of a task that was triggered at 12:00:00.
    fn triggered() -> String {
        let mut http = Scripted::answering([(LOOK, shown_at("12:00:00", &[])), (SYNC, answer(200, STARTED))]);
        goes_on(trigger(&mut http, &account(), &parameters("fail")).expect("started")).1
    }

    /// The progress at 13:00:00, with this state of the connection and this history.
    fn told(now: Changes<'_>, history: Answer) -> Result<Progress, TaskError> {
        let mut http = Scripted::answering([(LOOK, shown_at("13:00:00", now)), (HISTORY, history)]);
        poll(&mut http, &account(), &parameters("fail"), &triggered())
    }

    #[test]
    fn while_it_syncs_and_none_has_ended_the_history_is_not_asked() {
        let syncing = [("status.sync_state", json!("syncing")), ("failed_at", at("11:00:00"))];
        let mut http = Scripted::answering([(LOOK, shown_at("13:00:00", &syncing))]);
        goes_on(poll(&mut http, &account(), &parameters("fail"), &triggered()).expect("progress"));
    }

    #[test]
    fn the_first_sync_since_the_trigger_decides_and_no_later_one() {
        let later = synced("12:30:00", Some("12:40:00"), "COMPLETED");
        let before = synced("11:59:59.9", Some("12:20:00"), "COMPLETED");
        for (status, verdict, message) in [
            ("COMPLETED", Verdict::Succeeded, "the sync succeeded"),
            ("FAILURE", Verdict::Failed, "the sync failed: its reason"),
            ("CANCELED", Verdict::Cancelled, "the sync was cancelled: its reason"),
            ("PAUSED", Verdict::Cancelled, "the connection was paused before the sync ended: its reason"),
            (
                "INCOMPLETE",
                Verdict::Unknown,
                "fivetran calls the sync incomplete and does not say what that is: its reason",
            ),
        ] {
            let mut ours = synced("12:00:00.5", Some("12:10:00"), status);
            if status != "COMPLETED" {
                ours["reason"] = json!("its reason\nand more");
            }
            for now in [&[][..], &[("succeeded_at", at("12:40:00")), ("status.sync_state", json!("syncing"))]] {
                let history = history(&[later.clone(), ours.clone(), before.clone()]);
                let progress = told(now, history).expect("progress");
                assert_eq!(ended(progress), (verdict, message.to_owned()));
            }
        }
    }

    #[test]
    fn where_the_history_gives_no_reason_of_a_failure_the_tasks_of_the_connection_are_told() {
        let failed = || history(&[synced("12:00:01", Some("12:10:00"), "FAILURE")]);
        let tasks = [("status.tasks", json!([{"message": "Reconnect"}]))];
        let failure = (Verdict::Failed, "the sync failed: Reconnect".to_owned());
        assert_eq!(ended(told(&tasks, failed()).expect("progress")), failure);
    }

    #[test]
    fn what_the_history_knows_of_a_sync_is_told() {
        let ours = synced("12:00:00.5", Some("12:10:00.25"), "COMPLETED");
        let Progress::Finished(finished) = told(&[], history(&[ours])).expect("progress") else { panic!("it goes on") };
        let report = finished.report;
        assert_eq!(report.started_at.as_deref(), Some("2026-01-05T12:00:00.5Z"));
        assert_eq!(report.completed_at.as_deref(), Some("2026-01-05T12:10:00.25Z"));
        let of_history =
            report.metadata.iter().filter(|fact| !["connection_id", "service"].contains(&fact.name.as_str()));
        let facts: Vec<_> = of_history.map(|fact| (fact.name.as_str(), fact.value.clone())).collect();
        assert_eq!(
            facts,
            [
                ("schema", "crm".into()),
                ("succeeded_at", "2026-01-05T10:00:00.5Z".into()),
                ("sync_id", "of 12:00:00.5".into()),
                ("extract_mb", plugin_guest::contract::Value::Decimal(1.5)),
                ("duration_s", 600.into()),
            ]
        );
    }

    #[test]
    fn a_sync_that_goes_on_by_the_history_has_not_ended() {
        let open = || history(&[synced("12:00:01", None, "of its own")]);
        for now in [&[][..], &[("paused", json!(true))]] {
            assert_eq!(goes_on(told(now, open()).expect("progress")).0, "the sync is running");
        }
        let progress = told(&[("failed_at", at("12:59:59"))], open()).expect("progress");
        assert_eq!(ended(progress).0, Verdict::Failed, "the connection is shown sooner");
    }

    #[test]
    fn without_a_word_of_the_history_the_times_decide() {
        let older = synced("11:00:00", Some("12:20:00"), "FAILURE");
        let waiting = json!({"sync_id": "next", "start": null, "end": null, "status": "of its own", "stages": {}});
        for silent in [answer(403, ""), answer(404, ""), answer(400, ""), history(&[]), history(&[older, waiting])] {
            let progress = told(&[("succeeded_at", at("12:30:00"))], silent.clone()).expect("progress");
            assert_eq!(ended(progress).0, Verdict::Succeeded);
            let before = [("succeeded_at", at("11:59:59"))];
            let (message, _) = goes_on(told(&before, silent).expect("progress"));
            assert_eq!(message, "the sync was triggered; fivetran does not show yet that it runs");
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_stops_only_what_it_would_decide() {
        let ours = || history(&[synced("12:00:01", Some("12:10:00"), "COMPLETED")]);
        for field in ["succeeded_at", "failed_at", "status.rescheduled_for"] {
            let odd = (field, json!({"at": "noon"}));
            assert_eq!(ended(told(core::slice::from_ref(&odd), ours()).expect("progress")).0, Verdict::Succeeded);
            let error = told(core::slice::from_ref(&odd), history(&[])).expect_err("not understood");
            assert_eq!(error.kind, ErrorKind::NotUnderstood);
            let problem = format!(r#"data.{field}: not a time such as 2024-12-01T15:45:29.013729Z: {{"at":"noon"}}"#);
            assert_eq!(error.message, format!("fivetran's answer was not understood: {problem}"));
            let syncing = [odd, ("status.sync_state", json!("syncing"))];
            assert_eq!(goes_on(told(&syncing, history(&[])).expect("progress")).0, "the sync is running");
        }
    }

    #[test]
    fn a_history_that_is_not_understood_is_no_verdict() {
        let ended = [("succeeded_at", at("12:30:00"))];
        let odd = synced("12:00:01", Some("12:10:00"), "ODD");
        for (history, problem) in [
            (
                history(&[odd]),
                "data.items: the sync that began at 2026-01-05T12:00:01Z: status: unknown variant `ODD`, expected one of \
                 `COMPLETED`, `FAILURE`, `CANCELED`, `PAUSED`, `RESCHEDULED`, `INCOMPLETE`",
            ),
            (answer(200, "{}"), "missing field `data`"),
            (answer(200, r#"{"data": {"items": 7}}"#), "data.items: not a list: 7"),
        ] {
            let error = told(&ended, history).expect_err(problem);
            assert_eq!(error.message, format!("fivetran's answer was not understood: {problem}"));
        }
        assert_eq!(told(&ended, answer(503, "")).expect_err("an error").kind, ErrorKind::Unavailable);
    }

    proptest! {
        #[test]
        fn whatever_stands_in_the_rows_of_other_syncs_ours_decides(
            values in prop::collection::vec(odd_value(), 0..4),
            place in any::<prop::sample::Index>(),
        ) {
            let ours = synced("12:00:01", Some("12:10:00"), "CANCELED");
            let row = |value: &Vec<u8>, is_older: bool| {
                let (began, ended) = if is_older { ("11:00:00", "11:10:00") } else { ("12:20:00", "12:30:00") };
                let head = format!(
                    r#"{{"start":"2026-01-05T{began}Z","end":"2026-01-05T{ended}Z","sync_id":7,"status":"#
                );
                [head.as_bytes(), value, br#","odd":"#, value, b"}"].concat()
            };
            let mut rows: Vec<_> = values.iter().enumerate().map(|(place, value)| row(value, place % 2 == 0)).collect();
            rows.insert(place.index(rows.len() + 1), ours.to_string().into_bytes());
            let listed = with(history(&[json!("the place")]), &rows.join(&b','));
            let progress = told(&[("succeeded_at", at("12:30:00"))], listed).expect("progress");
            prop_assert_eq!(ended(progress).0, Verdict::Cancelled);
        }

        #[test]
        fn whatever_stands_in_what_decides_nothing_the_verdict_comes_out(
            of_connection in prop::sample::select(NAMES.to_vec()),
            of_sync in prop::sample::select(["sync_id", "reason", "stages", "of its own"].to_vec()),
            value in odd_value(),
        ) {
            let mut ours = synced("12:00:01", Some("12:10:00"), "COMPLETED");
            ours[of_sync] = json!("the place");
            let look = with(shown_at("13:00:00", &[(of_connection, json!("the place"))]), &value);
            let mut http = Scripted::answering([(LOOK, look), (HISTORY, with(history(&[ours]), &value))]);
            let progress = poll(&mut http, &account(), &parameters("fail"), &triggered()).expect("progress");
            prop_assert_eq!(ended(progress).0, Verdict::Succeeded);
        }
    }

    /// The fields of a connection that decide nothing.
    const NAMES: [&str; 7] =
        ["service", "schema", "sync_frequency", "status.tasks", "status.update_state", "status.warnings", "of its own"];

    fn page(syncs: &[Value], cursor: &str) -> Answer {
        answer(200, &json!({"data": {"items": syncs, "next_cursor": cursor}}).to_string())
    }

    #[test]
    fn a_history_of_several_pages_is_read_to_its_end() {
        let look = || shown_at("13:00:00", &[("succeeded_at", at("12:30:00"))]);
        let later = synced("12:20:00", Some("12:30:00"), "COMPLETED");
        let ours = synced("12:00:01", Some("12:10:00"), "CANCELED");
        let next = format!("{HISTORY}&cursor=a%2Bb%3D");
        let polled = |second: Answer| {
            let first = page(core::slice::from_ref(&later), "a+b=");
            let mut http = Scripted::answering([(LOOK, look()), (HISTORY, first), (&next, second)]);
            poll(&mut http, &account(), &parameters("fail"), &triggered())
        };
        assert_eq!(ended(polled(history(&[ours])).expect("progress")).0, Verdict::Cancelled);
        assert_eq!(polled(answer(403, "")).expect_err("half a history").kind, ErrorKind::Rejected);
    }

    #[test]
    fn a_history_without_end_is_given_up() {
        let next = format!("{HISTORY}&cursor=more");
        let more = |path| (path, page(&[], "more"));
        let look = (LOOK, shown_at("13:00:00", &[("succeeded_at", at("12:30:00"))]));
        let mut http = Scripted::answering([look, more(HISTORY), more(&next), more(&next), more(&next), more(&next)]);
        let error = poll(&mut http, &account(), &parameters("fail"), &triggered()).expect_err("no end");
        assert_eq!(
            error.message,
            "fivetran's answer was not understood: the history since 2026-01-05T12:00:00Z has more than 5 pages"
        );
    }

    #[test]
    fn a_sync_that_was_put_off_is_stood_for_by_the_next_unless_the_schedule_is_manual() {
        let put_off = synced("12:00:01", Some("12:01:00"), "RESCHEDULED");
        let next = synced("12:30:00", Some("12:40:00"), "COMPLETED");
        let manual = ("schedule_type", json!("manual"));
        let (message, _) = goes_on(told(&[], history(core::slice::from_ref(&put_off))).expect("progress"));
        assert_eq!(message, "fivetran put the sync off and goes on by itself then");
        let unlisted = told(&[("succeeded_at", at("12:40:00"))], history(core::slice::from_ref(&put_off)));
        assert_eq!(ended(unlisted.expect("progress")).0, Verdict::Succeeded);
        let both = || history(&[next.clone(), put_off.clone()]);
        assert_eq!(ended(told(&[], both()).expect("progress")).0, Verdict::Succeeded);
        let later_succeeded = [manual, ("succeeded_at", at("12:40:00"))];
        assert_eq!(ended(told(&later_succeeded, both()).expect("progress")).0, Verdict::Cancelled);
    }

    #[test]
    fn a_sync_after_one_that_stopped_without_a_trace_says_nothing_of_ours() {
        let syncing = || vec![("status.sync_state", json!("syncing"))];
        let put_off = || vec![("status.sync_state", json!("rescheduled")), ("status.rescheduled_for", at("12:10:00"))];
        let succeeded = || vec![("succeeded_at", at("12:30:00"))];
        let broken = || vec![("status.setup_state", json!("broken"))];
        let hidden = (
            Verdict::Unknown,
            "the sync left no trace when it stopped, and another has run since: how it ended is not known",
        );
        let fine = (Verdict::Succeeded, "the sync succeeded");
        for (looks, end) in [
            (vec![syncing(), vec![], syncing(), succeeded()], hidden),
            (vec![syncing(), vec![], syncing(), broken()], hidden),
            (vec![syncing(), vec![], vec![], succeeded()], fine),
            (vec![vec![], syncing(), vec![], succeeded()], fine),
            (vec![syncing(), put_off(), syncing(), succeeded()], fine),
        ] {
            let look = |run: &str, now: Changes<'_>, history: Option<Answer>| {
                let first = (LOOK, shown_at("13:00:00", now));
                let mut http = match history {
                    None => Scripted::answering([first]),
                    Some(history) => Scripted::answering([first, (HISTORY, history)]),
                };
                poll(&mut http, &account(), &parameters("fail"), run).expect("progress")
            };
            let silent = || Some(answer(403, ""));
            let [before @ .., last] = &looks[..] else { panic!("no look") };
            let run = before.iter().fold(triggered(), |run, now| {
                let asked = if *now == syncing() { None } else { silent() };
                goes_on(look(&run, now, asked)).1
            });
            assert_eq!(ended(look(&run, last, silent())), (end.0, end.1.to_owned()));
            let listed = history(&[synced("12:00:01", Some("12:05:00"), "CANCELED")]);
            assert_eq!(ended(look(&run, last, Some(listed))).0, Verdict::Cancelled);
            if end == hidden {
                goes_on(look(&run, last, Some(history(&[synced("12:00:01", None, "")]))));
            }
        }
    }

    #[test]
    fn a_connection_that_breaks_or_is_paused_ends_the_sync() {
        let broken = [("status.setup_state", json!("broken")), ("status.tasks", json!([{"message": "Reconnect"}]))];
        let problem = "the connection is broken: Reconnect".to_owned();
        assert_eq!(ended(polled(&[], &broken)), (Verdict::Failed, problem));
        for paused in [("paused", json!(true)), ("status.sync_state", json!("paused"))] {
            let event = "the connection was paused before the sync ended".to_owned();
            assert_eq!(ended(polled(&[], &[paused])), (Verdict::Cancelled, event));
        }
    }

    /// The run of a connection that was broken when it was triggered at 12:00:00.
    fn triggered_broken() -> String {
        let asked = [&parameters("fail")[..], &[sync_unready()]].concat();
        let look = shown_at("12:00:00", &[("status.setup_state", json!("broken"))]);
        let mut http = Scripted::answering([(LOOK, look), (SYNC, answer(200, STARTED))]);
        goes_on(trigger(&mut http, &account(), &asked).expect("started")).1
    }

    #[test]
    fn what_was_broken_before_does_not_fail_a_sync_that_may_mend_it() {
        let broken = || vec![("status.setup_state", json!("broken"))];
        let broken_and = |field: &'static str, value: Value| [broken(), vec![(field, value)]].concat();
        let look_at = |time: &str, run: &str, now: Changes<'_>, silent: bool| {
            let asked = HISTORY.replace("13:00:01", &time.replace(":00:00", ":00:01").replace(":10:00", ":10:01"));
            let first = (LOOK, shown_at(time, now));
            let mut http = if silent {
                Scripted::answering([first, (&asked, answer(403, ""))])
            } else {
                Scripted::answering([first])
            };
            poll(&mut http, &account(), &parameters("fail"), run).expect("progress")
        };
        let (message, run) = goes_on(look_at("12:10:00", &triggered_broken(), &broken(), true));
        assert_eq!(message, "the sync was triggered; fivetran does not show yet that it runs");
        let late = "the connection is broken; fivetran names no task: its dashboard tells more".to_owned();
        assert_eq!(ended(look_at("13:00:00", &run, &broken(), true)), (Verdict::Failed, late.clone()));
        let (_, run) = goes_on(look_at("12:10:00", &run, &broken_and("status.sync_state", json!("syncing")), false));
        let mended = look_at("13:00:00", &run, &[("succeeded_at", at("12:30:00"))], true);
        assert_eq!(ended(mended).0, Verdict::Succeeded);
        let failed = look_at("13:00:00", &run, &broken_and("failed_at", at("12:30:00")), true);
        assert_eq!(ended(failed).0, Verdict::Failed);
        let (message, run) = goes_on(look_at("13:00:00", &run, &broken(), true));
        assert_eq!(message, "the sync runs no more; fivetran does not show yet how it ended");
        assert_eq!(ended(look_at("13:00:00", &run, &broken(), true)), (Verdict::Failed, late));
    }

    #[test]
    fn a_sync_that_did_not_begin_in_a_quarter_of_an_hour_has_failed_where_the_connection_is_broken_still() {
        for (time, asked_until, has_failed) in [("12:15:00", "12:15:01", false), ("12:15:01", "12:15:02", true)] {
            let look = shown_at(time, &[("status.setup_state", json!("broken"))]);
            let asked = HISTORY.replace("13:00:01", asked_until);
            let mut http = Scripted::answering([(LOOK, look), (&asked, answer(403, ""))]);
            let progress = poll(&mut http, &account(), &parameters("fail"), &triggered_broken()).expect("progress");
            assert_eq!(matches!(progress, Progress::Finished(_)), has_failed, "{time}");
        }
    }

    #[test]
    fn a_run_of_a_plugin_that_did_not_know_unready_connections_is_still_read() {
        let old = triggered().replace(r#","unready":false"#, "");
        assert!(!old.contains("unready"), "{old}");
        let look = shown_at("13:00:00", &[("succeeded_at", at("12:30:00"))]);
        let mut http = Scripted::answering([(LOOK, look), (HISTORY, answer(403, ""))]);
        let progress = poll(&mut http, &account(), &parameters("fail"), &old).expect("progress");
        assert_eq!(ended(progress).0, Verdict::Succeeded);
    }

    #[test]
    fn a_sync_that_ended_is_told_though_the_connection_was_paused_or_broke_later() {
        for later in [("paused", json!(true)), ("status.setup_state", json!("broken"))] {
            let progress = polled(&[], &[later, ("succeeded_at", at("11:00:00"))]);
            assert_eq!(ended(progress).0, Verdict::Succeeded);
        }
    }

    #[test]
    fn an_error_says_nothing_of_the_run() {
        for (status, kind) in
            [(401, ErrorKind::Unauthorized), (404, ErrorKind::NotFound), (500, ErrorKind::Unavailable)]
        {
            let mut http = Scripted::answering([(LOOK, answer(status, ""))]);
            let error = poll(&mut http, &account(), &parameters("fail"), &begun(&[])).expect_err("an error");
            assert_eq!(error.kind, kind);
        }
    }

    #[test]
    fn a_run_of_another_connection_is_refused() {
        let other = begun(&[]).replace(r#""one""#, r#""two""#);
        let error = poll(&mut Scripted::answering([]), &account(), &parameters("fail"), &other).expect_err("refused");
        assert_eq!(
            error.message,
            "run is of connection two, not of connection_id one: poll with the parameters of its trigger"
        );
    }
}
