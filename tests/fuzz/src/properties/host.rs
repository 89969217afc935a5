//! What the host is configured with, and the files that it is given as plugins.

use std::sync::LazyLock;
use std::time::Duration;

use host_harness::contract::{Descriptor, Field, FieldKind, NamedValue, Restrictions, Value};
use host_harness::{ComponentInfo, Grant, Host, Inputs, Limit, Limits, LoadError, Origin, Redactor, Secret};
use http::Uri;
use serde_json::Value as Json;

use super::SECRET;

/// An origin: it has one form, requests to it have the same, and no password is repeated.
pub(super) fn origin(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let origins = [text.parse::<Origin>().ok(), text.parse().ok().and_then(|uri: Uri| Origin::of(&uri))];
    for origin in origins.into_iter().flatten() {
        let shown = origin.to_string();
        assert_eq!(shown.parse(), Ok(origin.clone()), "{shown}");
        let request: Uri = format!("{shown}/v4/sources?page=1").parse().expect("a URL");
        assert_eq!(Origin::of(&request), Some(origin), "{shown}");
        assert_eq!(shown, shown.to_ascii_lowercase());
        assert!(!shown.contains('@'));
    }
    let with_a_password = format!("https://{SECRET}{text}@host");
    let refused = with_a_password.parse::<Origin>().expect_err("it has a user part");
    assert!(!format!("{refused} {refused:?}").contains(SECRET), "{refused}");
}

/// A grant: it has one form, and no password is repeated.
pub(super) fn grant(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    if let Ok(grant) = text.parse::<Grant>() {
        assert_eq!(grant.to_string().parse(), Ok(grant.clone()), "{grant}");
    }
    // With one of these in it, it is no user part.
    if !text.contains([' ', '/', '?', '#']) {
        let refused = format!("https://{SECRET}{text}@host").parse::<Grant>().expect_err("it has a user part");
        assert!(!format!("{refused} {refused:?}").contains(SECRET), "{refused}");
    }
}

/// A limit, as `NAME=VALUE`: what is shown of it sets the same.
pub(super) fn limit(text: &[u8]) {
    let Some((name, value)) = str::from_utf8(text).ok().and_then(|text| text.split_once('=')) else { return };
    let Ok(limit) = name.parse::<Limit>() else { return };
    let (mut limits, mut again) = (Limits::default(), Limits::default());
    if limits.set(limit, value).is_ok() {
        again.set(limit, &limits.value(limit).to_string()).expect("what is shown can be read");
        assert_eq!(again, limits, "{}", limits.value(limit));
    }
}

/// A host that takes little, so that what it takes needs little time.
static FRUGAL: LazyLock<Host> = LazyLock::new(|| {
    let limits = Limits { validation: 100_000, weight: 100_000, compile: Duration::from_secs(20), ..Limits::default() };
    Host::new(limits).expect("a host")
});

/// The file of a component: it is read to its end or refused, and nothing in it is larger than the whole. What keeps
/// to the limits of weight keeps to that of time.
pub(super) fn component(bytes: &[u8]) {
    let loaded = FRUGAL.load_bytes(bytes);
    if let Err(LoadError::LimitExceeded { passed }) = loaded {
        assert!(passed.iter().all(|passed| passed.exceeded.limit != Limit::Compile), "{passed:?}");
    }
    let Ok(anatomy) = ComponentInfo::read(bytes) else { return };
    assert_eq!(anatomy.bytes, bytes.len());
    assert!(anatomy.largest_function <= anatomy.code, "{anatomy:?}");
    assert!(anatomy.code <= anatomy.bytes, "{anatomy:?}");
    assert!(anatomy.modules + anatomy.components + anatomy.functions <= anatomy.bytes, "{anatomy:?}");
}

/// Secrets, each in a line of its own, then an empty line, then a text: no secret is left in it, nor in what JSON makes of
/// it.
pub(super) fn mask(data: &[u8]) {
    let Some((secrets, text)) = str::from_utf8(data).ok().and_then(|data| data.split_once("\n\n")) else { return };
    // What is shown instead holds these.
    let secrets: Vec<&str> = secrets.lines().filter(|secret| !secret.is_empty() && !secret.contains('*')).collect();
    let mask = Redactor::new(secrets.iter().copied().map(Secret::new));
    let assert_none_in = |shown: &str| assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown:?}");
    assert_none_in(&mask.text(text));
    if let Ok(json) = serde_json::from_str(text) {
        each_text(&mask.json(json), &assert_none_in);
    }
}

fn each_text(json: &Json, look: &impl Fn(&str)) {
    match json {
        Json::String(text) => look(text),
        Json::Array(items) => items.iter().for_each(|item| each_text(item, look)),
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            look(name);
            each_text(value, look);
        }),
        _ => {}
    }
}

/// A plugin's fields and what is given for them, one a line: `field NAME KIND` with any of `parameter`, `required`,
/// `secret`, `min=N`, `max=N` and `one=TEXT`; `connection`, `parameter` or `secret` with `NAME=TEXT`. What is taken fits
/// its field, and no secret is shown.
pub(super) fn inputs(text: &[u8]) {
    let Some(text) = str::from_utf8(text).ok().filter(|text| !text.contains(SECRET)) else { return };
    let mut descriptor = Descriptor {
        name: "sample".to_owned(),
        version: "0.1.0".to_owned(),
        tool: "Sample".to_owned(),
        parameters: Vec::new(),
        connection: Vec::new(),
        origins: Vec::new(),
        poll_budget: None,
    };
    let mut inputs = Inputs::default();
    for (word, rest) in text.lines().filter_map(|line| line.split_once(' ')) {
        inputs = match (word, rest.split_once('=')) {
            ("field", _) => {
                let list =
                    if rest.contains(" parameter") { &mut descriptor.parameters } else { &mut descriptor.connection };
                let field = field(rest);
                // The contract has each name once.
                if list.iter().all(|other| other.name != field.name) {
                    list.push(field);
                }
                inputs
            }
            ("connection", Some((name, text))) => inputs.connection(name, text),
            ("parameter", Some((name, text))) => inputs.parameter(name, text),
            ("secret", Some((name, text))) => inputs.secret(name, Secret::new(format!("{text}{SECRET}"))),
            _ => inputs,
        };
    }
    let resolved = inputs.resolve(&descriptor);
    let error = resolved.as_ref().err().map(ToString::to_string);
    assert!(!format!("{inputs:?} {resolved:?} {error:?}").contains(SECRET), "{resolved:?}");
    let Ok(arguments) = resolved else { return };
    assert_fit(&descriptor.connection, &arguments.connection);
    assert_fit(&descriptor.parameters, &arguments.parameters);
}

fn field(line: &str) -> Field {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default().to_owned();
    let has = |word: &str| line.split(' ').any(|other| other == word);
    let number = |word: &str| line.split(' ').find_map(|other| other.strip_prefix(word)?.parse().ok());
    Field {
        label: name.clone(),
        description: format!("What {name} is."),
        kind: match words.next() {
            Some("integer") => FieldKind::Integer,
            Some("decimal") => FieldKind::Decimal,
            Some("boolean") => FieldKind::Boolean,
            _ => FieldKind::Text,
        },
        required: has("required"),
        secret: has("secret"),
        restrictions: Restrictions {
            one_of: line.split(' ').filter_map(|word| word.strip_prefix("one=")).map(str::to_owned).collect(),
            minimum: number("min="),
            maximum: number("max="),
        },
        default: None,
        example: None,
        name,
    }
}

/// Each value is that of a field, and within its restrictions; no required field is without.
fn assert_fit(fields: &[Field], values: &[NamedValue]) {
    for field in fields {
        let value = values.iter().find(|value| value.name == field.name).map(|value| &value.value);
        let Restrictions { one_of, minimum, maximum } = &field.restrictions;
        let fits = match (value, field.kind) {
            (None, _) => !field.required,
            (Some(Value::Text(text)), FieldKind::Text) => field.secret || one_of.is_empty() || one_of.contains(text),
            (Some(Value::Integer(number)), FieldKind::Integer) => {
                minimum.is_none_or(|least| *number >= least) && maximum.is_none_or(|most| *number <= most)
            }
            (Some(Value::Decimal(number)), FieldKind::Decimal) => number.is_finite(),
            (Some(Value::Boolean(_)), FieldKind::Boolean) => true,
            _ => false,
        };
        assert!(fits, "{value:?} for {field:?}");
    }
    assert!(values.iter().all(|value| fields.iter().any(|field| field.name == value.name)));
}
