//! Attribution: tells our job from the other jobs of its source.
//!
//! For each source Stitch lists only the last job that completed. While ours runs, that is an older one; once a later
//! one has completed, ours cannot be seen any more.

use crate::run::Run;
use crate::stitch::extraction::{Completion, Extraction};
use crate::stitch::job_name::JobName;
use plugin_guest::sent::{Attribution, Sent};
use plugin_guest::timestamp::Timestamp;

/// How long to wait for a job if another ended in the second of our request, in milliseconds of requested waits.
const PATIENCE_MS: u64 = 30 * 60 * 1000;

/// The result of looking for our job.
#[derive(Clone, Copy, Debug)]
pub enum Sighting<'a> {
    /// It has not completed.
    NotYet,
    /// This is it.
    Ours(&'a Extraction),
    /// It has ended, and this later job has taken its place.
    Superseded(&'a Extraction),
    /// This may or may not be it, for this reason.
    Doubtful(&'a Extraction, &'static str),
}

/// Looks for our job among the rows of our source.
///
/// If the trigger has neither a job name with a time nor a time, the job listed at the first poll is taken to be older
/// than ours, and stored in `run.seen`.
pub fn sight<'a>(run: &mut Run, rows: &'a [Extraction]) -> Sighting<'a> {
    let ours = rows.iter().find(|row| is_ours(run, row));
    if let Some(ours) = ours.or_else(|| rows.iter().find(|row| is_the_triggers_own(run, row))) {
        if run.job.is_none() && !run.sent.as_ref().is_none_or(|sent| can_be_of(sent, ours)) {
            return Sighting::Doubtful(ours, "began too early or too late to be of the trigger");
        }
        run.job = Some(ours.job_name.clone());
        return Sighting::Ours(ours);
    }
    if let Some(later) = rows.iter().find(|row| is_later(run, row)) {
        return Sighting::Superseded(later);
    }
    if run.job.is_none() && !run.awaits_next && run.waited_ms >= PATIENCE_MS {
        if let Some(equal) = rows.iter().find(|row| ended_as_we_came(run, row)) {
            return Sighting::Doubtful(equal, "ended in the second in which it was attached to");
        }
        if let Some(undated) = rows.iter().find(|row| row.completion == Some(Completion::Unreadable)) {
            return Sighting::Doubtful(undated, "ended at a time that cannot be read");
        }
    }
    if run.since.is_none() && run.seen.is_none() {
        run.seen =
            rows.iter().filter_map(|row| row.completion_time().or(row.start_time)).max().or(Some(Timestamp::EPOCH));
    }
    Sighting::NotYet
}

/// True if the row is our job. A job that was already running is the next to complete, or the one listed while it runs;
/// it began before our request, unless the run waits for the next one.
fn is_ours(run: &Run, row: &Extraction) -> bool {
    match (&run.job, row.completion) {
        (Some(job), _) => row.job_name == *job,
        (None, None) => !is_later(run, row),
        (None, Some(Completion::At(completed))) => {
            run.since.or(run.seen).is_some_and(|since| completed > since) && !is_later(run, row)
        }
        (None, Some(Completion::Unreadable)) => run.awaits_next && began_after_us(run, row),
    }
}

/// True if a job began when the trigger's would.
fn can_be_of(sent: &Sent, row: &Extraction) -> bool {
    row.began().is_some_and(|began| sent.attribution(began.second) == Attribution::Ours)
}

/// True if a job that ended in the second of our request is that of the trigger being settled: by its name it began
/// when that was sent, and Stitch runs one job of a source at a time.
fn is_the_triggers_own(run: &Run, row: &Extraction) -> bool {
    run.job.is_none() && ended_as_we_came(run, row) && run.sent.as_ref().is_some_and(|sent| can_be_of(sent, row))
}

/// True if a job ended in the second of our request: it may be ours, or the one before.
fn ended_as_we_came(run: &Run, row: &Extraction) -> bool {
    run.since.is_some() && row.completion_time() == run.since
}

/// True if a job began after our request.
fn began_after_us(run: &Run, row: &Extraction) -> bool {
    run.since.zip(row.began()).is_some_and(|(since, began)| began.second > since)
}

/// True if another job of our source began after ours: to the nanosecond if both names tell it, else to the second. Of a run
/// that waits for the next job, none is later before that job is known.
fn is_later(run: &Run, row: &Extraction) -> bool {
    let ours = run.job.as_ref().and_then(JobName::began);
    if let (Some(ours), Some(theirs)) = (ours, row.job_name.began()) {
        return theirs > ours;
    }
    if run.job.is_none() && run.awaits_next {
        return false;
    }
    // An already running job began after what was seen, too: that says nothing about the row.
    let seen = run.seen.filter(|_| run.job.is_some());
    let ours = ours.map(|began| began.second).or(run.since).or(seen);
    let theirs = row.began().map(|began| began.second);
    ours.zip(theirs).is_some_and(|(ours, theirs)| theirs > ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{SOURCE_ID, extraction, row};
    use crate::stitch::id::SourceId;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use serde_json::{Value, json};

    const OLDER: &str = "1.7.sync.c12fb0a7-7e4a-11e9-abdc-0edc2c318fba";
    const OURS: &str = "1.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d";
    const LATER: &str = "1.7.sync.e4d8eae6-b23e-11ea-94a1-02cbbd504f7d";

    fn run(job: Option<&str>, since: Option<&str>) -> Run {
        Run {
            job: job.map(|name| JobName::new(name.to_owned()).expect("a name")),
            attached: job.is_none(),
            since: since.map(|text| Timestamp::parse(text).expect("a time")),
            ..Run::new(SourceId::new(SOURCE_ID).expect("an id"))
        }
    }

    fn listed(job: &str, start: &str, completion: impl Into<Value>) -> Extraction {
        let mut row = row(job);
        row["start_time"] = json!(start);
        row["completion_time"] = completion.into();
        extraction(&row)
    }

    fn seen(run: &mut Run, row: &Extraction) -> &'static str {
        match sight(run, std::slice::from_ref(row)) {
            Sighting::NotYet => "not yet",
            Sighting::Ours(_) => "ours",
            Sighting::Superseded(_) => "superseded",
            Sighting::Doubtful(_, reason) => reason,
        }
    }

    #[test]
    fn jobs_whose_names_hold_times_are_told_apart_to_the_nanosecond_by_no_clock() {
        let at_once = "1.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7e";
        for (listed_job, sighting) in [(OLDER, "not yet"), (OURS, "ours"), (at_once, "not yet"), (LATER, "superseded")]
        {
            let row = listed(listed_job, "1999-01-01T00:00:00Z", "1999-01-01T00:00:01Z");
            assert_eq!(seen(&mut run(Some(OURS), None), &row), sighting);
        }
    }

    #[test]
    fn where_the_other_name_holds_no_time_start_time_decides() {
        for (start, sighting) in [("2020-06-19T15:09:38Z", "not yet"), ("2020-06-19T15:09:39Z", "superseded")] {
            assert_eq!(seen(&mut run(Some(OURS), None), &listed("odd", start, start)), sighting);
        }
    }

    #[test]
    fn where_our_name_holds_no_time_the_moment_of_the_trigger_decides() {
        for (start, sighting) in [("2020-06-19T15:09:38Z", "not yet"), ("2020-06-19T15:09:39Z", "superseded")] {
            assert_eq!(
                seen(&mut run(Some("odd"), Some("2020-06-19T15:09:38Z")), &listed("other", start, start)),
                sighting
            );
        }
    }

    #[test]
    fn without_any_time_what_the_first_poll_sees_is_older() {
        let mut run = run(Some("odd"), None);
        let first = listed("other", "2020-06-19T15:00:00Z", "2020-06-19T15:05:00Z");
        assert_eq!(seen(&mut run, &first), "not yet");
        assert_eq!(seen(&mut run, &first), "not yet");
        assert_eq!(seen(&mut run, &listed("later", "2020-06-19T16:00:00Z", "2020-06-19T16:05:00Z")), "superseded");
        assert_eq!(seen(&mut run, &listed("odd", "2020-06-19T15:06:00Z", "2020-06-19T15:07:00Z")), "ours");
    }

    #[test]
    fn an_attached_run_takes_the_next_job_that_completes() {
        let mut run = run(None, Some("2020-06-19T15:00:00Z"));
        assert_eq!(seen(&mut run, &listed(OLDER, "2020-06-19T14:00:00Z", "2020-06-19T15:00:00Z")), "not yet");
        assert_eq!(seen(&mut run, &listed("odd", "2020-06-19T15:00:00Z", "2020-06-19T15:00:01Z")), "ours");
        assert_eq!(run.job.as_ref().map(ToString::to_string).as_deref(), Some("odd"));
        assert_eq!(seen(&mut run, &listed("later", "2020-06-19T16:00:00Z", "2020-06-19T17:00:00Z")), "superseded");
    }

    #[test]
    fn a_settled_run_takes_only_a_job_that_its_trigger_can_have_started() {
        let doubtful = "began too early or too late to be of the trigger";
        for (sent, sighting) in
            [("15:07:37", doubtful), ("15:07:38", "ours"), ("15:09:38", "ours"), ("15:09:39", doubtful)]
        {
            let moment = Timestamp::parse(&alloc::format!("2020-06-19T{sent}Z")).expect("a time");
            for completion in [json!("2020-06-19T17:00:00Z"), Value::Null] {
                let mut run = Run { sent: Some(Sent::at(moment, [])), ..run(None, Some("2020-06-19T16:00:00Z")) };
                assert_eq!(seen(&mut run, &listed(OURS, "2020-06-19T15:09:38Z", completion)), sighting, "{sent}");
                assert_eq!(run.job.is_some(), sighting == "ours");
            }
        }
        let moment = Timestamp::parse("2020-06-19T15:09:38Z").expect("a time");
        let long_before = Timestamp::parse("2020-06-19T14:00:00Z").expect("a time");
        let mut settled = Run { sent: Some(Sent::at(long_before, [moment])), ..run(None, None) };
        assert_eq!(seen(&mut settled, &listed(OURS, "2020-06-19T15:09:38Z", Value::Null)), "ours");
        let mut run = Run { sent: Some(Sent::at(moment, [])), ..run(None, None) };
        let mut undated = row("odd");
        undated["start_time"] = Value::Null;
        undated["completion_time"] = Value::Null;
        assert_eq!(seen(&mut run, &extraction(&undated)), doubtful);
    }

    #[test]
    fn a_job_that_ended_in_the_second_of_the_attach_is_named_when_no_later_one_came() {
        let equal = listed(OURS, "2020-06-19T15:09:38Z", "2020-06-19T15:09:43Z");
        let mut run = run(None, Some("2020-06-19T15:09:43Z"));
        run.waited_ms = 1_799_999;
        assert_eq!(seen(&mut run, &equal), "not yet");
        run.waited_ms = 1_800_000;
        assert_eq!(seen(&mut run, &equal), "ended in the second in which it was attached to");
        assert_eq!(seen(&mut run, &listed(OLDER, "2020-06-19T14:00:00Z", "2020-06-19T14:30:00Z")), "not yet");
        // A job that began in the second of our request and took longer is ours.
        assert_eq!(seen(&mut run, &listed("odd", "2020-06-19T15:09:43Z", "2020-06-19T15:50:00Z")), "ours");
    }

    #[test]
    fn a_job_that_ended_at_a_time_that_cannot_be_read_is_named_when_no_later_one_came() {
        let undated = listed(OURS, "2020-06-19T15:09:38Z", "at noon");
        for (job, waited_ms, sighting) in [
            (None, 1_799_999, "not yet"),
            (None, 1_800_000, "ended at a time that cannot be read"),
            (Some(LATER), 1_800_000, "not yet"),
        ] {
            let mut run = Run { waited_ms, ..run(job, Some("2020-06-19T15:09:43Z")) };
            assert_eq!(seen(&mut run, &undated), sighting, "{job:?} {waited_ms}");
        }
    }

    #[test]
    fn a_job_that_ended_in_the_second_of_the_attach_is_ours_where_it_began_with_the_trigger() {
        let equal = listed(OURS, "2020-06-19T15:09:38Z", "2020-06-19T15:09:43Z");
        let came = "2020-06-19T15:09:43Z";
        for (sent, sighting) in [("15:09:37", "ours"), ("15:00:00", "not yet"), ("15:09:43", "not yet")] {
            let moment = Timestamp::parse(&alloc::format!("2020-06-19T{sent}Z")).expect("a time");
            let mut run = Run { sent: Some(Sent::at(moment, [])), ..run(None, Some(came)) };
            assert_eq!(seen(&mut run, &equal), sighting, "{sent}");
            assert_eq!(run.job.is_some(), sighting == "ours");
        }
    }

    #[test]
    fn an_attached_run_does_not_take_a_job_that_began_after_it() {
        for completion in [json!("2020-06-19T17:00:00Z"), Value::Null] {
            let mut run = run(None, Some("2020-06-19T15:09:37Z"));
            assert_eq!(seen(&mut run, &listed(OURS, "2020-06-19T15:09:38Z", completion)), "superseded");
        }
    }

    /// A run that waits for the next job.
    fn waiting(since: Option<&str>) -> Run {
        Run { awaits_next: true, ..run(None, since) }
    }

    #[test]
    fn a_run_that_waits_takes_the_next_job_that_completes_whenever_it_began() {
        let came = "2020-06-19T15:00:00Z";
        for (job, start, completion, sighting) in [
            (OLDER, "2020-06-19T14:00:00Z", json!("2020-06-19T14:59:59Z"), "not yet"),
            (OLDER, "2020-06-19T14:00:00Z", json!(came), "not yet"),
            ("ran-already", "2020-06-19T14:00:00Z", json!("2020-06-19T15:00:01Z"), "ours"),
            ("ran-already", "2020-06-19T14:00:00Z", Value::Null, "ours"),
            (OURS, "2020-06-19T15:09:38Z", json!("2020-06-19T15:09:43Z"), "ours"),
            (OURS, "2020-06-19T15:09:38Z", Value::Null, "ours"),
            (OURS, "2020-06-19T15:09:38Z", json!("at noon"), "ours"),
            ("ran-already", "2020-06-19T15:00:00Z", json!("at noon"), "not yet"),
        ] {
            let mut run = waiting(Some(came));
            assert_eq!(seen(&mut run, &listed(job, start, completion.clone())), sighting, "{job} {completion}");
            assert_eq!(run.job.is_some(), sighting == "ours");
        }
    }

    #[test]
    fn a_run_that_waits_is_patient_with_what_may_have_ended_before_it_came() {
        for completion in ["2020-06-19T15:09:43Z", "at noon"] {
            let mut run = Run { waited_ms: PATIENCE_MS, ..waiting(Some("2020-06-19T15:09:43Z")) };
            assert_eq!(seen(&mut run, &listed(OURS, "2020-06-19T15:09:38Z", completion)), "not yet");
        }
    }

    #[test]
    fn a_run_that_waits_and_has_seen_its_job_run_takes_no_later_one() {
        let mut run = waiting(Some("2020-06-19T15:00:00Z"));
        assert_eq!(seen(&mut run, &listed(OURS, "2020-06-19T15:09:38Z", Value::Null)), "ours");
        assert_eq!(seen(&mut run, &listed(OLDER, "2020-06-19T14:00:00Z", "2020-06-19T14:30:00Z")), "not yet");
        assert_eq!(seen(&mut run, &listed(LATER, "2020-06-19T15:09:40Z", "2020-06-19T15:10:00Z")), "superseded");
    }

    #[test]
    fn a_run_that_waits_without_a_time_takes_a_row_that_the_first_poll_did_not_see() {
        let mut run = waiting(None);
        assert_eq!(seen(&mut run, &listed(OLDER, "2020-06-19T14:00:00Z", "2020-06-19T14:59:59Z")), "not yet");
        assert_eq!(seen(&mut run, &listed(OURS, "2020-06-19T15:09:38Z", "2020-06-19T15:20:00Z")), "ours");
    }

    #[test]
    fn an_attached_run_without_a_time_waits_for_a_row_that_the_first_poll_did_not_see() {
        let mut run = run(None, None);
        assert_eq!(seen(&mut run, &listed(OLDER, "2020-06-19T14:00:00Z", "2020-06-19T14:59:59Z")), "not yet");
        assert_eq!(seen(&mut run, &listed(OURS, "2020-06-19T15:09:38Z", "2020-06-19T15:20:00Z")), "ours");
    }

    #[test]
    fn what_the_first_poll_saw_is_older_even_if_the_next_sees_nothing() {
        let first = listed(OLDER, "2020-06-19T14:00:00Z", "2020-06-19T14:59:59Z");
        for job in [None, Some("odd")] {
            let mut run = run(job, None);
            assert_eq!(seen(&mut run, &first), "not yet");
            assert!(matches!(sight(&mut run, &[]), Sighting::NotYet));
            assert_eq!(seen(&mut run, &first), "not yet");
        }
    }

    #[test]
    fn an_attached_run_knows_a_running_row_as_its_job() {
        let row = listed(OURS, "2020-06-19T15:09:38Z", Value::Null);
        assert_eq!(seen(&mut run(None, None), &row), "ours");
    }
}
