//! Input errors: values that do not fit what a plugin takes.

use std::fmt;

use crate::Misstored;
use crate::contract::FieldKind;

/// The list of fields in which a name was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `descriptor.connection`
    Connection,
    /// `descriptor.parameters`
    Parameters,
    /// The fields of either that are secret.
    Secrets,
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection field",
            Self::Parameters => "parameter",
            Self::Secrets => "secret",
        })
    }
}

/// An input that does not fit what the plugin takes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// No field has this name.
    #[error("the plugin has no {list} `{name}`{}", known(.names))]
    UnknownName {
        /// The list in which it was looked up.
        list: List,
        /// The name given.
        name: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// A field was given more than once.
    #[error("`{name}` is given more than once")]
    Twice {
        /// The field.
        name: String,
    },
    /// A required field has no value.
    #[error("`{name}` is missing: {description}")]
    Missing {
        /// The field.
        name: String,
        /// The list in which to give it.
        list: List,
        /// The plugin's description of it.
        description: String,
    },
    /// A secret was given among the plain values.
    #[error("`{name}` is a secret and must be given as one")]
    Exposed {
        /// The field.
        name: String,
    },
    /// A secret is empty.
    #[error("the secret `{name}` is empty")]
    EmptySecret {
        /// The field.
        name: String,
    },
    /// More than the value of a secret was stored. None of it is shown.
    #[error("the secret `{name}` {cause}")]
    MisstoredSecret {
        /// The field.
        name: String,
        /// The sign of it.
        cause: Misstored,
    },
    /// The value of a connection's field holds more than the value, or what cannot be in a header. None of it is shown.
    #[error("`{name}` {cause}")]
    Misstored {
        /// The field.
        name: String,
        /// The sign of it.
        cause: Misstored,
    },
    /// The plugin declares a field secret whose kind the contract does not allow for secrets.
    #[error("the plugin wants the secret `{name}` to be {}, and only text can be secret", kind_in_words(*kind))]
    SecretKind {
        /// The field.
        name: String,
        /// The field's kind.
        kind: FieldKind,
    },
    /// The text cannot be read as the field's kind.
    #[error("`{name}` must be {}, not `{given}`", kind_in_words(*kind))]
    OtherKind {
        /// The field.
        name: String,
        /// The field's kind.
        kind: FieldKind,
        /// The text given.
        given: String,
    },
    /// The value is not of the field's kind.
    #[error("`{name}` must be {}, not {}", kind_in_words(*kind), kind_in_words(*given))]
    OtherType {
        /// The field.
        name: String,
        /// The field's kind.
        kind: FieldKind,
        /// The kind of the value given.
        given: FieldKind,
    },
    /// The text is not one of those allowed.
    #[error("`{name}` must be one of {}, not `{given}`", allowed.join(", "))]
    NotOneOf {
        /// The field.
        name: String,
        /// The values allowed.
        allowed: Vec<String>,
        /// The text given.
        given: String,
    },
    /// The number is out of range.
    #[error("`{name}` must be {}, not {given}", range_in_words(*minimum, *maximum))]
    OutOfRange {
        /// The field.
        name: String,
        /// The least value allowed.
        minimum: Option<i64>,
        /// The greatest value allowed.
        maximum: Option<i64>,
        /// The number given.
        given: i64,
    },
}

impl InputError {
    /// The field that the error is about.
    pub fn name(&self) -> &str {
        match self {
            Self::UnknownName { name, .. }
            | Self::Twice { name }
            | Self::Missing { name, .. }
            | Self::Exposed { name }
            | Self::EmptySecret { name }
            | Self::MisstoredSecret { name, .. }
            | Self::Misstored { name, .. }
            | Self::SecretKind { name, .. }
            | Self::OtherKind { name, .. }
            | Self::OtherType { name, .. }
            | Self::NotOneOf { name, .. }
            | Self::OutOfRange { name, .. } => name,
        }
    }
}

fn known(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(": there is {}", names.join(", ")) }
}

fn kind_in_words(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Integer => "a whole number",
        FieldKind::Decimal => "a number",
        FieldKind::Boolean => "true or false",
    }
}

fn range_in_words(minimum: Option<i64>, maximum: Option<i64>) -> String {
    match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => format!("between {minimum} and {maximum}"),
        (Some(minimum), None) => format!("at least {minimum}"),
        (None, Some(maximum)) => format!("at most {maximum}"),
        (None, None) => "a whole number".to_owned(),
    }
}
