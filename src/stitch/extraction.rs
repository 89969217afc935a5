//! A replication job's extraction: one row of the list of the last extractions.

use alloc::format;
use alloc::string::{String, ToString};

use plugin_guest::json::{RawValue, lenient};
use plugin_guest::timestamp::Timestamp;
use serde::de::{Deserialize, Deserializer};

use super::job_name::{Began, JobName};

/// An extraction, as Stitch lists it.
#[derive(Clone, Debug)]
pub struct Extraction {
    /// The job.
    pub job_name: JobName,
    /// The source's type, such as `tap-recurly`. The documentation has two names for the field.
    pub source_type: Option<String>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended; none while it runs.
    pub completion: Option<Completion>,
    /// Its phases, in order.
    pub phases: [Phase; 3],
    /// The first status that is missing or unreadable, and why.
    unread: Option<String>,
}

/// When an extraction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// At this time.
    At(Timestamp),
    /// At an unreadable time.
    Unreadable,
}

/// One of an extraction's three phases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Discovery, tap or target.
    pub name: &'static str,
    /// 0 if it succeeded, another number if it failed. None while it runs, if it never ran or is unreadable.
    pub exit_status: Option<i64>,
    /// The raw message of a phase that failed or was terminated.
    pub description: Option<String>,
}

impl Phase {
    /// True if it failed: any status but 0.
    pub fn failed(&self) -> bool {
        self.exit_status.is_some_and(|status| status != 0)
    }
}

/// The state of an extraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on.
    Running,
    /// All three phases succeeded.
    Succeeded,
    /// This phase failed first.
    Failed(Phase),
    /// Stitch terminated it. The text is its message.
    Terminated(Option<String>),
    /// A status that the verdict depends on is missing or unreadable. The text says which, and what was found.
    Unclear(String),
}

/// The row in JSON. Everything but the job's name may be missing or odd, and fails only a verdict that depends on it.
#[derive(serde::Deserialize)]
struct Row {
    job_name: JobName,
    #[serde(default, deserialize_with = "lenient::text_field")]
    source_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text_field")]
    tap_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::time_or_none_field")]
    start_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "completion")]
    completion_time: Option<Completion>,
    #[serde(default)]
    discovery_exit_status: Status,
    #[serde(default, deserialize_with = "lenient::text_field")]
    discovery_description: Option<String>,
    #[serde(default)]
    tap_exit_status: Status,
    #[serde(default, deserialize_with = "lenient::text_field")]
    tap_description: Option<String>,
    #[serde(default)]
    target_exit_status: Status,
    #[serde(default, deserialize_with = "lenient::text_field")]
    target_description: Option<String>,
}

/// The exit status of a phase. None if the field is missing, which means neither running nor terminated.
#[derive(Default)]
struct Status(Option<Result<Option<i64>, String>>);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(field)?;
        Ok(Self(Some(lenient::integer_field(raw).map_err(|problem: serde_json::Error| problem.to_string()))))
    }
}

impl Status {
    /// The reason why the phase `name` has no readable status, if so.
    fn problem(&self, name: &str) -> Option<String> {
        match &self.0 {
            None => Some(format!("missing field `{name}_exit_status`")),
            Some(Err(problem)) => Some(format!("{name}_exit_status: {problem}")),
            Some(Ok(_)) => None,
        }
    }
}

/// Parses a completion. Values that mean "no time" are none: the job is running.
fn completion<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Completion>, D::Error> {
    let raw = <&RawValue>::deserialize(field)?;
    let is_none = matches!(raw.get().trim_matches('"').trim(), "" | "null" | "false" | "0" | "{}" | "[]");
    let completion = lenient::time(raw).map_or(Completion::Unreadable, Completion::At);
    // So is a zero time, as some languages write it: 0001-01-01T00:00:00Z.
    Ok(Some(completion)
        .filter(|completion| !is_none && !matches!(completion, Completion::At(time) if *time <= Timestamp::EPOCH)))
}

impl<'de> Deserialize<'de> for Extraction {
    fn deserialize<D: Deserializer<'de>>(row: D) -> Result<Self, D::Error> {
        let row = Row::deserialize(row)?;
        let mut unread = None;
        let mut phase = |name, status: Status, description| {
            unread = unread.take().or_else(|| status.problem(name));
            Phase { name, exit_status: status.0.and_then(Result::ok).flatten(), description }
        };
        let phases = [
            phase("discovery", row.discovery_exit_status, row.discovery_description),
            phase("tap", row.tap_exit_status, row.tap_description),
            phase("target", row.target_exit_status, row.target_description),
        ];
        Ok(Self {
            job_name: row.job_name,
            source_type: row.source_type.or(row.tap_name),
            start_time: row.start_time,
            completion: row.completion_time,
            phases,
            unread,
        })
    }
}

impl Extraction {
    /// When the job began: by its name, which is more precise, or by `start_time`.
    pub fn began(&self) -> Option<Began> {
        self.job_name.began().or_else(|| self.start_time.map(|second| Began { second, nanos: 0 }))
    }

    /// When the job ended, if it has and the time is readable.
    pub fn completion_time(&self) -> Option<Timestamp> {
        match self.completion {
            Some(Completion::At(time)) => Some(time),
            Some(Completion::Unreadable) | None => None,
        }
    }

    /// Its state. A failed phase fails the job, complete or not, whatever the other statuses are. A complete job with a
    /// phase without a status was terminated: that status will never come.
    pub fn standing(&self) -> Standing {
        if let Some(failed) = self.phases.iter().find(|phase| phase.failed()) {
            return Standing::Failed(failed.clone());
        }
        if let Some(problem) = &self.unread {
            return Standing::Unclear(problem.clone());
        }
        match (self.completion, self.phases.iter().find(|phase| phase.exit_status.is_none())) {
            (None, _) => Standing::Running,
            (Some(_), None) => Standing::Succeeded,
            (Some(_), Some(ended)) => Standing::Terminated(ended.description.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{extraction, read, row};
    use alloc::borrow::ToOwned;
    use serde_json::{Value, json};

    fn standing(changes: &Value) -> Standing {
        let mut row = row("116078.233312.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d");
        for (name, value) in changes.as_object().expect("an object") {
            row[name] = value.clone();
        }
        extraction(&row).standing()
    }

    #[test]
    fn it_succeeded_when_it_is_completed_and_all_statuses_are_0() {
        assert_eq!(standing(&json!({})), Standing::Succeeded);
        assert_eq!(standing(&json!({"completion_time": null})), Standing::Running);
    }

    #[test]
    fn the_first_phase_that_failed_is_the_one_to_blame() {
        for (changes, blamed) in [
            (json!({"discovery_exit_status": 1, "tap_exit_status": 2}), "discovery"),
            (json!({"tap_exit_status": -1, "target_exit_status": null}), "tap"),
            (json!({"target_exit_status": 137, "completion_time": null}), "target"),
        ] {
            assert!(matches!(standing(&changes), Standing::Failed(phase) if phase.name == blamed), "{changes}");
        }
    }

    #[test]
    fn completed_without_a_status_is_terminated_and_not_running() {
        let terminated = json!({
            "discovery_exit_status": null, "tap_exit_status": null, "target_exit_status": null,
            "discovery_description": "Terminated", "tap_description": "Terminated", "target_description": "Terminated",
        });
        assert_eq!(standing(&terminated), Standing::Terminated(Some("Terminated".to_owned())));
        assert_eq!(standing(&json!({"target_exit_status": null})), Standing::Terminated(None));
    }

    #[test]
    fn a_running_phase_is_running() {
        assert_eq!(standing(&json!({"completion_time": null, "tap_exit_status": null})), Standing::Running);
    }

    #[test]
    fn what_stands_for_no_completion_is_none() {
        for completion in [
            json!(""),
            json!(false),
            json!(0),
            json!(" "),
            json!({}),
            json!([]),
            json!("null"),
            json!("0001-01-01T00:00:00Z"),
        ] {
            let changes = json!({"completion_time": completion, "tap_exit_status": null, "target_exit_status": null});
            assert_eq!(standing(&changes), Standing::Running, "{changes}");
        }
    }

    #[test]
    fn a_status_that_cannot_be_read_hides_no_failure() {
        for (odd, blamed) in
            [("discovery_exit_status", "tap"), ("target_exit_status", "tap"), ("tap_exit_status", "target")]
        {
            let mut row = row("1.2.sync.x");
            row[odd] = json!("n/a");
            row[format!("{blamed}_exit_status")] = json!(1);
            assert!(matches!(extraction(&row).standing(), Standing::Failed(phase) if phase.name == blamed), "{odd}");
            row.as_object_mut().expect("an object").remove(odd);
            assert!(matches!(extraction(&row).standing(), Standing::Failed(_)), "{odd}");
        }
    }

    #[test]
    fn a_row_is_forgiven_what_is_optional_and_not_a_missing_status() {
        let mut row = json!({"job_name": "1.2.sync.x", "source_id": "2", "tap_name": "tap-x", "discovery_exit_status": null,
            "tap_exit_status": null, "target_exit_status": null, "tap_description": {"odd": 1}});
        let extraction = extraction(&row);
        assert_eq!(extraction.source_type.as_deref(), Some("tap-x"));
        assert_eq!(extraction.phases[1].description.as_deref(), Some(r#"{"odd":1}"#));
        for (field, value, problem) in [
            ("job_name", json!(""), "job_name: not the name of a job: \"\""),
            ("job_name", json!(null), "job_name: not the name of a job: null"),
        ] {
            let mut row = row.clone();
            row[field] = value;
            assert_eq!(read::<Extraction>(&row).expect_err(field), problem);
        }
        for (value, problem) in [
            (json!("none"), "tap_exit_status: not a whole number: \"none\""),
            (json!(0.5), "tap_exit_status: not a whole number: 0.5"),
        ] {
            row["tap_exit_status"] = value;
            assert_eq!(self::extraction(&row).standing(), Standing::Unclear(problem.to_owned()));
        }
        row.as_object_mut().expect("an object").remove("tap_exit_status");
        let missing = Standing::Unclear("missing field `tap_exit_status`".to_owned());
        assert_eq!(self::extraction(&row).standing(), missing);
    }

    #[test]
    fn a_status_is_one_in_every_form_that_means_a_number() {
        for (status, expected) in [
            (json!("0"), Standing::Succeeded),
            (json!(0.0), Standing::Succeeded),
            (json!("0.0"), Standing::Succeeded),
            (json!("1"), failed(1)),
            (json!(1.0), failed(1)),
        ] {
            assert_eq!(standing(&json!({"tap_exit_status": status})), expected, "{status}");
        }
    }

    fn failed(status: i64) -> Standing {
        Standing::Failed(Phase { name: "tap", exit_status: Some(status), description: None })
    }

    #[test]
    fn no_time_or_text_that_cannot_be_read_stops_a_verdict() {
        for changes in [
            json!({"start_time": "noon"}),
            json!({"start_time": {"odd": []}, "source_type": 7, "tap_description": [1]}),
            json!({"completion_time": "noon"}),
        ] {
            assert_eq!(standing(&changes), Standing::Succeeded, "{changes}");
        }
    }
}
