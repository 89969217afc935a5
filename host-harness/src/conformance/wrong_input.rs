//! Input that a plugin must refuse.

use crate::Arguments;
use crate::contract::{Descriptor, Field, FieldKind, NamedValue, Value};

/// Arguments with one thing wrong.
#[derive(Debug)]
pub(super) struct WrongInput {
    /// The field that is wrong.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) what: &'static str,
    /// The arguments.
    pub(super) arguments: Arguments,
}

/// Leads to one of the lists of values.
type ListOf = fn(&mut Arguments) -> &mut Vec<NamedValue>;

/// Everything that can be wrong with a value for one of the descriptor's fields.
pub(super) fn wrong_inputs(descriptor: &Descriptor, right: &Arguments) -> Vec<WrongInput> {
    let mut wrong = Vec::new();
    let lists: [(&[Field], ListOf); 2] = [
        (&descriptor.connection, |arguments| &mut arguments.connection),
        (&descriptor.parameters, |arguments| &mut arguments.parameters),
    ];
    for (fields, list) in lists {
        for field in fields {
            for (what, value) in wrong_values(field) {
                let mut arguments = right.clone();
                let values = list(&mut arguments);
                values.retain(|value| value.name != field.name);
                values.extend(value.map(|value| NamedValue { name: field.name.clone(), value }));
                wrong.push(WrongInput { field: field.name.clone(), what, arguments });
            }
        }
    }
    wrong
}

fn wrong_values(field: &Field) -> Vec<(&'static str, Option<Value>)> {
    let other_kind = match field.kind {
        FieldKind::Text => Value::Integer(7),
        _ => Value::Text("seven".to_owned()),
    };
    let restrictions = &field.restrictions;
    let below = restrictions.minimum.and_then(|minimum| minimum.checked_sub(1));
    let above = restrictions.maximum.and_then(|maximum| maximum.checked_add(1));
    let mut wrong = vec![("of another kind", Some(other_kind))];
    if field.required {
        wrong.push(("missing", None));
    }
    if !restrictions.one_of.is_empty() {
        wrong.push(("none of the choices", Some(Value::Text("none of them".to_owned()))));
    }
    wrong.extend(below.map(|number| ("below its minimum", Some(Value::Integer(number)))));
    wrong.extend(above.map(|number| ("above its maximum", Some(Value::Integer(number)))));
    wrong
}
