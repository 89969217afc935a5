//! Input resolution: from raw text to the typed values of a descriptor.

use crate::contract::{Descriptor, Field, FieldKind, NamedValue, Value};
use crate::secrets::stored_text;
use crate::{Arguments, InputError, List, Redactor, Secret};

/// Raw inputs by name: texts, as from a command line or a form, or typed values, as from a file.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    connection: Vec<(String, Raw)>,
    parameters: Vec<(String, Raw)>,
    secrets: Vec<(String, Secret)>,
}

/// A value before the field's kind is known.
#[derive(Clone, Debug)]
enum Raw {
    /// To be parsed as the field's kind.
    Text(String),
    /// Typed already; its kind may be wrong.
    Value(Value),
}

/// The errors so far, each with the list of fields that it is about.
#[derive(Debug, Default)]
struct Errors(Vec<(List, InputError)>);

impl Errors {
    /// The value, or None after noting the error.
    fn keep<T>(&mut self, list: List, found: Result<T, InputError>) -> Option<T> {
        found.map_err(|error| self.0.push((list, error))).ok()
    }
}

impl Inputs {
    /// Adds a text for a field of the connection that is not secret.
    #[must_use]
    pub fn connection(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.connection.push((name.into(), Raw::Text(text.into())));
        self
    }

    /// Adds a value for a field of the connection that is not secret.
    #[must_use]
    pub fn connection_value(mut self, name: impl Into<String>, value: Value) -> Self {
        self.connection.push((name.into(), Raw::Value(value)));
        self
    }

    /// Adds a text for a parameter that is not secret.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.parameters.push((name.into(), Raw::Text(text.into())));
        self
    }

    /// Adds a value for a parameter that is not secret.
    #[must_use]
    pub fn parameter_value(mut self, name: impl Into<String>, value: Value) -> Self {
        self.parameters.push((name.into(), Raw::Value(value)));
        self
    }

    /// Adds a secret, for a field of the connection or of the parameters. [`Secret::only_for`] restricts its origins.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.secrets.push((name.into(), secret));
        self
    }

    /// A redactor of the secrets among the inputs.
    pub fn redactor(&self) -> Redactor {
        Redactor::new(self.secrets.iter().map(|(_, secret)| secret.clone()))
    }

    /// Checks the inputs against the plugin's descriptor.
    pub fn resolve(&self, descriptor: &Descriptor) -> Result<Arguments, InputError> {
        let (arguments, errors) = self.resolve_all(descriptor);
        errors.into_iter().next().map_or(Ok(arguments), |(_, error)| Err(error))
    }

    /// The arguments that the inputs make, and all errors in them.
    pub(crate) fn resolve_all(&self, descriptor: &Descriptor) -> (Arguments, Vec<(List, InputError)>) {
        let mut errors = Errors::default();
        let both = || descriptor.connection.iter().chain(&descriptor.parameters);
        for (name, _) in &self.secrets {
            errors.keep(List::Secrets, find(List::Secrets, both().filter(|field| field.secret), name));
        }
        let connection = fill(List::Connection, &descriptor.connection, &self.connection, &mut errors);
        let parameters = fill(List::Parameters, &descriptor.parameters, &self.parameters, &mut errors);
        let mut arguments = Arguments::new(connection, parameters);
        for (name, secret) in self.secrets_of(&descriptor.connection, &mut errors) {
            arguments = arguments.secret(name, secret);
        }
        for (name, secret) in self.secrets_of(&descriptor.parameters, &mut errors) {
            arguments = arguments.secret_parameter(name, secret);
        }
        (arguments, errors.0)
    }

    /// The secrets among the values of one list of fields.
    fn secrets_of<'a>(&self, fields: &'a [Field], errors: &mut Errors) -> Vec<(&'a str, Secret)> {
        let mut secrets = Vec::new();
        for field in fields.iter().filter(|field| field.secret) {
            let found = errors.keep(List::Secrets, only(List::Secrets, field, &self.secrets));
            let Some(secret) = found.flatten() else { continue };
            if let Some(secret) = errors.keep(List::Secrets, fitting(field, secret)) {
                secrets.push((&*field.name, secret));
            }
        }
        secrets
    }
}

/// Checks that the secret fits its field.
fn fitting(field: &Field, secret: &Secret) -> Result<Secret, InputError> {
    let name = || field.name.clone();
    if field.kind != FieldKind::Text {
        return Err(InputError::SecretKind { name: name(), kind: field.kind });
    }
    if secret.expose().is_empty() {
        return Err(InputError::EmptySecret { name: name() });
    }
    match stored_text::misstored_secret(secret.expose()) {
        Some(cause) => Err(InputError::MisstoredSecret { name: name(), cause }),
        None => Ok(secret.clone()),
    }
}

/// The plain values of one list of fields, in the order of the fields.
fn fill(list: List, fields: &[Field], plain: &[(String, Raw)], errors: &mut Errors) -> Vec<NamedValue> {
    for (name, _) in plain {
        let field = errors.keep(list, find(list, fields.iter(), name));
        if field.is_some_and(|field| field.secret) {
            errors.keep::<()>(list, Err(InputError::Exposed { name: name.clone() }));
        }
    }
    let mut values = Vec::new();
    for field in fields.iter().filter(|field| !field.secret) {
        let read = only(list, field, plain).and_then(|raw| raw.map(|raw| read(list, field, raw)).transpose());
        if let Some(value) = errors.keep(list, read).flatten() {
            values.push(NamedValue { name: field.name.clone(), value });
        }
    }
    values
}

/// The one value given for the field. None where it may be left out and is.
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

/// The value given for the field, within its restrictions.
fn read(list: List, field: &Field, raw: &Raw) -> Result<Value, InputError> {
    let name = || field.name.clone();
    let value = match raw {
        Raw::Text(text) => parse(field, text)?,
        Raw::Value(value) => typed(field, value)?,
    };
    let value = match value {
        // A connection's text may go into a header or a URL, as a secret does.
        Value::Text(mut text) if list == List::Connection => {
            stored_text::trim(&mut text);
            if let Some(cause) = stored_text::misstored(&text) {
                return Err(InputError::Misstored { name: name(), cause });
            }
            Value::Text(text)
        }
        value => value,
    };
    let restrictions = &field.restrictions;
    let (minimum, maximum, allowed) = (restrictions.minimum, restrictions.maximum, &restrictions.one_of);
    match &value {
        Value::Text(text) if !allowed.is_empty() && !allowed.contains(text) => {
            Err(InputError::NotOneOf { name: name(), allowed: allowed.clone(), given: text.clone() })
        }
        Value::Integer(number) if minimum.is_some_and(|m| *number < m) || maximum.is_some_and(|m| *number > m) => {
            Err(InputError::OutOfRange { name: name(), minimum, maximum, given: *number })
        }
        _ => Ok(value),
    }
}

/// Parses the text as the field's kind.
fn parse(field: &Field, text: &str) -> Result<Value, InputError> {
    let value = match field.kind {
        FieldKind::Text => Some(Value::Text(text.to_owned())),
        FieldKind::Integer => text.trim().parse().ok().map(Value::Integer),
        FieldKind::Decimal => text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Decimal),
        FieldKind::Boolean => text.trim().parse().ok().map(Value::Boolean),
    };
    value.ok_or_else(|| InputError::OtherKind { name: field.name.clone(), kind: field.kind, given: text.to_owned() })
}

/// Checks that the value is of the field's kind. A whole number is a number, too.
fn typed(field: &Field, value: &Value) -> Result<Value, InputError> {
    let given = match value {
        Value::Text(_) => FieldKind::Text,
        Value::Integer(_) => FieldKind::Integer,
        Value::Decimal(_) => FieldKind::Decimal,
        Value::Boolean(_) => FieldKind::Boolean,
    };
    match value {
        #[allow(clippy::cast_precision_loss, reason = "as close as a decimal comes")]
        Value::Integer(number) if field.kind == FieldKind::Decimal => Ok(Value::Decimal(*number as f64)),
        value if given == field.kind => Ok(value.clone()),
        _ => Err(InputError::OtherType { name: field.name.clone(), kind: field.kind, given }),
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

    /// The descriptor of a plugin with a field of every sort.
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

    /// Complete and valid inputs.
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
        assert_eq!(arguments.redactor().text("token hunter2"), "token ***");
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
    fn a_value_is_of_its_fields_kind_already() {
        let value = |name: &str, value| Inputs::default().parameter_value(name, value).resolve(&descriptor());
        let arguments = inputs().parameter_value("ratio", Value::Integer(2)).resolve(&descriptor()).unwrap();
        assert_eq!(arguments.parameters[1], named("ratio", Value::Decimal(2.0)));
        for (result, text) in [
            (value("id", Value::Text("7".to_owned())), "`id` must be a whole number, not text"),
            (value("id", Value::Decimal(7.0)), "`id` must be a whole number, not a number"),
            (value("id", Value::Integer(100)), "`id` must be between 1 and 99, not 100"),
        ] {
            assert_eq!(result.unwrap_err().to_string(), text);
        }
        let url = inputs().connection_value("base_url", Value::Boolean(true)).resolve(&descriptor());
        assert_eq!(url.unwrap_err().to_string(), "`base_url` must be text, not true or false");
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_list() {
        let inputs = Inputs::default().parameter("x", "1").connection("y", "1").secret("z", Secret::new(""));
        let (_, errors) = inputs.resolve_all(&descriptor());
        let told: Vec<_> = errors.iter().map(|(list, error)| (*list, error.name())).collect();
        let (connection, parameters) = ((List::Connection, "y"), [(List::Parameters, "x"), (List::Parameters, "id")]);
        assert_eq!(told, [(List::Secrets, "z"), connection, parameters[0], parameters[1]]);
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
