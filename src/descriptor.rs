//! `describe`: the plugin's descriptor.

use alloc::borrow::ToOwned;
use alloc::vec;

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::cancel_attached;
use plugin_guest::contract::{Descriptor, Field, Value};
use plugin_guest::fields::{base_url, choice, id, secret};

use crate::pace;
use crate::parameters::{OnNotRunning, WaitFor};
use crate::stitch::api_profile::BASE_URL;

/// The descriptor: name, fields, origins and rate limit.
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
            OnAlreadyRunning::field(
                "What to do where a sync of the source runs already: fail, attach and wait for it, or skip",
            ),
            choice(
                "on_not_running",
                "If not running",
                "What to do where no sync of the source runs: start one, or wait for the next one that Stitch's schedule or a \
                 person starts",
                OnNotRunning::CHOICES,
            ),
            choice(
                "wait_for",
                "Wait for",
                "When the task is done: after the extraction, or once what was extracted is loaded into the warehouse",
                WaitFor::CHOICES,
            ),
            cancel_attached::field("an extraction"),
        ],
        connection: vec![
            secret(
                "access_token",
                "Access token",
                "An API access key of the Stitch account, from its account settings",
            ),
            base_url(BASE_URL, "Where Stitch's API is: the default, or a proxy in front of it"),
            id("client_id", "Client ID", "The number of the Stitch account; found by itself, so seldom needed"),
        ],
        origins: vec![BASE_URL.to_owned()],
        poll_budget: Some(pace::budget()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use plugin_guest::contract::FieldKind;

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
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        assert_eq!(defaults, [None, text("fail"), text("start"), text("extraction"), Some(Value::Boolean(false))]);
    }
}
