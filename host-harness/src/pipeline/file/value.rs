//! Values of TOML, converted to what they mean.

use std::time::Duration;

use toml::Spanned;
use toml::de::{DeInteger, DeValue};

use crate::contract::Value;
use crate::pipeline::file::diagnostics::RawDiagnostic;

/// A value and its position.
pub(crate) type Toml<'a> = Spanned<DeValue<'a>>;

/// The longest time limit of a task.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// The value's type, in the words of an error message.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The diagnostic of a value that has another type.
pub(crate) fn other(name: &str, value: &Toml<'_>, expected: &str) -> RawDiagnostic {
    RawDiagnostic::new(value.span(), format!("`{name}` must be {expected}, not {}", kind(value.get_ref())))
}

pub(crate) fn text<'a>(name: &str, value: &'a Toml<'_>) -> Result<&'a str, RawDiagnostic> {
    value.get_ref().as_str().ok_or_else(|| other(name, value, "text"))
}

pub(crate) fn boolean(name: &str, value: &Toml<'_>) -> Result<bool, RawDiagnostic> {
    value.get_ref().as_bool().ok_or_else(|| other(name, value, "true or false"))
}

/// A whole number from 0 to `most`.
pub(crate) fn count(name: &str, value: &Toml<'_>, most: u32) -> Result<u32, RawDiagnostic> {
    let expected = format!("a whole number from 0 to {most}");
    let number = value.get_ref().as_integer().ok_or_else(|| other(name, value, &expected))?;
    let fitting = integer(number).and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most);
    fitting.ok_or_else(|| RawDiagnostic::new(value.span(), format!("`{name}` must be {expected}")))
}

/// The items of a list of texts, and their positions.
pub(crate) fn texts<'a, 'b>(name: &str, value: &'a Toml<'b>) -> Result<Vec<(&'a str, &'a Toml<'b>)>, RawDiagnostic> {
    let expected = "a list of texts, such as [\"a\", \"b\"]";
    let items = value.get_ref().as_array().ok_or_else(|| other(name, value, expected))?;
    let item = |item: &'a Toml<'b>| Some((item.get_ref().as_str()?, item));
    items.iter().map(|one| item(one).ok_or_else(|| other(name, one, "a list of texts alone"))).collect()
}

/// A duration such as `90s` or `1h 30m`.
pub(crate) fn time(name: &str, value: &Toml<'_>) -> Result<Duration, RawDiagnostic> {
    let expected = "a time such as \"90s\" or \"1h 30m\"";
    let text = value.get_ref().as_str().ok_or_else(|| other(name, value, expected))?;
    match humantime::parse_duration(text) {
        Ok(time) if time > Duration::ZERO && time <= LONGEST => Ok(time),
        Ok(_) => Err(RawDiagnostic::new(
            value.span(),
            format!("`{name}` must be longer than 0s and no longer than 365 days"),
        )),
        Err(error) => Err(RawDiagnostic::new(value.span(), format!("`{name}` must be {expected}: {error}"))),
    }
}

/// The value of a limit, as written on a command line.
pub(crate) fn limit(name: &str, value: &Toml<'_>) -> Result<String, RawDiagnostic> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(number.to_string()),
        _ => Err(other(name, value, "text such as \"64MiB\" or a whole number")),
    }
}

/// A value for a plugin.
pub(crate) fn plain(name: &str, value: &Toml<'_>) -> Result<Value, RawDiagnostic> {
    let flaw = |what: &str| RawDiagnostic::new(value.span(), format!("`{name}` {what}"));
    match value.get_ref() {
        DeValue::String(text) => Ok(Value::Text(text.to_string())),
        DeValue::Boolean(truth) => Ok(Value::Boolean(*truth)),
        DeValue::Integer(number) => integer(number)
            .map(Value::Integer)
            .ok_or_else(|| flaw("must be between -9223372036854775808 and 9223372036854775807")),
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Decimal(number)),
            _ => Err(flaw("must be a finite number")),
        },
        DeValue::Datetime(_) => Err(flaw("must be text, a number, true or false: write a date or a time in quotes")),
        DeValue::Array(_) | DeValue::Table(_) => Err(other(name, value, "text, a number, true or false")),
    }
}

/// The number, if it fits into 64 bits.
fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
