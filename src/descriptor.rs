//! The answer to `describe`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::base_url::BaseUrl;
use crate::bindings::orchestrator::plugin::types::{Descriptor, Field, FieldKind, Restrictions, Value};
use crate::pace::BUDGET;
use crate::parameters::{OnAlreadyRunning, WaitFor};

/// What the plugin is and what it takes.
pub fn descriptor() -> Descriptor {
    Descriptor {
        name: "stitch-sync".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tool: "Stitch".to_owned(),
        parameters: vec![
            Field {
                required: true,
                example: Some(Value::Integer(123_456)),
                ..id(
                    "source_id",
                    "Source ID",
                    "The number of the source in Stitch: the last number in the URL of its page",
                )
            },
            choice(
                "on_already_running",
                "If already running",
                "What to do where a sync of the source runs already: fail, attach and wait for it, or skip",
                OnAlreadyRunning::CHOICES,
            ),
            choice(
                "wait_for",
                "Wait for",
                "When the task is done: after the extraction, or once what was extracted is loaded into the warehouse",
                WaitFor::CHOICES,
            ),
        ],
        connection: vec![
            Field {
                required: true,
                secret: true,
                ..text(
                    "access_token",
                    "Access token",
                    "An API access key of the Stitch account, from its account settings",
                )
            },
            Field {
                default: Some(Value::Text(BaseUrl::STITCH.to_owned())),
                ..text("base_url", "Base URL", "Where Stitch's API is: the default, or a proxy in front of it")
            },
            id("client_id", "Client ID", "The number of the Stitch account; found by itself, so seldom needed"),
        ],
        origins: vec![BaseUrl::STITCH.to_owned()],
        poll_budget: Some(BUDGET),
    }
}

fn text(name: &str, label: &str, description: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        description: description.to_owned(),
        kind: FieldKind::Text,
        required: false,
        secret: false,
        restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
        default: None,
        example: None,
    }
}

fn id(name: &str, label: &str, description: &str) -> Field {
    let restrictions = Restrictions { one_of: Vec::new(), minimum: Some(1), maximum: None };
    Field { kind: FieldKind::Integer, restrictions, ..text(name, label, description) }
}

fn choice<T>(name: &str, label: &str, description: &str, choices: &[(&str, T)]) -> Field {
    let one_of: Vec<String> = choices.iter().map(|(choice, _)| (*choice).to_owned()).collect();
    let default = one_of.first().cloned().map(Value::Text);
    let restrictions = Restrictions { one_of, minimum: None, maximum: None };
    Field { restrictions, default, ..text(name, label, description) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_id_is_a_required_number_as_the_engine_documents_it() {
        let source_id = &descriptor().parameters[0];
        assert_eq!((source_id.name.as_str(), source_id.label.as_str()), ("source_id", "Source ID"));
        assert_eq!((source_id.kind, source_id.required), (FieldKind::Integer, true));
        assert_eq!((source_id.restrictions.minimum, &source_id.example), (Some(1), &Some(Value::Integer(123_456))));
    }

    #[test]
    fn only_the_token_is_secret_and_no_secret_has_an_example() {
        let descriptor = descriptor();
        let fields = descriptor.parameters.iter().chain(&descriptor.connection);
        let secret: Vec<_> = fields.filter(|field| field.secret).collect();
        assert_eq!(secret.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["access_token"]);
        assert!(secret.iter().all(|field| field.example.is_none() && field.default.is_none()));
    }

    #[test]
    fn the_defaults_are_what_the_parser_takes_for_an_absent_field() {
        let defaults: Vec<_> = descriptor().parameters.into_iter().map(|field| field.default).collect();
        assert_eq!(defaults, [None, Some(Value::Text("fail".to_owned())), Some(Value::Text("extraction".to_owned()))]);
    }
}
