//! The results of checks while they are made.

use crate::Redactor;
use crate::conformance::checks::check::Check;
use crate::conformance::report::checked::{Checked, Failure};

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

    /// Records that a check was made, and its failure, if any.
    pub(crate) fn note(&mut self, check: Check, place: &str, exchanges: &[String], flaw: Option<String>) {
        let checked = &mut self.checks[check as usize];
        checked.times += 1;
        let Some(message) = flaw else { return };
        checked.failed += 1;
        if checked.failures.len() < Self::MOST {
            let masked = |text: &String| self.redactor.text(text);
            checked.failures.push(Failure {
                place: place.to_owned(),
                message: masked(&message),
                exchanges: exchanges.iter().map(masked).collect(),
            });
        }
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

    #[test]
    fn every_check_is_noted_under_its_own_name() {
        let mut ledger = ledger();
        for &check in Check::ALL {
            ledger.note(check, "here", &[], Some(check.to_string()));
        }
        assert!(ledger.close().iter().all(|checked| checked.failures[0].message == checked.check.name()));
    }

    #[test]
    fn a_check_is_passed_where_it_was_made_or_could_not_be_and_nothing_failed_it() {
        let mut ledger = ledger();
        ledger.note(Check::Situations, "here", &[], None);
        ledger.excuse(Check::SecretsUntouched, "the plugin computes with its secrets");
        ledger.note(Check::RunChecked, "here", &[], None);
        ledger.note(Check::RunChecked, "here", &[], Some("it took it".to_owned()));
        let passed = ledger.close().into_iter().filter(Checked::passed).map(|checked| checked.check);
        assert_eq!(passed.collect::<Vec<_>>(), [Check::Situations, Check::SecretsUntouched]);
    }

    #[test]
    fn of_many_failures_the_first_are_kept_and_all_are_counted() {
        let mut ledger = ledger();
        for _ in 0..30 {
            ledger.note(Check::KitComplete, "here", &[], Some("no".to_owned()));
        }
        let checked = ledger.close().swap_remove(Check::KitComplete as usize);
        assert_eq!((checked.times, checked.failed, checked.failures.len()), (30, 30, 20));
    }

    #[test]
    fn what_is_kept_of_a_failure_holds_no_secret() {
        let mut ledger = ledger();
        let line = "GET /?token=hunter2-and-more -> 200".to_owned();
        ledger.note(Check::KitComplete, "here", &[line], Some("it said hunter2-and-more".to_owned()));
        let failure = ledger.close().swap_remove(Check::KitComplete as usize).failures.remove(0);
        assert_eq!((&*failure.message, &*failure.exchanges[0]), ("it said ***", "GET /?token=*** -> 200"));
    }
}
