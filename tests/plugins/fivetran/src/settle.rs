//! `settle`: what became of a trigger whose answer nobody has.

use alloc::format;

use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::finished;
use plugin_guest::sent::Whose;

use crate::account::Account;
use crate::api::Api;
use crate::connection::Traces;
use crate::moment::Moment;
use crate::parameters::Parameters;
use crate::report::{progress, report, running};
use crate::run::Run;
use crate::trigger::start;

/// Takes the sync for ours that runs, was put off or ended since the trigger. Where there is none, starts one: Fivetran itself
/// starts none while one runs.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    age_ms: u64,
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let Parameters { connection_id, .. } = Parameters::parse(parameters)?;
    let mut api = Api::new(&account, http);
    let connection = api.connection(&connection_id)?;
    let Traces { succeeded_at, failed_at, .. } = connection.traces;
    let run = Run { connection_id, before: connection.traces, attached: true };
    if connection.is_syncing() {
        return Ok(running(&run, &connection, "took the sync that runs for the one that was triggered"));
    }
    let unknown = |reason: &str| {
        let event = format!("whether a sync was started is not known: {reason}");
        Ok(finished(Verdict::Unknown, report(&run, &connection, &event)))
    };
    let Some(sent) = api.sent(age_ms) else {
        return unknown("fivetran's answer tells no time");
    };
    let whose = |moment: &Moment| sent.whose(moment.second());
    if [succeeded_at, failed_at].iter().flatten().any(|moment| whose(moment) == Whose::Unclear) {
        return unknown("one ended about when it was triggered");
    }
    let earlier = |moment: Option<Moment>| moment.filter(|moment| whose(moment) == Whose::Older);
    let before = Traces { succeeded_at: earlier(succeeded_at), failed_at: earlier(failed_at), ..connection.traces };
    if before != connection.traces {
        return Ok(progress(&Run { before, ..run }, &connection));
    }
    // None of these says when it came to be so, and a sync may have been started before.
    if let Some(problem) = connection.setup_problem() {
        return unknown(&problem);
    }
    if connection.is_paused() {
        return unknown("the connection is paused");
    }
    match connection.traces.rescheduled_for {
        None => start(&mut api, &Run { attached: false, ..run }, &connection),
        Some(until) if connection.manual => unknown(&format!("fivetran put one off until {until}")),
        Some(_) => Ok(progress(&Run { before: Traces { rescheduled_for: None, ..before }, ..run }, &connection)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LOOK, STARTED, SYNC, account, at, ended, goes_on, parameters, shown, shown_at};
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::json::{Value, json};
    use plugin_guest::scripted::{Scripted, answer};

    /// A minute, which is how long ago the trigger was about to be sent in all of these tests, where it is 12:00:00.
    const AGE_MS: u64 = 60_000;

    fn settled(changes: &[(&str, Value)]) -> Progress {
        let mut http = Scripted::answering([(LOOK, shown_at("12:00:00", changes))]);
        settle(&mut http, &account(), &parameters("fail"), AGE_MS).expect("progress")
    }

    fn started(look: Answer, sync: Result<Answer, SendError>) -> Result<Progress, TaskError> {
        let mut http = Scripted::new([(LOOK, Ok(look)), (SYNC, sync)]);
        settle(&mut http, &account(), &parameters("fail"), AGE_MS)
    }

    fn unknown(reason: &str) -> (Verdict, String) {
        (Verdict::Unknown, alloc::format!("whether a sync was started is not known: {reason}"))
    }

    #[test]
    fn a_sync_that_runs_is_the_one_that_was_triggered() {
        let (message, run) = goes_on(settled(&[("status.sync_state", json!("syncing"))]));
        assert_eq!(message, "took the sync that runs for the one that was triggered");
        assert!(run.contains(r#""attached":true"#), "{run}");
    }

    #[test]
    fn so_is_one_that_ended_since_the_trigger() {
        for (field, verdict) in [("succeeded_at", Verdict::Succeeded), ("failed_at", Verdict::Failed)] {
            for time in ["11:59:00", "11:59:00.25", "11:59:59", "12:00:00.9"] {
                assert_eq!(ended(settled(&[(field, at(time))])).0, verdict, "{field} {time}");
            }
        }
        let both = [("succeeded_at", at("11:59:30")), ("failed_at", at("11:59:40"))];
        assert_eq!(ended(settled(&both)).0, Verdict::Failed);
    }

    #[test]
    fn where_none_ended_since_one_is_started() {
        for changes in [&[][..], &[("succeeded_at", at("11:58:54.999999")), ("failed_at", at("11:58:00"))]] {
            let progress = started(shown_at("12:00:00", changes), Ok(answer(200, STARTED)));
            let (message, run) = goes_on(progress.expect("started"));
            assert_eq!(message, "the sync was triggered");
            assert!(run.contains(r#""attached":false"#), "{run}");
        }
    }

    #[test]
    fn a_second_lost_answer_is_settled_again() {
        let lost = SendError::NoAnswer("the connection was closed".to_owned());
        let error = started(shown_at("12:00:00", &[]), Err(lost)).expect_err("no answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn where_nobody_can_tell_nothing_is_started() {
        let mut http = Scripted::answering([(LOOK, shown(&[]))]);
        let progress = settle(&mut http, &account(), &parameters("fail"), AGE_MS).expect("progress");
        assert_eq!(ended(progress), unknown("fivetran's answer tells no time"));
        for time in ["11:58:55", "11:58:59.999999"] {
            let about = unknown("one ended about when it was triggered");
            assert_eq!(ended(settled(&[("succeeded_at", at(time))])), about);
        }
        let put_off = [("status.sync_state", json!("rescheduled")), ("status.rescheduled_for", at("13:00:00"))];
        let manual = [&put_off[..], &[("schedule_type", json!("manual"))]].concat();
        assert_eq!(ended(settled(&manual)), unknown("fivetran put one off until 2026-01-05T13:00:00Z"));
        assert_eq!(ended(settled(&[("paused", json!(true))])), unknown("the connection is paused"));
        let broken = [("status.setup_state", json!("broken")), ("status.tasks", json!([{"message": "Reconnect"}]))];
        assert_eq!(ended(settled(&broken)), unknown("the connection is broken: Reconnect"));
    }

    #[test]
    fn a_sync_that_was_put_off_and_goes_on_by_itself_is_waited_for() {
        let put_off = [("status.sync_state", json!("rescheduled")), ("status.rescheduled_for", at("13:00:00"))];
        let (message, _) = goes_on(settled(&put_off));
        assert_eq!(message, "fivetran put the sync off until 2026-01-05T13:00:00Z and goes on by itself then");
    }

    #[test]
    fn no_age_is_too_great() {
        let mut http = Scripted::answering([(LOOK, shown_at("12:00:00", &[]))]);
        let progress = settle(&mut http, &account(), &parameters("fail"), u64::MAX).expect("progress");
        assert_eq!(ended(progress).0, Verdict::Succeeded);
    }
}
