//! `describe`: the plugin's descriptor.

use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{Descriptor, Field, RequestBudget, Value};
use plugin_guest::fields::{base_url, boolean, secret, text};

use crate::account::BASE_URL;

/// Fivetran's rate limit of an account, unless it is on trial: of all requests.
const BUDGET: RequestBudget = RequestBudget { requests: 20_000, window_ms: 3_600_000, paths: Vec::new() };

/// The descriptor: name, fields, origins and rate limit.
pub fn descriptor() -> Descriptor {
    Descriptor {
        name: "fivetran-sync".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tool: "Fivetran".to_owned(),
        parameters: vec![
            Field {
                required: true,
                example: Some(Value::Text("speak_inexpensive".to_owned())),
                ..text("connection_id", "Connection ID", "The id of the connection in Fivetran, on its Setup tab")
            },
            OnAlreadyRunning::field(
                "What to do where the connection syncs already: fail, attach and wait for it, or skip",
            ),
            boolean(
                "sync_unready",
                "Sync though not set up",
                "Whether to ask for a sync of a connection that is broken or not set up completely: where a sync mends that",
                false,
            ),
        ],
        connection: vec![
            Field {
                required: true,
                ..text("api_key", "API key", "The key of an API key and secret, from the user's menu in Fivetran")
            },
            secret("api_secret", "API secret", "The secret that was shown when the key was generated"),
            base_url(BASE_URL, "Where Fivetran's API is: the default, or a proxy in front of it"),
        ],
        origins: vec![BASE_URL.to_owned()],
        poll_budget: Some(BUDGET),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_is_secret() {
        let descriptor = descriptor();
        let fields = descriptor.parameters.iter().chain(&descriptor.connection);
        let secret: Vec<_> = fields.filter(|field| field.secret).map(|field| field.name.as_str()).collect();
        assert_eq!(secret, ["api_secret"]);
    }

    #[test]
    fn the_defaults_are_what_the_parser_takes_for_an_absent_field() {
        let default = |field: &Field| field.default.clone();
        assert_eq!(default(&descriptor().parameters[1]), Some(Value::Text("fail".to_owned())));
        assert_eq!(default(&descriptor().parameters[2]), Some(Value::Boolean(false)));
        assert_eq!(default(&descriptor().connection[2]), Some(Value::Text("https://api.fivetran.com".to_owned())));
    }
}
