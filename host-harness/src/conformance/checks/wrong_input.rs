//! Invalid inputs, which a plugin must refuse, and defaults, which must change nothing.

use url::Url;

use crate::Arguments;
use crate::contract::{Descriptor, Field, FieldKind, NamedValue, Value};

/// Arguments with one flaw.
#[derive(Debug)]
pub(crate) struct WrongInput {
    /// The invalid field.
    pub(crate) field: String,
    /// Its flaw.
    pub(crate) what: &'static str,
    /// The arguments.
    pub(crate) arguments: Arguments,
}

/// Selects one of the lists of values.
type ListOf = fn(&mut Arguments) -> &mut Vec<NamedValue>;

fn lists(descriptor: &Descriptor) -> [(&[Field], ListOf); 2] {
    [
        (&descriptor.connection, |arguments| &mut arguments.connection),
        (&descriptor.parameters, |arguments| &mut arguments.parameters),
    ]
}

/// All flaws that a value of the descriptor's fields can have.
pub(crate) fn wrong_inputs(descriptor: &Descriptor, right: &Arguments) -> Vec<WrongInput> {
    let mut wrong = Vec::new();
    for (fields, list) in lists(descriptor) {
        for field in fields {
            let mut given = right.clone();
            let given = list(&mut given).iter().find(|value| value.name == field.name).map(|named| named.value.clone());
            for (what, value) in wrong_values(field, given.as_ref()) {
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

fn wrong_values(field: &Field, given: Option<&Value>) -> Vec<(&'static str, Option<Value>)> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let other_kind = match field.kind {
        FieldKind::Text => Some(Value::Integer(7)),
        _ => text("seven"),
    };
    let restrictions = &field.restrictions;
    let below = restrictions.minimum.and_then(|minimum| minimum.checked_sub(1));
    let above = restrictions.maximum.and_then(|maximum| maximum.checked_add(1));
    let mut wrong = vec![("of another kind", other_kind)];
    if field.required {
        wrong.push(("missing", None));
    }
    if !restrictions.one_of.is_empty() {
        wrong.push(("none of the choices", text("none of them")));
    }
    if origin_of(field).is_some() {
        wrong.push(("no URL", text("no URL")));
    }
    // A line break would end the header that the secret goes into.
    if let (true, Some(Value::Text(secret))) = (field.secret, given) {
        wrong.push(("of two lines", text(&format!("{secret}\r\nx-smuggled: 1"))));
    }
    wrong.extend(below.map(|number| ("below its minimum", Some(Value::Integer(number)))));
    wrong.extend(above.map(|number| ("above its maximum", Some(Value::Integer(number)))));
    wrong
}

/// The origin that a field's default leads to.
pub(crate) fn origin_of(field: &Field) -> Option<String> {
    let Some(Value::Text(default)) = &field.default else { return None };
    let url = Url::parse(default).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
    Some(url.origin().ascii_serialization())
}

/// The same arguments with all missing defaults filled in.
pub(crate) fn with_defaults(descriptor: &Descriptor, arguments: &Arguments) -> Arguments {
    let mut full = arguments.clone();
    for (fields, list) in lists(descriptor) {
        let values = list(&mut full);
        for field in fields {
            let given = values.iter().any(|value| value.name == field.name);
            let default = field.default.clone().filter(|_| !given);
            values.extend(default.map(|value| NamedValue { name: field.name.clone(), value }));
        }
    }
    full
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::kit::values::text;
    use crate::conformance::sample::{descriptor, field};
    use crate::contract::Restrictions;

    fn right() -> Arguments {
        Arguments::new(vec![text("token", "made-up-secret")], vec![text("job", "nightly")])
    }

    fn wrong(descriptor: &Descriptor, name: &str) -> Vec<&'static str> {
        let all = wrong_inputs(descriptor, &right()).into_iter();
        all.filter(|wrong| wrong.field == name).map(|wrong| wrong.what).collect()
    }

    #[test]
    fn each_field_is_wrong_in_every_way_that_it_can_be() {
        let mut descriptor = descriptor();
        let number = Field { required: true, kind: FieldKind::Integer, ..field("count") };
        let restrictions = Restrictions { one_of: Vec::new(), minimum: Some(1), maximum: Some(9) };
        let choice = Restrictions { one_of: vec!["a".to_owned()], minimum: None, maximum: None };
        descriptor.parameters.push(Field { restrictions, ..number });
        descriptor.parameters.push(Field { restrictions: choice, ..field("choice") });
        assert_eq!(
            wrong(&descriptor, "count"),
            ["of another kind", "missing", "below its minimum", "above its maximum"]
        );
        assert_eq!(wrong(&descriptor, "choice"), ["of another kind", "none of the choices"]);
        assert_eq!(wrong(&descriptor, "base_url"), ["of another kind", "no URL"]);
        assert_eq!(wrong(&descriptor, "token"), ["of another kind", "of two lines"]);
        // A plugin need not look at a secret that is optional.
        assert_eq!(wrong(&descriptor, "salt"), ["of another kind"]);
    }

    #[test]
    fn a_wrong_value_stands_in_the_place_of_the_right_one() {
        let all = wrong_inputs(&descriptor(), &right());
        let broken = all.iter().find(|wrong| wrong.what == "of two lines").unwrap();
        assert_eq!(broken.arguments.connection, [text("token", "made-up-secret\r\nx-smuggled: 1")]);
        assert_eq!(broken.arguments.parameters, right().parameters);
    }

    #[test]
    fn the_origin_of_a_default_is_that_of_its_url() {
        assert_eq!(origin_of(&descriptor().connection[0]).as_deref(), Some("https://api.acme.example"));
        let no_url = Field { default: Some(Value::Text("fail".to_owned())), ..field("policy") };
        assert_eq!(origin_of(&no_url), None);
    }

    #[test]
    fn defaults_stand_where_nothing_was_given() {
        let full = with_defaults(&descriptor(), &right());
        assert_eq!(full.connection[1], text("base_url", "https://api.acme.example/v1"));
        assert_eq!(with_defaults(&descriptor(), &full), full);
    }
}
