//! What the host hands to the plugin.

use plugin_guest::base_url::BaseUrl;
use plugin_guest::contract::{ErrorKind, NamedValue, TaskError, Value};
use plugin_guest::secret::Secret;
use serde_json::Value as Json;
use stitch_plugin::connection::Connection;
use stitch_plugin::parameters::Parameters;
use stitch_plugin::run::{FORMAT, Run};
use stitch_plugin::stitch::id::SourceId;

use super::SECRET;
use super::stitch::SOURCE_ID;

/// The base URL: what is read and written reads the same.
pub(super) fn base_url(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let Ok(url) = BaseUrl::parse(text) else { return };
    assert_eq!(BaseUrl::parse(&url.to_string()), Ok(url.clone()), "{url}");
    assert!(!url.authority.contains('@') && !url.path.ends_with('/') && !url.path.contains(['?', '#']));
}

/// A connection and parameters, one `name=value` a line: an error names a field, and no secret is shown.
pub(super) fn connection(text: &[u8]) {
    let Some(text) = str::from_utf8(text).ok().filter(|text| !text.contains(SECRET)) else { return };
    let values: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).map(named).collect();
    let fields = [
        "access_token ",
        "base_url ",
        "client_id ",
        "source_id ",
        "on_already_running ",
        "on_not_running ",
        "wait_for ",
        "cancel_attached ",
    ];
    let refused = |error: TaskError| {
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert!(fields.iter().any(|field| error.message.starts_with(field)), "{}", error.message);
        error.message
    };
    let connection = Connection::parse(&values).map_or_else(refused, |connection| format!("{connection:?}"));
    assert!(!connection.contains(SECRET), "{connection}");
    let parameters = Parameters::parse(&values).map_or_else(refused, |parameters| format!("{parameters:?}"));
    assert!(!parameters.contains(SECRET), "{parameters}");
}

/// The line's value, in the first kind that takes it. The token holds what is to be shown nowhere.
fn named((name, text): (&str, &str)) -> NamedValue {
    let value = match (name, text.parse(), text.parse(), text.parse()) {
        ("access_token", ..) => Value::Text(format!("{text}{SECRET}")),
        (_, Ok(number), ..) => Value::Integer(number),
        (_, _, Ok(number), _) => Value::Decimal(number),
        (_, _, _, Ok(truth)) => Value::Boolean(truth),
        _ => Value::Text(text.to_owned()),
    };
    NamedValue { name: name.to_owned(), value }
}

/// A run: one that is taken comes back as it went, within its bound.
pub(super) fn run(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let source_id = SourceId::new(SOURCE_ID).expect("an id");
    match Run::decode(text, source_id) {
        Ok(run) => {
            let written = run.encode();
            assert!(written.len() <= FORMAT.most_bytes, "{} bytes", written.len());
            assert_eq!(Run::decode(&written, source_id), Ok(run));
        }
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::InvalidInput);
            assert!(
                error.message.starts_with("run ") && error.message.len() < FORMAT.most_bytes + 300,
                "{}",
                error.message
            );
        }
    }
}

/// A token in the first line and a body that may repeat it in the others: it is in the body no more, nor in any text that
/// JSON makes of the body.
pub(super) fn token_echo(data: &[u8]) {
    let Some((token, body)) = data.iter().position(|byte| *byte == b'\n').map(|at| data.split_at(at)) else { return };
    let Ok(text) = str::from_utf8(token) else { return };
    let Ok(token) = Secret::parse(text) else { return };
    assert_eq!(format!("{token:?}"), "Secret(***)");
    let shown = token.redact(&body[1..]);
    assert!(!String::from_utf8_lossy(&shown).contains(text), "the token is shown");
    if let Ok(json) = serde_json::from_slice(&shown) {
        assert_not_in(&json, text);
    }
}

fn assert_not_in(json: &Json, token: &str) {
    match json {
        Json::String(text) => assert!(!text.contains(token), "the token is shown in {text}"),
        Json::Array(items) => items.iter().for_each(|item| assert_not_in(item, token)),
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            assert!(!name.contains(token), "the token is shown in {name}");
            assert_not_in(value, token);
        }),
        _ => {}
    }
}
