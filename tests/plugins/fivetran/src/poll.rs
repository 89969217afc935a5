//! `poll`: how a run stands.

use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;

use crate::account::Account;
use crate::api::Api;
use crate::parameters::Parameters;
use crate::report::progress;
use crate::run::Run;

/// Asks Fivetran how the connection stands. Changes nothing there.
pub fn poll(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let run = Run::decode(run, &parameters.connection_id)?;
    let connection = Api::new(&account, http).connection(&run.connection_id)?;
    Ok(progress(&run, &connection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LOOK, account, at, ended, goes_on, parameters, shown};
    use crate::trigger::trigger;
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use plugin_guest::contract::{ErrorKind, Verdict};
    use plugin_guest::json::{Value, json};
    use plugin_guest::scripted::{Scripted, answer};

    type Changes<'a> = &'a [(&'a str, Value)];

    /// The run of a task that was attached while the connection stood so.
    fn begun(changes: Changes<'_>) -> String {
        let syncing = [changes, &[("status.sync_state", json!("syncing"))]].concat();
        let mut http = Scripted::answering([(LOOK, shown(&syncing))]);
        goes_on(trigger(&mut http, &account(), &parameters("attach")).expect("attached")).1
    }

    /// How it stands when the connection does so now.
    fn polled(before: Changes<'_>, now: Changes<'_>) -> Progress {
        let mut http = Scripted::answering([(LOOK, shown(now))]);
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
        assert_eq!(message, "the sync was triggered; fivetran does not show yet that it runs");
        let progress = polled(&failed, &[&failed[..], &[("succeeded_at", at("11:00:00"))]].concat());
        assert_eq!(ended(progress), (Verdict::Succeeded, "the sync succeeded".to_owned()));
    }

    #[test]
    fn no_clock_but_fivetrans_decides() {
        // Long ago and far ahead of any clock here: only that it moved counts.
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
    fn where_both_moved_the_later_counts() {
        let moved = |succeeded_at, failed_at| [("succeeded_at", at(succeeded_at)), ("failed_at", at(failed_at))];
        assert_eq!(
            ended(polled(&[], &moved("11:00:01", "11:00:00"))),
            (Verdict::Succeeded, "the sync succeeded, after one that failed at 2026-01-05T11:00:00Z".to_owned())
        );
        for failed_at in ["11:00:02", "11:00:01"] {
            assert_eq!(ended(polled(&[], &moved("11:00:01", failed_at))).0, Verdict::Failed);
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
        goes_on(polled(&manual, &manual));
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
