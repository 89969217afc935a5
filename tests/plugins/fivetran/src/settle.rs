//! `settle`: settles a trigger whose answer was lost.

use alloc::format;

use plugin_guest::ages::Ages;
use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{ErrorKind, NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::finished;
use plugin_guest::sent::{LATEST, Sent, outcome_unknown};
use plugin_guest::task_error::rejected;

use crate::account::Account;
use crate::api::Api;
use crate::connection::Traces;
use crate::evidence::{Evidence, before};
use crate::parameters::Parameters;
use crate::report::{progress, report};
use crate::run::Run;
use crate::seen::Seen;
use crate::trigger::{beside, start};

/// The time after which Fivetran shows a requested sync at the latest, in milliseconds. Until then no other is
/// requested.
const SHOWN_MS: u64 = 1_000 * LATEST.unsigned_abs();

/// How long a sync in the way of the trigger may have been running, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// Attributes the first sync that began when the trigger was sent to it, unless Fivetran's own schedule may have
/// started it. If there is none, starts one: Fivetran starts none while one runs.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    ages_ms: &[u64],
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let Parameters { connection_id, on_already_running, sync_unready } = Parameters::parse(parameters)?;
    let ages = Ages::parse(ages_ms)?;
    // A recorded call may have sent nothing, so a sync with an unknown start is judged by the trigger.
    let (oldest_ms, youngest_ms) = (ages.oldest(), ages.youngest());
    let mut api = Api::new(&account, http);
    let connection = api.connection(&connection_id)?;
    let (sent, now) = (api.sent(ages), api.now());
    let since = sent.as_ref().map(Sent::earliest);
    let history = api.history(&connection_id, &connection, since, DAY)?;
    let attach = on_already_running == OnAlreadyRunning::Attach;
    let run = Run {
        connection_id,
        since,
        sent: sent.clone().filter(|_| !attach),
        before: connection.traces,
        seen: Seen::Nothing.then(connection.is_syncing(), &Traces::default()),
        unready: connection.setup_problem().is_some(),
        attached: true,
    };
    let unknown =
        |seen: &str| Ok(finished(Verdict::Unknown, report(&run, &connection, &outcome_unknown("a sync", seen))));
    let Some(sent) = sent else {
        return unknown("fivetran's answer tells no time");
    };
    match Evidence::of(&sent, oldest_ms, &connection, &history, sync_unready) {
        Evidence::Nothing | Evidence::InTheWay | Evidence::Waiting(_) if youngest_ms < SHOWN_MS => {
            Err(too_early(youngest_ms))
        }
        Evidence::Nothing => {
            let run = Run { since: now, sent: None, attached: false, ..run };
            start(&mut api, &run, &connection, sync_unready)
        }
        Evidence::InTheWay => beside(on_already_running, &Run { since: None, ..run }, &connection),
        Evidence::Waiting(seen) | Evidence::Doubtful(seen) => unknown(&seen),
        Evidence::Fitting(seen) if !connection.manual && !attach => {
            unknown(&format!("{seen}, and fivetran's own schedule may have started it"))
        }
        Evidence::Fitting(_) => {
            Ok(progress(&Run { before: before(&sent, &connection), ..run }, &connection, history.first.as_ref()))
        }
    }
}

fn too_early(age_ms: u64) -> TaskError {
    TaskError {
        kind: ErrorKind::Unavailable,
        retry_after_ms: Some(SHOWN_MS - age_ms),
        ..rejected(
            "too_early",
            format!(
                "fivetran may not show yet that a sync was started: settle again {} s after it was asked for",
                SHOWN_MS / 1000
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poll::poll;
    use crate::scenario::{
        LOOK, STARTED, SYNC, account, at, ended, goes_on, history, parameters, shown, shown_at, sync_unready, synced,
    };
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::json::{Value, json};
    use plugin_guest::scripted::{Scripted, answer};
    use plugin_guest::timestamp::Timestamp;

    /// The age of the trigger in these tests, where it is 13:00:00: one hour.
    const AGE_MS: u64 = 3_600_000;

    /// The request for the history when settling a trigger that was sent then.
    fn looked(sent: &str) -> String {
        since(sent, 86_400)
    }

    /// The request for the history by a poll of a trigger sent at 12:00:00.
    fn polled() -> String {
        since("12:00:00", 0)
    }

    fn since(sent: &str, back: i64) -> String {
        let sent = Timestamp::parse(&format!("2026-01-05T{sent}Z")).expect("a time");
        let from = Timestamp::from_seconds(Sent::at(sent, []).earliest().seconds() - back);
        format!("GET /v1/connections/one/sync-history?start_time={from}&end_time=2026-01-05T13:00:01Z&limit=1000")
    }

    fn manual() -> (&'static str, Value) {
        ("schedule_type", json!("manual"))
    }

    fn settled(policy: &str, changes: &[(&str, Value)], history: Answer) -> Progress {
        let mut http = Scripted::answering([(LOOK, shown_at("13:00:00", changes)), (&looked("12:00:00"), history)]);
        settle(&mut http, &account(), &parameters(policy), &[AGE_MS]).expect("progress")
    }

    /// Settles a trigger with a manual schedule.
    fn manually(changes: &[(&str, Value)], history: Answer) -> Progress {
        settled("fail", &[changes, &[manual()]].concat(), history)
    }

    fn started(age_ms: u64, history: &str, sync: Result<Answer, SendError>) -> Result<Progress, TaskError> {
        let look = shown_at("13:00:00", &[("failed_at", at("11:00:00"))]);
        let mut http = Scripted::new([(LOOK, Ok(look)), (history, Ok(answer(403, ""))), (SYNC, sync)]);
        settle(&mut http, &account(), &parameters("fail"), &[age_ms])
    }

    fn unknown(reason: &str) -> (Verdict, String) {
        (Verdict::Unknown, format!("whether a sync was started is not known: {reason}"))
    }

    #[test]
    fn the_first_sync_that_began_when_it_was_triggered_is_ours() {
        for (status, verdict) in [("COMPLETED", Verdict::Succeeded), ("CANCELED", Verdict::Cancelled)] {
            let later = synced("12:40:00", Some("12:50:00"), "FAILURE");
            for began in ["12:00:00", "12:02:00"] {
                let syncs = [later.clone(), synced(began, Some("12:30:00"), status)];
                assert_eq!(ended(manually(&[], history(&syncs))).0, verdict);
                assert_eq!(ended(settled("attach", &[], history(&syncs))).0, verdict);
            }
        }
        let syncing = [("status.sync_state", json!("syncing"))];
        let (message, run) = goes_on(manually(&syncing, history(&[synced("12:00:01", None, "")])));
        assert_eq!(message, "the sync is running");
        assert!(run.contains(r#""sent":"2026-01-05T12:00:00Z""#), "{run}");
    }

    /// Settles a trigger of 12:00:00 again, after a `settle` at 12:30:00 with an unknown outcome.
    fn settled_again(changes: &[(&str, Value)], history: Answer) -> Progress {
        let look = shown_at("13:00:00", &[changes, &[manual()]].concat());
        let mut http = Scripted::answering([(LOOK, look), (&looked("12:00:00"), history)]);
        settle(&mut http, &account(), &parameters("fail"), &[AGE_MS, AGE_MS / 2]).expect("progress")
    }

    #[test]
    fn a_sync_that_settling_started_long_after_the_trigger_is_ours_and_one_in_between_is_not() {
        for (began, ours) in [("12:00:00", true), ("12:02:01", false), ("12:30:00", true), ("12:32:01", false)] {
            let end = ended(settled_again(&[], history(&[synced(began, Some("12:50:00"), "COMPLETED")])));
            let told = unknown(&format!("a sync began at 2026-01-05T{began}Z"));
            assert_eq!(end, if ours { (Verdict::Succeeded, "the sync succeeded".to_owned()) } else { told });
        }
        // It began with the trigger, and ended when that was settled.
        let end = settled_again(&[("succeeded_at", at("12:29:58"))], history(&[synced("12:00:10", None, "")]));
        assert_eq!(ended(end).0, Verdict::Succeeded);
    }

    #[test]
    fn a_sync_that_is_listed_late_is_ours_where_settling_started_it() {
        for (began, verdict) in [("12:30:01", Verdict::Succeeded), ("12:29:54", Verdict::Unknown)] {
            let (_, run) = goes_on(settled_again(&[("status.sync_state", json!("syncing"))], history(&[])));
            let listed = history(&[synced(began, Some("12:50:00"), "COMPLETED")]);
            let mut http = Scripted::answering([(LOOK, shown_at("13:00:00", &[manual()])), (&polled(), listed)]);
            let end = ended(poll(&mut http, &account(), &parameters("fail"), &run).expect("progress"));
            assert_eq!(end.0, verdict, "{began}");
        }
    }

    #[test]
    fn until_fivetran_shows_what_settling_started_no_other_is_started() {
        let mut http = Scripted::answering([(LOOK, shown_at("13:00:00", &[])), (&looked("12:00:00"), history(&[]))]);
        let settled = settle(&mut http, &account(), &parameters("fail"), &[AGE_MS, 30_000]);
        let error = settled.expect_err("too early");
        assert_eq!((error.code.as_str(), error.retry_after_ms), ("too_early", Some(90_000)));
    }

    #[test]
    fn without_any_age_nothing_is_sent() {
        let error = settle(&mut Scripted::answering([]), &account(), &parameters("fail"), &[]).expect_err("no age");
        assert_eq!(error.message, "ages-ms is empty: hand in how long ago the trigger was about to be sent");
    }

    #[test]
    fn one_that_began_too_soon_or_too_late_is_of_nobody_knows_whom() {
        for began in ["11:59:57", "11:59:59.9", "12:02:01"] {
            let progress = manually(&[], history(&[synced(began, Some("12:30:00"), "COMPLETED")]));
            assert_eq!(ended(progress), unknown(&format!("a sync began at 2026-01-05T{began}Z")));
        }
    }

    #[test]
    fn without_a_history_what_runs_or_ended_since_is_ours() {
        let silent = || answer(403, "");
        let (message, run) = goes_on(manually(&[("status.sync_state", json!("syncing"))], silent()));
        assert_eq!(message, "the sync is running");
        assert!(run.contains(r#""attached":true"#), "{run}");
        for (field, verdict) in [("succeeded_at", Verdict::Succeeded), ("failed_at", Verdict::Failed)] {
            assert_eq!(ended(manually(&[(field, at("12:00:00"))], silent())).0, verdict);
            let about = unknown("a sync ended at 2026-01-05T11:59:57Z");
            assert_eq!(ended(manually(&[(field, at("11:59:57"))], silent())), about);
        }
        let both = [("succeeded_at", at("12:20:00")), ("failed_at", at("12:10:00"))];
        assert_eq!(ended(manually(&both, silent())).0, Verdict::Unknown);
    }

    #[test]
    fn a_success_from_before_the_trigger_is_never_ours() {
        let just_before = ("succeeded_at", at("11:59:57"));
        let syncing = ("status.sync_state", json!("syncing"));
        let poll_again = |run: &str, history: Answer| {
            let look = shown_at("13:10:00", &[just_before.clone(), manual()]);
            let asked = polled().replace("13:00:01", "13:10:01");
            let mut http = Scripted::answering([(LOOK, look), (&asked, history)]);
            goes_on(poll(&mut http, &account(), &parameters("fail"), run).expect("progress")).0
        };
        let (_, run) = goes_on(manually(&[just_before.clone(), syncing], answer(403, "")));
        let stopped = "the sync runs no more; fivetran does not show yet how it ended";
        assert_eq!(poll_again(&run, answer(403, "")), stopped);
        let listed = || history(&[synced("12:00:10", None, "")]);
        for before_it in [just_before.clone(), ("succeeded_at", at("12:00:05"))] {
            let (message, run) = goes_on(manually(&[before_it], listed()));
            assert_eq!(message, "the sync is running");
            assert_eq!(poll_again(&run, listed()), "the sync is running");
        }
    }

    #[test]
    fn a_sync_that_is_listed_late_and_began_at_another_time_is_ours_only_to_attach_to() {
        let syncing = [("status.sync_state", json!("syncing")), manual()];
        for (policy, began, verdict) in [
            ("fail", "12:02:00", Verdict::Succeeded),
            ("fail", "12:02:01", Verdict::Unknown),
            ("fail", "11:59:59", Verdict::Unknown),
            ("attach", "12:40:00", Verdict::Succeeded),
        ] {
            let (_, run) = goes_on(settled(policy, &syncing, history(&[])));
            let look = shown_at("13:00:00", &[manual()]);
            let listed = history(&[synced(began, Some("12:50:00"), "COMPLETED")]);
            let mut http = Scripted::answering([(LOOK, look), (&polled(), listed)]);
            let end = ended(poll(&mut http, &account(), &parameters(policy), &run).expect("progress"));
            assert_eq!(end.0, verdict, "{policy} {began}");
            if verdict == Verdict::Unknown {
                assert_eq!(end, unknown(&format!("a sync began at 2026-01-05T{began}Z")));
            }
        }
    }

    #[test]
    fn where_one_ended_since_and_one_is_running_nobody_knows_which_is_ours() {
        let changes = [("succeeded_at", at("12:00:30")), ("status.sync_state", json!("syncing"))];
        let seen = unknown("a sync ended at 2026-01-05T12:00:30Z and one is running");
        assert_eq!(ended(manually(&changes, answer(403, ""))), seen);
    }

    #[test]
    fn a_sync_that_began_before_and_goes_on_was_in_the_way() {
        let settled_at = |age_ms, asked: &str, policy| {
            let look = shown_at("13:00:00", &[("status.sync_state", json!("syncing")), manual()]);
            let older = history(&[synced("11:30:00", None, "")]);
            let mut http = Scripted::answering([(LOOK, look), (asked, older)]);
            settle(&mut http, &account(), &parameters(policy), &[age_ms])
        };
        let settled = |policy| settled_at(AGE_MS, &looked("12:00:00"), policy);
        let soon = settled_at(119_001, &looked("12:58:00"), "fail");
        assert_eq!(soon.expect_err("it may have ended").code, "too_early");
        assert_eq!(settled("fail").expect_err("refused").code, "already_running");
        assert_eq!(ended(settled("skip").expect("progress")).0, Verdict::Skipped);
        let (_, run) = goes_on(settled("attach").expect("progress"));
        let mut http = Scripted::answering([(LOOK, shown_at("13:10:00", &[("succeeded_at", at("13:05:00"))]))]);
        let progress = poll(&mut http, &account(), &parameters("attach"), &run).expect("progress");
        assert_eq!(ended(progress).0, Verdict::Succeeded);
    }

    #[test]
    fn a_sync_that_was_running_then_is_not_ours() {
        let change = [("succeeded_at", at("12:00:30"))];
        let older = history(&[synced("11:30:00", Some("12:00:30"), "COMPLETED")]);
        let seen = unknown("a sync that began at 2026-01-05T11:30:00Z was running when it was triggered");
        let syncing = [("status.sync_state", json!("syncing"))];
        for change in [&change[..], &syncing] {
            assert_eq!(ended(manually(change, older.clone())), seen);
        }
        let just_before = history(&[synced("11:30:00", Some("11:59:57"), "COMPLETED")]);
        assert_eq!(goes_on(manually(&syncing, just_before)).0, "the sync is running");
    }

    #[test]
    fn what_fivetrans_own_schedule_may_have_started_is_ours_only_to_attach_to() {
        let put_off = [("status.sync_state", json!("rescheduled")), ("status.rescheduled_for", at("14:00:00"))];
        let began = || history(&[synced("12:00:01", Some("12:30:00"), "COMPLETED")]);
        for (changes, history, seen) in [
            (&[][..], began(), "a sync began at 2026-01-05T12:00:01Z"),
            (&[("status.sync_state", json!("syncing"))], answer(404, ""), "a sync is running"),
            (&[("succeeded_at", at("12:30:00"))], answer(404, ""), "a sync ended at 2026-01-05T12:30:00Z"),
            (&put_off, answer(404, ""), "fivetran put a sync off until 2026-01-05T14:00:00Z"),
        ] {
            let reason = format!("{seen}, and fivetran's own schedule may have started it");
            assert_eq!(ended(settled("fail", changes, history.clone())), unknown(&reason));
            let claimed = settled("attach", changes, history);
            assert!(!matches!(claimed, Progress::Finished(end) if end.verdict == Verdict::Unknown), "{seen}");
        }
    }

    #[test]
    fn where_no_sync_is_seen_one_is_started() {
        let hour = started(AGE_MS, &looked("12:00:00"), Ok(answer(200, STARTED)));
        let two_minutes = started(120_000, &looked("12:58:00"), Ok(answer(200, STARTED)));
        for progress in [hour, two_minutes] {
            let (message, run) = goes_on(progress.expect("started"));
            assert_eq!(message, "the sync was triggered");
            assert!(run.contains(r#""attached":false"#), "{run}");
            assert!(run.contains(r#""since":"2026-01-05T13:00:00Z""#), "{run}");
            assert!(run.contains(r#""sent":null"#), "{run}");
        }
    }

    #[test]
    fn while_fivetran_may_not_show_it_yet_none_is_started() {
        let look = shown_at("13:00:00", &[]);
        let asked = looked("12:58:00");
        let mut http = Scripted::answering([(LOOK, look), (&asked, history(&[]))]);
        let error = settle(&mut http, &account(), &parameters("fail"), &[119_001]).expect_err("too early");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Unavailable, "too_early"));
        assert_eq!(
            (error.message.as_str(), error.retry_after_ms),
            ("fivetran may not show yet that a sync was started: settle again 120 s after it was asked for", Some(999))
        );
    }

    #[test]
    fn beside_a_sync_that_waits_for_its_beginning_none_is_started() {
        let waiting = json!({"sync_id": "next", "start": null, "end": null});
        for row in [waiting, json!({"start": "soon"})] {
            let look = shown_at("13:00:00", &[manual()]);
            let asked = looked("12:58:00");
            let mut http = Scripted::answering([(LOOK, look), (&asked, history(core::slice::from_ref(&row)))]);
            let error = settle(&mut http, &account(), &parameters("fail"), &[119_001]).expect_err("too early");
            assert_eq!(error.code, "too_early");
            assert_eq!(ended(manually(&[], history(&[row]))), unknown("a sync waits for its beginning"));
        }
    }

    #[test]
    fn a_second_lost_answer_is_settled_again() {
        let lost = SendError::NoAnswer("the connection was closed".to_owned());
        let error = started(AGE_MS, &looked("12:00:00"), Err(lost)).expect_err("no answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn where_nobody_can_tell_nothing_is_started() {
        let mut http = Scripted::answering([(LOOK, shown(&[]))]);
        let progress = settle(&mut http, &account(), &parameters("attach"), &[AGE_MS]).expect("progress");
        assert_eq!(ended(progress), unknown("fivetran's answer tells no time"));
        let put_off = [("status.sync_state", json!("rescheduled")), ("status.rescheduled_for", at("14:00:00"))];
        let seen = unknown("fivetran put a sync off until 2026-01-05T14:00:00Z");
        assert_eq!(ended(manually(&put_off, history(&[]))), seen);
        assert_eq!(ended(manually(&[("paused", json!(true))], history(&[]))), unknown("the connection is paused"));
        let broken = [("status.setup_state", json!("broken")), ("status.tasks", json!([{"message": "Reconnect"}]))];
        assert_eq!(ended(manually(&broken, history(&[]))), unknown("the connection is broken: Reconnect"));
    }

    #[test]
    fn a_connection_that_is_to_be_synced_though_it_is_broken_is_settled_by_its_history() {
        let broken = || shown_at("13:00:00", &[("status.setup_state", json!("broken")), manual()]);
        let asked = [&parameters("fail")[..], &[sync_unready()]].concat();
        let seen = looked("12:00:00");
        let mut http = Scripted::answering([(LOOK, broken()), (&seen, history(&[])), (SYNC, answer(200, STARTED))]);
        let (message, run) = goes_on(settle(&mut http, &account(), &asked, &[AGE_MS]).expect("started"));
        assert!(message.starts_with("the sync was triggered though the connection is broken"), "{message}");
        assert!(run.contains(r#""unready":true"#), "{run}");
        let mut http = Scripted::answering([(LOOK, broken()), (&seen, answer(403, ""))]);
        let doubt = ended(settle(&mut http, &account(), &asked, &[AGE_MS]).expect("progress"));
        assert_eq!(doubt.0, Verdict::Unknown);
    }

    #[test]
    fn a_trigger_can_be_too_old_for_what_is_seen_to_be_of_it() {
        let never = "GET /v1/connections/one/sync-history\
            ?start_time=0000-01-01T00:00:00Z&end_time=0000-01-08T00:00:00Z&limit=1000";
        for (age_ms, asked) in [(AGE_MS + 1, looked("11:59:59")), (u64::MAX, never.to_owned())] {
            for (change, seen) in [
                (("status.sync_state", json!("syncing")), "a sync is running"),
                (("succeeded_at", at("12:30:00")), "a sync ended at 2026-01-05T12:30:00Z"),
            ] {
                let look = shown_at("13:00:00", &[("succeeded_at", json!(null)), change, manual()]);
                let mut http = Scripted::answering([(LOOK, look), (&asked, answer(404, ""))]);
                let progress = settle(&mut http, &account(), &parameters("fail"), &[age_ms]).expect("progress");
                assert_eq!(ended(progress), unknown(seen));
            }
        }
    }
}
