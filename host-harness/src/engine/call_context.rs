//! The context of one call: what the plugin is given, and what it must not give back.

use crate::contract::NamedValue;
use crate::engine::visit_text::VisitText;
use crate::inputs::arguments::CallInputs;
use crate::secrets::matcher::{SHORTEST, SecretMatcher};
use crate::secrets::placeholder::Placeholders;
use crate::{Arguments, Call, CallError, Denial, Function, Redactor, Secret};

/// The arguments of one call, with the secrets and placeholders in them.
pub(crate) struct CallContext {
    pub(crate) connection: Vec<NamedValue>,
    /// The parameters of each run.
    pub(crate) parameters: Vec<Vec<NamedValue>>,
    pub(crate) placeholders: Placeholders,
    /// The secrets and placeholders that no run and no host name may hold.
    hidden: Vec<Hidden>,
    pub(crate) redactor: Redactor,
}

/// A secret or its placeholder.
struct Hidden {
    /// The field whose value it is.
    name: String,
    secret: Secret,
    matcher: SecretMatcher,
}

impl CallContext {
    /// The context of a call about a run or, with `more`, about several of the same connection. The error is the system's,
    /// which has no random numbers for placeholders.
    pub(crate) fn new<'a>(
        arguments: &Arguments,
        more: impl IntoIterator<Item = &'a Arguments>,
    ) -> Result<Self, getrandom::Error> {
        let CallInputs { connection, parameters, mut placeholders, mut secrets } = arguments.give()?;
        let mut parameters = vec![parameters];
        for other in more {
            let inputs = other.give_parameters()?;
            parameters.push(inputs.parameters);
            placeholders.extend(inputs.placeholders);
            secrets.extend(inputs.secrets);
        }
        let placeholders: Placeholders = placeholders.into_iter().collect();
        let standing = placeholders.iter().map(|one| (one.name.clone(), Secret::new(&*one.text)));
        let all: Vec<_> = secrets.into_iter().chain(standing).collect();
        let redactor = Redactor::new(all.iter().map(|(_, secret)| secret.clone()));
        let long = all.into_iter().filter(|(_, secret)| secret.expose().len() >= SHORTEST);
        let hidden = long.map(|(name, secret)| Hidden { name, matcher: SecretMatcher::new([secret.clone()]), secret });
        let hidden = hidden.collect();
        Ok(Self { connection, parameters, placeholders, hidden, redactor })
    }

    /// Redacts secrets and placeholders in a call. A run that holds one violates the contract: it is stored in the
    /// clear, and a placeholder means nothing to the next call.
    pub(crate) fn cleanse<T: VisitText>(&self, function: Function, call: Call<T>) -> Call<T> {
        let mut call = Call {
            outcome: call.outcome.and_then(|answer| {
                answer.refuse_runs(&|run| {
                    let reason = format!("its run holds the secret `{}`", self.field_in_run(run)?);
                    Some(CallError::BrokenContract { function, reason })
                })
            }),
            ..call
        };
        for denial in &mut call.denied {
            if let Some(name) = denial.origin().and_then(|origin| self.field_in_host(&origin.to_string())) {
                *denial = Denial::SecretInHost { name: name.to_owned() };
            }
        }
        call.visit(&mut |text| {
            if let Some(masked) = self.redactor.found(text) {
                *text = masked;
            }
        });
        call
    }

    /// The field whose secret or placeholder is in a run. A match in other case alone does not count: a run refused by
    /// chance is lost.
    fn field_in_run(&self, run: &str) -> Option<&str> {
        let held = |Hidden { secret, matcher, .. }: &&Hidden| {
            matcher.find(run.as_bytes(), 0).is_some_and(|found| {
                let (found, secret) = (&run.as_bytes()[found], secret.expose().as_bytes());
                found == secret || !found.eq_ignore_ascii_case(secret)
            })
        };
        self.hidden.iter().find(held).map(|hidden| &*hidden.name)
    }

    /// The field whose secret or placeholder is in a host name, whatever its case: host names are in lower case.
    fn field_in_host(&self, host: &str) -> Option<&str> {
        self.hidden.iter().find(|hidden| hidden.matcher.is_in(host)).map(|hidden| &*hidden.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Progress, Report, Running, Value};

    fn call(run: &str, message: &str) -> Call<Progress> {
        let report = Report {
            message: message.to_owned(),
            steps: Vec::new(),
            started_at: None,
            completed_at: None,
            metadata: vec![
                NamedValue { name: "said".to_owned(), value: Value::Text(message.to_owned()) },
                NamedValue { name: "pin".to_owned(), value: Value::Integer(4_815_162_342) },
            ],
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
        let context = CallContext::new(&arguments(), []).unwrap();
        let placeholder = context.placeholders.iter().next().unwrap().text.clone();
        for said in [&*placeholder, "hunter2-and-more"] {
            let call = context.cleanse(Function::Poll, call("r1", &format!("<{said}>")));
            assert_eq!(call.stderr, "<***>");
            let Ok(Progress::Running(running)) = call.outcome else { panic!("no progress") };
            assert_eq!((&*running.run, &*running.report.message), ("r1", "<***>"));
            assert_eq!(running.report.metadata[0].value, Value::Text("<***>".to_owned()));
        }
    }

    #[test]
    fn a_run_with_a_secret_or_a_placeholder_is_a_breach_of_the_contract() {
        let exposed = CallContext::new(&arguments().expose_secrets(), []).unwrap();
        let context = CallContext::new(&arguments(), []).unwrap();
        let placeholder = context.placeholders.iter().next().unwrap().text.clone();
        for (context, run) in [
            (&context, &*placeholder),
            (&exposed, "v1 hunter2-and-more"),
            (&exposed, r#"{"t":"hunter2\u002dand-more"}"#),
            (&exposed, "aHVudGVyMi1hbmQtbW9yZQ=="),
        ] {
            assert_eq!(
                context.cleanse(Function::Trigger, call(run, "")).outcome.unwrap_err().to_string(),
                "the plugin's trigger broke the contract: its run holds the secret `token`"
            );
        }
    }

    #[test]
    fn of_several_runs_each_has_its_own_secret_and_none_is_told() {
        let other = arguments().secret_parameter("salt", Secret::new("pepper-of-run-2"));
        let context = CallContext::new(&arguments(), [&other]).unwrap();
        assert_eq!(context.parameters.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1]);
        let salt = context.placeholders.iter().find(|placeholder| placeholder.name == "salt").unwrap();
        let says = |run: &str, text: &str| call(run, text).outcome;
        let results = vec![
            says("r1", &salt.text),
            says("r1", "pepper-of-run-2"),
            says("r1", "hunter2-and-more"),
            says(&salt.text, "nothing"),
        ];
        let call = Call { outcome: Ok(results), ..Call::quiet(Ok(Vec::new())) };
        let results = context.cleanse(Function::PollMany, call).outcome.unwrap();
        for result in &results[..3] {
            let Ok(progress) = result else { panic!("{result:?}") };
            assert_eq!(progress.report().message, "***");
        }
        let told = "the plugin's poll-many broke the contract: its run holds the secret `salt`";
        assert_eq!(results[3].as_ref().unwrap_err().to_string(), told);
    }

    #[test]
    fn a_run_that_has_it_in_other_letters_is_not_lost() {
        let context = CallContext::new(&arguments().expose_secrets(), []).unwrap();
        assert!(context.cleanse(Function::Trigger, call("Hunter2-And-More", "")).outcome.is_ok());
    }

    #[test]
    fn a_host_name_with_a_secret_or_a_placeholder_is_told_without_it() {
        let context = CallContext::new(&arguments().expose_secrets(), []).unwrap();
        let hidden = CallContext::new(&arguments(), []).unwrap();
        let placeholder = hidden.placeholders.iter().next().unwrap().text.clone();
        for (context, host) in [(&context, "Hunter2-And-More"), (&hidden, &*placeholder)] {
            let origin: crate::Origin = format!("https://x-{host}.example.com").parse().unwrap();
            let tunnel = Denial::Method { method: "CONNECT".to_owned(), origin: origin.clone() };
            let call = Call { denied: vec![Denial::Origin(origin), tunnel], ..call("r1", "") };
            let denied = context.cleanse(Function::Trigger, call).denied;
            assert_eq!(denied, [(); 2].map(|()| Denial::SecretInHost { name: "token".to_owned() }));
        }
    }

    #[test]
    fn a_secret_of_digits_is_hidden_where_it_is_a_number() {
        let context = CallContext::new(&arguments().secret("pin", Secret::new("4815162342")), []).unwrap();
        let Ok(Progress::Running(running)) = context.cleanse(Function::Poll, call("r1", "")).outcome else { panic!() };
        assert_eq!(running.report.metadata[1].value, Value::Text("***".to_owned()));
    }

    #[test]
    fn a_short_secret_breaks_no_run_by_chance() {
        let context =
            CallContext::new(&Arguments::new(Vec::new(), Vec::new()).secret("pin", Secret::new("1")), []).unwrap();
        assert!(context.cleanse(Function::Poll, call("v1", "")).outcome.is_ok());
    }
}
