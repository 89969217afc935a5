//! `describe`: the plugin's descriptor.

use alloc::borrow::ToOwned;
use alloc::vec;

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::cancel_attached;
use plugin_guest::contract::{Descriptor, Field, Value};
use plugin_guest::fields::{base_url, secret, text};

use crate::api_profile::{BASE_URL, ORIGIN};

/// The descriptor: name, fields, origins and rate limit.
pub fn descriptor() -> Descriptor {
    Descriptor {
        name: "airbyte-sync".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tool: "Airbyte".to_owned(),
        parameters: vec![
            Field {
                required: true,
                example: Some(Value::Text("e3b1ce92-547c-436f-b1e8-23b6936c12cd".to_owned())),
                ..text(
                    "connection_id",
                    "Connection ID",
                    "The UUID of the connection in Airbyte, from the URL of its page",
                )
            },
            OnAlreadyRunning::field(
                "What to do where a job of the connection runs already: fail, attach and wait for it, or skip",
            ),
            cancel_attached::field("a job"),
        ],
        connection: vec![
            Field {
                required: false,
                ..secret(
                    "access_token",
                    "Access token",
                    "A token that lasts, such as one of a self-managed Airbyte; in its place, an application",
                )
            },
            text("client_id", "Client ID", "The id of an application, from Airbyte's user settings"),
            Field {
                required: false,
                ..secret(
                    "client_secret",
                    "Client secret",
                    "The secret of the application; Airbyte takes it in a body, so the host must hand it over itself",
                )
            },
            text("username", "Username", "The user of a self-managed Airbyte that asks for one by HTTP Basic"),
            Field {
                required: false,
                ..secret(
                    "password",
                    "Password",
                    "The password of the user; a self-managed Airbyte without authentication wants nothing of all this",
                )
            },
            base_url(
                BASE_URL,
                "Where Airbyte's API is: the default, or a self-managed Airbyte, with its /api/public/v1 or without it",
            ),
        ],
        origins: vec![ORIGIN.to_owned()],
        poll_budget: None,
    }
}
