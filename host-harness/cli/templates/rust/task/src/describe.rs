//! `describe`: the fields of a task and of a connection, enough for an engine to draw a form.

use plugin_guest::contract::{Descriptor, Field, Value};
use plugin_guest::fields::{base_url, id, secret};

use crate::account::BASE_URL;

/// The plugin's name: stable, and what writes its runs.
pub const NAME: &str = "acme-jobs";

/// The plugin's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The answer to `describe`.
pub fn describe() -> Descriptor {
    Descriptor {
        name: NAME.to_owned(),
        version: VERSION.to_owned(),
        tool: "Acme".to_owned(),
        parameters: vec![Field {
            required: true,
            example: Some(Value::Integer(5)),
            ..id(
                "job_id",
                "Job ID",
                "The number of the job: the last part of its URL in Acme",
            )
        }],
        connection: vec![
            secret("token", "Token", "A token of Acme, from its settings"),
            base_url(
                BASE_URL,
                "Where Acme's API is: the default, or a proxy in front of it",
            ),
        ],
        origins: vec![BASE_URL.to_owned()],
        poll_budget: None,
    }
}
