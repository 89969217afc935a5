//! The results of checks while they are made.

use crate::Redactor;
use crate::conformance::checks::check::Check;
use crate::conformance::report::checked::{Checked, Failure};
use crate::conformance::report::scene::Scene;

/// The results so far, redacted.
#[derive(Debug)]
pub(crate) struct Results {
    redactor: Redactor,
    checks: Vec<Checked>,
}

impl Results {
    /// The most failures that are kept of one check.
    const MOST: usize = 20;

    pub(crate) fn new(redactor: Redactor) -> Self {
        let open = |&check| Checked { check, times: 0, excuse: None, failed: 0, failures: Vec::new() };
        Self { redactor, checks: Check::ALL.iter().map(open).collect() }
    }

    /// Records that a check was made, and its failure, if any. One that is equal to an earlier one is counted with it.
    pub(crate) fn note(&mut self, check: Check, scene: &Scene, flaw: Option<String>) {
        let checked = &mut self.checks[check as usize];
        checked.times += 1;
        let Some(message) = flaw else { return };
        checked.failed += 1;
        let masked = |text: &String| self.redactor.text(text);
        let (message, Scene { place, play, field, exchanges, stderr }) = (masked(&message), scene);
        let equal = |failure: &&mut Failure| failure.message == message && failure.field == *field;
        if let Some(failure) = checked.failures.iter_mut().find(equal) {
            failure.times += 1;
            if failure.place != *place && !failure.also.contains(place) {
                failure.also.push(place.clone());
            }
        } else if checked.failures.len() < Self::MOST {
            checked.failures.push(Failure {
                place: place.clone(),
                play: play.as_ref().map(masked),
                field: field.clone(),
                message,
                times: 1,
                also: Vec::new(),
                exchanges: exchanges.iter().map(masked).collect(),
                stderr: stderr.iter().map(masked).collect(),
            });
        }
    }

    /// Records why checks that were not made yet cannot be made.
    pub(crate) fn excuse_the_rest(&mut self, reason: &'static str) {
        self.checks.iter_mut().filter(|checked| checked.times == 0).for_each(|checked| checked.excuse = Some(reason));
    }

    /// Records why a check cannot be made.
    pub(crate) fn excuse(&mut self, check: Check, reason: &'static str) {
        self.checks[check as usize].excuse = Some(reason);
    }

    pub(crate) fn close(self) -> Vec<Checked> {
        self.checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn ledger() -> Results {
        Results::new(Redactor::new([Secret::new("hunter2-and-more")]))
    }

    fn here() -> Scene {
        Scene::at("here")
    }

    #[test]
    fn every_check_is_noted_under_its_own_name() {
        let mut ledger = ledger();
        for &check in Check::ALL {
            ledger.note(check, &here(), Some(check.to_string()));
        }
        assert!(ledger.close().iter().all(|checked| checked.failures[0].message == checked.check.name()));
    }

    #[test]
    fn a_check_is_passed_where_it_was_made_or_could_not_be_and_nothing_failed_it() {
        let mut ledger = ledger();
        ledger.note(Check::Situations, &here(), None);
        ledger.excuse(Check::SecretsUntouched, "the plugin computes with its secrets");
        ledger.note(Check::RunChecked, &here(), None);
        ledger.note(Check::RunChecked, &here(), Some("it took it".to_owned()));
        let passed = ledger.close().into_iter().filter(Checked::passed).map(|checked| checked.check);
        assert_eq!(passed.collect::<Vec<_>>(), [Check::Situations, Check::SecretsUntouched]);
    }

    #[test]
    fn what_was_not_made_is_excused_and_what_failed_is_not() {
        let mut ledger = ledger();
        ledger.note(Check::KitComplete, &here(), Some("no".to_owned()));
        ledger.excuse_the_rest("the kit does not fit");
        let failed: Vec<_> = ledger.close().into_iter().filter(|checked| !checked.passed()).collect();
        assert_eq!(failed.iter().map(|checked| checked.check).collect::<Vec<_>>(), [Check::KitComplete]);
    }

    #[test]
    fn of_many_failures_the_first_are_kept_and_all_are_counted() {
        let mut ledger = ledger();
        for number in 0..30 {
            ledger.note(Check::KitComplete, &here(), Some(format!("no {number}")));
        }
        let checked = ledger.close().swap_remove(Check::KitComplete as usize);
        assert_eq!((checked.times, checked.failed, checked.failures.len(), checked.untold()), (30, 30, 20, 10));
    }

    #[test]
    fn equal_failures_are_told_once_with_where_they_came_first() {
        let mut ledger = ledger();
        let mut note = |place: &str, play: &str, field: &str| {
            let scene = Scene::at(place).played(play).about(field);
            ledger.note(Check::InputChecked, &scene, Some("it took it".to_owned()));
        };
        note("trigger", "where job is missing", "job");
        note("trigger", "where job is of another kind", "job");
        note("poll", "where job is missing", "job");
        note("poll", "where url is no URL", "url");
        let failures = ledger.close().swap_remove(Check::InputChecked as usize).failures;
        let told = |failure: &Failure| {
            let Failure { place, play, field, times, also, .. } = failure.clone();
            (place, play.unwrap_or_default(), field.unwrap_or_default(), times, also)
        };
        let job =
            ("trigger".to_owned(), "where job is missing".to_owned(), "job".to_owned(), 3, vec!["poll".to_owned()]);
        let url = ("poll".to_owned(), "where url is no URL".to_owned(), "url".to_owned(), 1, Vec::new());
        assert_eq!(failures.iter().map(told).collect::<Vec<_>>(), [job, url]);
    }

    #[test]
    fn what_is_kept_of_a_failure_holds_no_secret() {
        let mut ledger = ledger();
        let exchanges = vec!["GET /?token=hunter2-and-more -> 200".to_owned()];
        let scene = Scene { exchanges, ..here().crashed("panicked at hunter2-and-more") };
        ledger.note(Check::KitComplete, &scene, Some("it said hunter2-and-more".to_owned()));
        let failure = ledger.close().swap_remove(Check::KitComplete as usize).failures.remove(0);
        assert_eq!((&*failure.message, &*failure.exchanges[0]), ("it said ***", "GET /?token=*** -> 200"));
        assert_eq!(failure.stderr, ["panicked at ***"]);
    }
}
