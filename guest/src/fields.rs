//! Constructors of the fields in `describe`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::contract::{Field, FieldKind, Restrictions, Value};

/// An optional text field. A plugin changes the rest with struct update syntax: `Field { required: true, ..text(…) }`.
pub fn text(name: &str, label: &str, description: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        description: description.to_owned(),
        kind: FieldKind::Text,
        required: false,
        secret: false,
        restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
        default: None,
        example: None,
    }
}

/// A field for a whole number, at least 1.
pub fn id(name: &str, label: &str, description: &str) -> Field {
    let restrictions = Restrictions { one_of: Vec::new(), minimum: Some(1), maximum: None };
    Field { kind: FieldKind::Integer, restrictions, ..text(name, label, description) }
}

/// A boolean field.
pub fn boolean(name: &str, label: &str, description: &str, default: bool) -> Field {
    Field { kind: FieldKind::Boolean, default: Some(Value::Boolean(default)), ..text(name, label, description) }
}

/// A field for one of `choices`, of which the first is the default.
pub fn choice<T>(name: &str, label: &str, description: &str, choices: &[(&str, T)]) -> Field {
    let one_of: Vec<String> = choices.iter().map(|(choice, _)| (*choice).to_owned()).collect();
    let default = one_of.first().cloned().map(Value::Text);
    let restrictions = Restrictions { one_of, minimum: None, maximum: None };
    Field { restrictions, default, ..text(name, label, description) }
}

/// A required field for a secret.
pub fn secret(name: &str, label: &str, description: &str) -> Field {
    Field { required: true, secret: true, ..text(name, label, description) }
}

/// The field for the base URL of the tool's API. Its default is the URL that the tool documents.
pub fn base_url(default: &str, description: &str) -> Field {
    Field { default: Some(Value::Text(default.to_owned())), ..text("base_url", "Base URL", description) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_at_least_1_and_a_choice_is_one_of_its_names() {
        let is = |field: Field| (field.restrictions.minimum, field.restrictions.maximum, field.restrictions.one_of);
        assert_eq!(is(id("a", "A", "")), (Some(1), None, Vec::new()));
        assert_eq!(is(choice("a", "A", "", &[("x", 1), ("y", 2)])), (None, None, ["x", "y"].map(str::to_owned).into()));
        assert_eq!(is(text("a", "A", "")), (None, None, Vec::new()));
    }

    #[test]
    fn each_field_says_its_kind_and_its_default() {
        let is = |field: Field| (field.kind, field.required, field.secret, field.default);
        let text_of = |text: &str| Some(Value::Text(text.to_owned()));
        assert_eq!(is(text("a", "A", "")), (FieldKind::Text, false, false, None));
        assert_eq!(is(secret("a", "A", "")), (FieldKind::Text, true, true, None));
        assert_eq!(is(id("a", "A", "")), (FieldKind::Integer, false, false, None));
        assert_eq!(is(boolean("a", "A", "", true)), (FieldKind::Boolean, false, false, Some(Value::Boolean(true))));
        assert_eq!(is(choice("a", "A", "", &[("x", 1), ("y", 2)])), (FieldKind::Text, false, false, text_of("x")));
        assert_eq!(is(base_url("https://x", "")), (FieldKind::Text, false, false, text_of("https://x")));
    }
}
