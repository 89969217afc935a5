//! From raw text to the typed values that a plugin takes.

use std::fmt;

use crate::contract::{Descriptor, Field, FieldKind, NamedValue, Value};
use crate::{Arguments, Mask, Secret};

/// Raw texts by name, as a command line or a form gives them.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    connection: Vec<(String, String)>,
    parameters: Vec<(String, String)>,
    secrets: Vec<(String, Secret)>,
}

/// Which list of fields a name was looked up in.
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

/// Why inputs do not fit what the plugin takes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InputError {
    /// No field has this name.
    #[error("the plugin has no {list} `{name}`{}", known(.names))]
    UnknownName {
        /// Where it was looked up.
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
        /// Where it would be given.
        list: List,
        /// What the plugin says of it.
        description: String,
    },
    /// A secret was given among the plain values.
    #[error("`{name}` is a secret and must be given as one")]
    Exposed {
        /// The field.
        name: String,
    },
    /// A secret without a character.
    #[error("the secret `{name}` is empty")]
    EmptySecret {
        /// The field.
        name: String,
    },
    /// The plugin takes as a secret what the contract does not let be one.
    #[error("the plugin wants the secret `{name}` to be {}, and only text can be secret", kind_in_words(*kind))]
    SecretKind {
        /// The field.
        name: String,
        /// What it takes.
        kind: FieldKind,
    },
    /// The text is none of the field's kind.
    #[error("`{name}` must be {}, not `{given}`", kind_in_words(*kind))]
    OtherKind {
        /// The field.
        name: String,
        /// What it takes.
        kind: FieldKind,
        /// The text given.
        given: String,
    },
    /// The text is none of those allowed.
    #[error("`{name}` must be one of {}, not `{given}`", allowed.join(", "))]
    NotOneOf {
        /// The field.
        name: String,
        /// What it may be.
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

impl Inputs {
    /// Adds a value for a field of the connection that is no secret.
    #[must_use]
    pub fn connection(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.connection.push((name.into(), text.into()));
        self
    }

    /// Adds a value for a parameter that is no secret.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.parameters.push((name.into(), text.into()));
        self
    }

    /// Adds a value for a secret field, of the connection or of the parameters. [`Secret::only_for`] says where it may go.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.secrets.push((name.into(), secret));
        self
    }

    /// Hides the secrets among the inputs.
    pub fn mask(&self) -> Mask {
        Mask::new(self.secrets.iter().map(|(_, secret)| secret.clone()))
    }

    /// Checks the inputs against what the plugin says that it takes.
    pub fn resolve(&self, descriptor: &Descriptor) -> Result<Arguments, InputError> {
        let both = || descriptor.connection.iter().chain(&descriptor.parameters);
        for (name, _) in &self.secrets {
            find(List::Secrets, both().filter(|field| field.secret), name)?;
        }
        let connection = fill(List::Connection, &descriptor.connection, &self.connection)?;
        let parameters = fill(List::Parameters, &descriptor.parameters, &self.parameters)?;
        let mut arguments = Arguments::new(connection, parameters);
        for (name, secret) in self.secrets_of(&descriptor.connection)? {
            arguments = arguments.secret(name, secret);
        }
        for (name, secret) in self.secrets_of(&descriptor.parameters)? {
            arguments = arguments.secret_parameter(name, secret);
        }
        Ok(arguments)
    }

    /// The secrets among the values of one list of fields.
    fn secrets_of<'a>(&self, fields: &'a [Field]) -> Result<Vec<(&'a str, Secret)>, InputError> {
        let mut secrets = Vec::new();
        for field in fields.iter().filter(|field| field.secret) {
            let name = || field.name.clone();
            let Some(secret) = only(List::Secrets, field, &self.secrets)? else { continue };
            if field.kind != FieldKind::Text {
                return Err(InputError::SecretKind { name: name(), kind: field.kind });
            }
            if secret.expose().is_empty() {
                return Err(InputError::EmptySecret { name: name() });
            }
            secrets.push((&*field.name, secret.clone()));
        }
        Ok(secrets)
    }
}

/// The plain values of one list of fields, in the order of the fields.
fn fill(list: List, fields: &[Field], plain: &[(String, String)]) -> Result<Vec<NamedValue>, InputError> {
    for (name, _) in plain {
        if find(list, fields.iter(), name)?.secret {
            return Err(InputError::Exposed { name: name.clone() });
        }
    }
    let mut values = Vec::new();
    for field in fields.iter().filter(|field| !field.secret) {
        if let Some(text) = only(list, field, plain)? {
            values.push(NamedValue { name: field.name.clone(), value: parse(field, text)? });
        }
    }
    Ok(values)
}

/// The one value that is given for the field, if it may be left out.
fn only<'a, T>(list: List, field: &Field, given: &'a [(String, T)]) -> Result<Option<&'a T>, InputError> {
    let name = || field.name.clone();
    let mut values = given.iter().filter(|(name, _)| *name == field.name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => Err(InputError::Twice { name: name() }),
        (None, _) if field.required => {
            Err(InputError::Missing { name: name(), list, description: field.description.clone() })
        }
        (value, _) => Ok(value),
    }
}

fn find<'a>(
    list: List,
    mut fields: impl Iterator<Item = &'a Field> + Clone,
    name: &str,
) -> Result<&'a Field, InputError> {
    let names = fields.clone().map(|field| field.name.clone());
    fields.find(|field| field.name == name).ok_or_else(|| InputError::UnknownName {
        list,
        name: name.to_owned(),
        names: names.collect(),
    })
}

/// The text as a value of the field's kind, within its restrictions.
fn parse(field: &Field, text: &str) -> Result<Value, InputError> {
    let other_kind = || InputError::OtherKind { name: field.name.clone(), kind: field.kind, given: text.to_owned() };
    let restrictions = &field.restrictions;
    match field.kind {
        FieldKind::Text => {
            let allowed = &restrictions.one_of;
            if !allowed.is_empty() && !allowed.iter().any(|one| one == text) {
                return Err(InputError::NotOneOf {
                    name: field.name.clone(),
                    allowed: allowed.clone(),
                    given: text.to_owned(),
                });
            }
            Ok(Value::Text(text.to_owned()))
        }
        FieldKind::Integer => {
            let number: i64 = text.parse().map_err(|_| other_kind())?;
            let (minimum, maximum) = (restrictions.minimum, restrictions.maximum);
            if minimum.is_some_and(|m| number < m) || maximum.is_some_and(|m| number > m) {
                return Err(InputError::OutOfRange { name: field.name.clone(), minimum, maximum, given: number });
            }
            Ok(Value::Integer(number))
        }
        FieldKind::Decimal => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Decimal(number)),
            _ => Err(other_kind()),
        },
        FieldKind::Boolean => text.parse().map(Value::Boolean).map_err(|_| other_kind()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Restrictions;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            name: name.to_owned(),
            label: name.to_owned(),
            description: format!("What {name} is."),
            kind,
            required: false,
            secret: false,
            restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
            default: None,
            example: None,
        }
    }

    /// A plugin that takes a field of every sort.
    fn descriptor() -> Descriptor {
        let id = Field {
            required: true,
            restrictions: Restrictions { one_of: Vec::new(), minimum: Some(1), maximum: Some(99) },
            ..field("id", FieldKind::Integer)
        };
        let policy = Field {
            restrictions: Restrictions {
                one_of: vec!["fail".to_owned(), "skip".to_owned()],
                minimum: None,
                maximum: None,
            },
            ..field("policy", FieldKind::Text)
        };
        let (ratio, loud) = (field("ratio", FieldKind::Decimal), field("loud", FieldKind::Boolean));
        let token = Field { secret: true, ..field("token", FieldKind::Text) };
        Descriptor {
            name: "sample".to_owned(),
            version: "0.1.0".to_owned(),
            tool: "Sample".to_owned(),
            parameters: vec![id, policy, ratio, loud],
            connection: vec![field("base_url", FieldKind::Text), token],
            origins: Vec::new(),
            poll_budget: None,
        }
    }

    /// Inputs that lack nothing.
    fn inputs() -> Inputs {
        Inputs::default().parameter("id", "7")
    }

    fn named(name: &str, value: Value) -> NamedValue {
        NamedValue { name: name.to_owned(), value }
    }

    #[test]
    fn every_text_becomes_a_value_of_its_fields_kind() {
        let arguments = inputs()
            .parameter("loud", "true")
            .parameter("policy", "skip")
            .parameter("ratio", "0.5")
            .connection("base_url", "http://host")
            .secret("token", Secret::new("hunter2"))
            .resolve(&descriptor())
            .unwrap();
        assert_eq!(
            arguments.parameters,
            [
                named("id", Value::Integer(7)),
                named("policy", Value::Text("skip".to_owned())),
                named("ratio", Value::Decimal(0.5)),
                named("loud", Value::Boolean(true)),
            ]
        );
        assert_eq!(arguments.connection, [named("base_url", Value::Text("http://host".to_owned()))]);
        assert_eq!(arguments.mask().text("token hunter2"), "token ***");
    }

    #[test]
    fn arguments_and_inputs_show_no_secret() {
        let inputs = inputs().secret("token", Secret::new("hunter2"));
        let shown = format!("{inputs:?} {:?}", inputs.resolve(&descriptor()).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn wrong_input_is_refused_with_what_is_expected() {
        for (inputs, text) in [
            (Inputs::default(), "`id` is missing: What id is."),
            (inputs().parameter("id", "8"), "`id` is given more than once"),
            (Inputs::default().parameter("id", "seven"), "`id` must be a whole number, not `seven`"),
            (Inputs::default().parameter("id", "0"), "`id` must be between 1 and 99, not 0"),
            (inputs().parameter("policy", "wait"), "`policy` must be one of fail, skip, not `wait`"),
            (inputs().parameter("ratio", "NaN"), "`ratio` must be a number, not `NaN`"),
            (inputs().parameter("loud", "yes"), "`loud` must be true or false, not `yes`"),
            (inputs().parameter("ids", "7"), "the plugin has no parameter `ids`: there is id, policy, ratio, loud"),
            (inputs().connection("url", "x"), "the plugin has no connection field `url`: there is base_url, token"),
            (inputs().secret("base_url", Secret::new("x")), "the plugin has no secret `base_url`: there is token"),
            (inputs().secret("token", Secret::new("")), "the secret `token` is empty"),
            (
                inputs().secret("token", Secret::new("a")).secret("token", Secret::new("b")),
                "`token` is given more than once",
            ),
            (inputs().connection("token", "hunter2"), "`token` is a secret and must be given as one"),
        ] {
            assert_eq!(inputs.resolve(&descriptor()).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn a_secret_stands_in_the_list_that_its_field_is_in() {
        let mut descriptor = descriptor();
        let salt = Field { secret: true, ..field("salt", FieldKind::Text) };
        descriptor.parameters.push(salt);
        let secret = || Secret::new("hunter2");
        let arguments = inputs().secret("salt", secret()).secret("token", secret()).resolve(&descriptor).unwrap();
        let plain = Arguments::new(Vec::new(), vec![named("id", Value::Integer(7))]);
        assert_eq!(arguments, plain.secret("token", secret()).secret_parameter("salt", secret()));
    }

    #[test]
    fn a_secret_is_text() {
        let mut descriptor = descriptor();
        descriptor.connection[1].kind = FieldKind::Integer;
        let error = inputs().secret("token", Secret::new("7")).resolve(&descriptor).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plugin wants the secret `token` to be a whole number, and only text can be secret"
        );
    }
}
