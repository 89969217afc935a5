//! Required situations: every tool can be in them.

use std::ops::RangeInclusive;

use crate::conformance::kit::called::Called;
use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::situation::Situation;
use crate::contract::{ErrorKind, Verdict};

/// A situation that a kit must have, or excuse.
#[derive(Debug)]
pub(crate) struct RequiredSituation {
    /// Its name.
    pub(crate) name: &'static str,
    /// The functions, one of which it must call.
    calls: &'static [Called],
    /// The results that it may have.
    results: &'static [Expected],
    /// The status of the last answer, if that defines the situation.
    status: Option<RangeInclusive<u16>>,
    /// True if some tools cannot be in it.
    pub(crate) excusable: bool,
}

/// The situation that a tool cannot be in which answers a trigger at once.
pub(crate) const RUNNING: &str = "running";

/// The situations that a trigger is in where its tool answers it at once.
const AT_ONCE: [&str; 3] = ["failed", "stopped", "new_status"];

const TRIGGER: &[Called] = &[Called::Trigger];
const POLL: &[Called] = &[Called::Poll];
const EITHER: &[Called] = &[Called::Trigger, Called::Poll];

const fn row(
    name: &'static str,
    calls: &'static [Called],
    results: &'static [Expected],
    status: Option<RangeInclusive<u16>>,
    excusable: bool,
) -> RequiredSituation {
    RequiredSituation { name, calls, results, status, excusable }
}

/// All required situations.
pub(crate) const REQUIRED: [RequiredSituation; 11] = {
    use ErrorKind::{NotFound, NotUnderstood, OutcomeUnknown, Rejected, Unauthorized, Unavailable};
    use Expected::{Failed, Finished, Running};
    [
        row("started", TRIGGER, &[Running], None, false),
        row("already_running", TRIGGER, &[Failed(Rejected), Running, Finished(Verdict::Skipped)], None, true),
        row(RUNNING, POLL, &[Running], None, true),
        row("succeeded", POLL, &[Finished(Verdict::Succeeded)], None, false),
        row("failed", POLL, &[Finished(Verdict::Failed)], None, false),
        row("stopped", POLL, &[Finished(Verdict::Cancelled), Finished(Verdict::Unknown)], None, true),
        row("new_status", POLL, &[Running, Failed(NotUnderstood)], None, true),
        row("unauthorized", TRIGGER, &[Failed(Unauthorized)], Some(401..=401), true),
        row("not_found", EITHER, &[Failed(NotFound)], Some(404..=404), true),
        row("server_error", TRIGGER, &[Failed(Unavailable), Failed(OutcomeUnknown)], Some(500..=599), false),
        row("rate_limited", EITHER, &[Failed(Unavailable)], Some(429..=429), true),
    ]
};

impl RequiredSituation {
    /// The flaw of a kit with these situations. `at_once`: the tool answers a trigger with the end of its run.
    pub(crate) fn flaw(&self, situations: &[Situation], excused: bool, at_once: bool) -> Option<String> {
        let name = self.name;
        let (calls, results) = match name {
            "started" if at_once => (self.calls, &[Expected::Finished(Verdict::Succeeded)][..]),
            // It is `started` itself.
            "succeeded" if at_once => return None,
            name if at_once && AT_ONCE.contains(&name) => (EITHER, self.results),
            _ => (self.calls, self.results),
        };
        let Some(situation) = situations.iter().find(|situation| situation.name == name) else {
            let or = if self.excusable { ", or under [cannot] why it cannot be in it" } else { "" };
            return (!excused).then(|| format!("the kit has no situation {name}: say what the tool answers in it{or}"));
        };
        let status = situation.last().map(|exchange| exchange.status);
        if !calls.contains(&situation.call) {
            let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
            Some(format!("{name} calls {}, not {}", calls.join(" or "), situation.call))
        } else if !results.contains(&situation.result) {
            let results: Vec<_> = results.iter().map(|result| result.name()).collect();
            Some(format!("the result of {name} is {}, not {}", results.join(" or "), situation.result.name()))
        } else {
            let wanted =
                self.status.as_ref().filter(|wanted| !status.is_some_and(|status| wanted.contains(&status)))?;
            let wanted = match (wanted.start(), wanted.end()) {
                (start, end) if start == end => start.to_string(),
                (start, end) => format!("{start} to {end}"),
            };
            Some(format!("the last answer of {name} has the status {wanted}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(name: &str, situation: &str) -> Option<String> {
        let situations: Vec<Situation> = match situation {
            "" => Vec::new(),
            text => vec![toml::from_str(&format!("name = '{name}'\n{text}")).unwrap()],
        };
        let required = REQUIRED.iter().find(|required| required.name == name).unwrap();
        required.flaw(&situations, false, false)
    }

    #[test]
    fn a_name_binds_the_call_the_result_and_the_status() {
        let answered = |status| format!("[[exchange]]\nrequest = 'GET /jobs'\nstatus = {status}");
        for (name, situation, expected) in [
            ("running", "call = 'trigger'\nresult = 'running'".to_owned(), "running calls poll, not trigger"),
            (
                "stopped",
                "call = 'poll'\nresult = 'failed'".to_owned(),
                "the result of stopped is cancelled or unknown, not failed",
            ),
            (
                "not_found",
                format!("call = 'poll'\nresult = 'not_found'\n{}", answered(400)),
                "the last answer of not_found has the status 404",
            ),
            (
                "server_error",
                format!("call = 'trigger'\nresult = 'outcome_unknown'\n{}", answered(429)),
                "the last answer of server_error has the status 500 to 599",
            ),
            ("failed", String::new(), "the kit has no situation failed: say what the tool answers in it"),
            (
                "stopped",
                String::new(),
                "the kit has no situation stopped: say what the tool answers in it, or under [cannot] why it cannot be in it",
            ),
        ] {
            assert_eq!(flaw(name, &situation).as_deref(), Some(expected));
        }
        let error = format!("call = 'trigger'\nresult = 'outcome_unknown'\n{}", answered(504));
        assert_eq!(flaw("server_error", &error), None);
        assert_eq!(flaw("new_status", "call = 'poll'\nresult = 'not_understood'"), None);
    }

    #[test]
    fn a_situation_is_excused_where_the_kit_says_why() {
        let stopped = REQUIRED.iter().find(|required| required.name == "stopped").unwrap();
        assert_eq!(stopped.flaw(&[], true, false), None);
    }

    #[test]
    fn a_tool_that_answers_at_once_has_its_ends_in_the_trigger() {
        let flaw = |name: &str, call: &str, result: &str| {
            let situation = format!("name = '{name}'\ncall = '{call}'\nresult = '{result}'");
            let required = REQUIRED.iter().find(|required| required.name == name).unwrap();
            required.flaw(&[toml::from_str(&situation).unwrap()], false, true)
        };
        assert_eq!(flaw("started", "trigger", "succeeded"), None);
        assert_eq!(flaw("failed", "trigger", "failed"), None);
        let running = flaw("started", "trigger", "running");
        assert_eq!(running.as_deref(), Some("the result of started is succeeded, not running"));
        let succeeded = REQUIRED.iter().find(|required| required.name == "succeeded").unwrap();
        assert_eq!(succeeded.flaw(&[], false, true), None);
    }
}
