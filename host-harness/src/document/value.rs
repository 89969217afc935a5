//! Values of the contract as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::contract::{NamedValue, Value};

/// A value as the JSON type of its kind. A decimal that JSON has no number for is `null`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ValueDocument<'a> {
    Text(&'a str),
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
}

impl<'a> From<&'a Value> for ValueDocument<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Boolean(truth) => Self::Boolean(*truth),
            Value::Integer(number) => Self::Integer(*number),
            Value::Decimal(number) => Self::Decimal(*number),
        }
    }
}

/// Named values as an object.
pub(super) fn object(values: &[NamedValue]) -> BTreeMap<&str, ValueDocument<'_>> {
    values.iter().map(|named| (&*named.name, (&named.value).into())).collect()
}
