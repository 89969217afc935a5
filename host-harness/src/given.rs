//! What one call gives to the plugin, and what it must not get back.

use crate::contract::NamedValue;
use crate::placeholder::Placeholders;
use crate::texts::Texts;
use crate::{Call, CallError, Denial, Function, Mask, Secret};

/// Secrets shorter than this, in bytes, are not looked for where a chance find would do harm: in the bodies of responses
/// in runs and in the names of hosts.
pub(crate) const SHORTEST: usize = 8;

/// The arguments of one call, as the plugin sees them.
pub(crate) struct Given {
    pub(crate) connection: Vec<NamedValue>,
    pub(crate) parameters: Vec<NamedValue>,
    pub(crate) placeholders: Placeholders,
    /// What no run and no host name may hold, with the names of the fields: the secrets and what stands for them.
    hidden: Vec<(String, Secret)>,
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
        let all: Vec<_> = secrets.into_iter().chain(standing).collect();
        let mask = Mask::new(all.iter().map(|(_, secret)| secret.clone()));
        let hidden = all.into_iter().filter(|(_, secret)| secret.expose().len() >= SHORTEST).collect();
        Self { connection, parameters, placeholders, hidden, mask }
    }

    /// What came of the call, without secrets and placeholders. A run that holds one is a breach of the contract: it is
    /// stored in the clear, and a placeholder means nothing to the next call.
    pub(crate) fn cleanse<T: Texts>(&self, function: Function, call: Call<T>) -> Call<T> {
        let mut call = Call {
            outcome: call.outcome.and_then(|answer| match answer.run().and_then(|run| self.field_in_run(run)) {
                Some(name) => {
                    Err(CallError::BrokenContract { function, reason: format!("its run holds the secret `{name}`") })
                }
                None => Ok(answer),
            }),
            ..call
        };
        for denial in &mut call.denied {
            if let Denial::Origin(origin) = denial
                && let Some(name) = self.field_in_host(&origin.to_string())
            {
                *denial = Denial::SecretInHost { name: name.to_owned() };
            }
        }
        call.visit(&mut |text| {
            if let Some(masked) = self.mask.found(text) {
                *text = masked;
            }
        });
        call
    }

    /// The field whose secret, or what stands for it, is in a run. Only as it is: a run that is refused by chance is lost.
    fn field_in_run(&self, run: &str) -> Option<&str> {
        self.hidden.iter().find(|(_, secret)| run.contains(secret.expose())).map(|(name, _)| &**name)
    }

    /// The same, in the name of a host, which spells it in small letters.
    fn field_in_host(&self, host: &str) -> Option<&str> {
        let found = |secret: &Secret| Mask::new([secret.clone()]).found(host).is_some();
        self.hidden.iter().find(|(_, secret)| found(secret)).map(|(name, _)| &**name)
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
    fn a_run_that_has_it_in_other_letters_is_not_lost() {
        let given = arguments().expose_secrets().give().unwrap();
        assert!(given.cleanse(Function::Trigger, call("Hunter2-And-More", "")).outcome.is_ok());
    }

    #[test]
    fn a_host_name_with_a_secret_or_a_placeholder_is_told_without_it() {
        let given = arguments().expose_secrets().give().unwrap();
        let hidden = arguments().give().unwrap();
        let placeholder = hidden.placeholders.iter().next().unwrap().text.clone();
        for (given, host) in [(&given, "Hunter2-And-More"), (&hidden, &*placeholder)] {
            let origin = format!("https://x-{host}.example.com").parse().unwrap();
            let call = Call { denied: vec![Denial::Origin(origin)], ..call("r1", "") };
            let denied = given.cleanse(Function::Trigger, call).denied;
            assert_eq!(denied, [Denial::SecretInHost { name: "token".to_owned() }]);
        }
    }

    #[test]
    fn a_short_secret_breaks_no_run_by_chance() {
        let given = Arguments::new(Vec::new(), Vec::new()).secret("pin", Secret::new("1")).give().unwrap();
        assert!(given.cleanse(Function::Poll, call("v1", "")).outcome.is_ok());
    }
}
