//! What one call gives to the plugin, and what it must not get back.

use crate::contract::NamedValue;
use crate::placeholder::Placeholders;
use crate::texts::Texts;
use crate::{Call, CallError, Function, Mask, Secret};

/// Secrets shorter than this, in bytes, are not looked for where a chance find would do harm: in the bodies of responses
/// and in runs.
pub(crate) const SHORTEST: usize = 8;

/// The arguments of one call, as the plugin sees them.
pub(crate) struct Given {
    pub(crate) connection: Vec<NamedValue>,
    pub(crate) parameters: Vec<NamedValue>,
    pub(crate) placeholders: Placeholders,
    /// What no run may hold, with the names of the fields: the secrets and what stands for them.
    unstorable: Vec<(String, Secret)>,
    mask: Mask,
}

impl Given {
    pub(crate) fn new(
        connection: Vec<NamedValue>,
        parameters: Vec<NamedValue>,
        placeholders: Placeholders,
        secrets: Vec<(String, Secret)>,
    ) -> Self {
        let standing = placeholders.iter().map(|one| (one.name.clone(), Secret::new(&*one.text)));
        let unstorable: Vec<_> = secrets.into_iter().chain(standing).collect();
        let mask = Mask::new(unstorable.iter().map(|(_, secret)| secret.clone()));
        Self { connection, parameters, placeholders, unstorable, mask }
    }

    /// What came of the call, without secrets and placeholders. A run that holds one is a breach of the contract: it is
    /// stored in the clear, and a placeholder means nothing to the next call.
    pub(crate) fn cleanse<T: Texts>(&self, function: Function, call: Call<T>) -> Call<T> {
        let mut call = Call {
            outcome: call.outcome.and_then(|answer| match answer.run().and_then(|run| self.field_in(run)) {
                Some(name) => {
                    Err(CallError::BrokenContract { function, reason: format!("its run holds the secret `{name}`") })
                }
                None => Ok(answer),
            }),
            ..call
        };
        call.visit(&mut |text| {
            if let Some(masked) = self.mask.found(text) {
                *text = masked;
            }
        });
        call
    }

    /// The field whose secret, or what stands for it, is in a run.
    fn field_in(&self, run: &str) -> Option<&str> {
        let long = self.unstorable.iter().filter(|(_, secret)| secret.expose().len() >= SHORTEST);
        long.into_iter().find(|(_, secret)| run.contains(secret.expose())).map(|(name, _)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Arguments;
    use crate::contract::{Progress, Report, Running, Value};

    fn call(run: &str, message: &str) -> Call<Progress> {
        let report = Report {
            message: message.to_owned(),
            steps: Vec::new(),
            started_at: None,
            completed_at: None,
            metadata: vec![NamedValue { name: "said".to_owned(), value: Value::Text(message.to_owned()) }],
            links: Vec::new(),
        };
        let running = Running { run: run.to_owned(), poll_after_ms: 1, report };
        Call { stderr: message.to_owned(), ..Call::quiet(Ok(Progress::Running(running))) }
    }

    fn arguments() -> Arguments {
        Arguments::new(Vec::new(), Vec::new()).secret("token", Secret::new("hunter2-and-more"))
    }

    #[test]
    fn what_came_of_a_call_holds_neither_the_secret_nor_its_placeholder() {
        let given = arguments().give().unwrap();
        let placeholder = given.placeholders.iter().next().unwrap().text.clone();
        for said in [&*placeholder, "hunter2-and-more"] {
            let call = given.cleanse(Function::Poll, call("r1", &format!("<{said}>")));
            assert_eq!(call.stderr, "<***>");
            let Ok(Progress::Running(running)) = call.outcome else { panic!("no progress") };
            assert_eq!((&*running.run, &*running.report.message), ("r1", "<***>"));
            assert_eq!(running.report.metadata[0].value, Value::Text("<***>".to_owned()));
        }
    }

    #[test]
    fn a_run_with_a_secret_or_a_placeholder_is_a_breach_of_the_contract() {
        let exposed = arguments().expose_secrets().give().unwrap();
        let given = arguments().give().unwrap();
        let placeholder = given.placeholders.iter().next().unwrap().text.clone();
        for (given, run) in [(&given, &*placeholder), (&exposed, "v1 hunter2-and-more")] {
            assert_eq!(
                given.cleanse(Function::Trigger, call(run, "")).outcome.unwrap_err().to_string(),
                "the plugin's trigger broke the contract: its run holds the secret `token`"
            );
        }
    }

    #[test]
    fn a_short_secret_breaks_no_run_by_chance() {
        let given = Arguments::new(Vec::new(), Vec::new()).secret("pin", Secret::new("1")).give().unwrap();
        assert!(given.cleanse(Function::Poll, call("v1", "")).outcome.is_ok());
    }
}
