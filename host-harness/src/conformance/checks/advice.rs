//! Check of advice: what a message says to set is a field of the plugin.

use crate::CallError;
use crate::conformance::checks::verdicts::{Answered, Outcome};
use crate::conformance::kit::exchange::Exchange;
use crate::contract::Descriptor;

/// Words after which a name is advised.
const VERBS: [&str; 12] =
    ["add", "change", "choose", "give", "lower", "omit", "pass", "raise", "set", "specify", "try", "use"];

/// Words that may stand before the name.
const BEFORE: [&str; 6] = ["a", "an", "another", "the", "field", "parameter"];

/// The flaw of an answer that advises a field which the plugin does not describe. Names that the tool's answers hold are
/// the tool's own words.
pub(crate) fn of_advice(descriptor: &Descriptor, script: &[Exchange], outcome: &Outcome) -> Option<String> {
    let known = |name: &str| {
        let fields = descriptor.connection.iter().chain(&descriptor.parameters);
        fields.into_iter().any(|field| field.name == name || field.restrictions.one_of.iter().any(|one| one == name))
    };
    let of_the_tool = |name: &str| {
        let said = script.iter().flat_map(|exchange| exchange.headers.values().chain([&exchange.body]));
        said.into_iter().any(|said| said.contains(name))
    };
    texts(outcome).into_iter().find_map(|text| {
        let mut advised = advised(text).into_iter();
        let name = advised.find(|name| !known(name) && !of_the_tool(name))?;
        Some(format!("it advises {name}, which describe does not have: {text:?}"))
    })
}

/// The texts of an answer in the plugin's own words.
fn texts(outcome: &Outcome) -> Vec<&str> {
    match outcome {
        Ok(Answered::Progress(progress)) => {
            let report = progress.report();
            let steps = report.steps.iter().filter_map(|step| step.message.as_deref());
            [&*report.message].into_iter().chain(steps).collect()
        }
        Ok(Answered::Findings(findings)) => findings.iter().map(|finding| &*finding.message).collect(),
        Err(CallError::Task(error)) => vec![&error.message],
        Err(_) => Vec::new(),
    }
}

/// The fields that a text advises: `set NAME`, and `set NAME and NAME`, where the name has an underscore, or stands in
/// backticks or before an equals sign. Any other word may be one of plain speech.
fn advised(text: &str) -> Vec<&str> {
    let words: Vec<_> = text.split_whitespace().collect();
    let starts = words.iter().enumerate().filter(|(_, word)| {
        let bare = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        VERBS.iter().any(|verb| verb.eq_ignore_ascii_case(bare))
    });
    starts.flat_map(|(at, _)| after(&words[at + 1..])).collect()
}

/// The names at the beginning of these words.
fn after<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut words = words.iter().peekable();
    loop {
        while words.next_if(|word| BEFORE.contains(word)).is_some() {}
        let Some(word) = words.next() else { return names };
        let assigned = words.peek().is_some_and(|next| next.starts_with('='));
        let Some(name) = name(word, assigned) else { return names };
        names.push(name);
        // A list goes on after a comma, `and` or `or`.
        let listed = words.next_if(|next| ["and", "or"].contains(next)).is_some();
        if !listed && !word.ends_with(',') {
            return names;
        }
    }
}

/// The field that a word names.
fn name(word: &str, assigned: bool) -> Option<&str> {
    let quoted = word.starts_with('`');
    let word = word.trim_matches(['`', '"', '\'', '(', ')', ',', ';', '.', ':']);
    let (name, assigned) = word.split_once('=').map_or((word, assigned), |(name, _)| (name, true));
    let is_a_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (is_a_name && (quoted || assigned || name.contains('_'))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{descriptor, finished, running, task_error};
    use crate::contract::{ErrorKind, TaskError, Verdict};

    #[test]
    fn a_name_is_advised_after_a_verb_where_it_cannot_be_plain_speech() {
        for (text, names) in [
            ("it runs already: wait for it, or set on_already_running to attach or skip", &["on_already_running"][..]),
            ("set `retries` to 3", &["retries"]),
            ("Set retries=3, or use the field poll_every", &["retries", "poll_every"]),
            ("(set `retries = 3`)", &["retries"]),
            ("give client_id and client_secret, or username and password", &["client_id", "client_secret"]),
            ("set queue to fast", &[]),
            ("use another token, or give it to nobody", &[]),
            ("it was set up on 2026-01-05; rows_synced is 7", &[]),
            ("set its schedule_type to manual", &[]),
            ("missing field `id` at line 1", &[]),
            ("use", &[]),
        ] {
            assert_eq!(advised(text), names, "{text}");
        }
    }

    #[test]
    fn what_is_advised_is_described_or_the_tools_own_word() {
        let said = |message: &str| {
            Err(CallError::Task(TaskError { message: message.to_owned(), ..task_error(ErrorKind::Rejected) }))
        };
        let flaw = |script: &[Exchange], message| of_advice(&descriptor(), script, &said(message));
        assert_eq!(flaw(&[], "set base_url to the API"), None);
        let message = "set poll_every to more";
        let expected = "it advises poll_every, which describe does not have: \"set poll_every to more\"";
        assert_eq!(flaw(&[], message).as_deref(), Some(expected));
        let script: [Exchange; 1] = [toml::from_str("request = 'GET /jobs'\nbody = 'please set poll_every'").unwrap()];
        assert_eq!(flaw(&script, message), None);
        assert_eq!(of_advice(&descriptor(), &[], &running()), None);
        assert_eq!(of_advice(&descriptor(), &[], &finished(Verdict::Failed)), None);
    }
}
