//! Validation of a plugin's descriptor against the contract.

use std::collections::BTreeSet;

use crate::Origin;
use crate::contract::{Descriptor, Field, FieldKind, Value, request_budget};

/// The most characters of a name.
const NAME: usize = 64;
/// The most characters of a label, a version or a name of a tool.
const LABEL: usize = 200;
/// The most characters of a description.
const DESCRIPTION: usize = 4_000;
/// The most fields of a list, values of a choice, and origins.
const ITEMS: usize = 200;
/// The most violations that are reported.
const FLAWS: usize = 10;

/// Validates a descriptor: a line for each violation, none where it keeps to the contract.
pub fn validate_descriptor(descriptor: &Descriptor) -> Vec<String> {
    let mut flaws = Flaws::default();
    flaws.of_descriptor(descriptor);
    flaws.0
}

#[derive(Default)]
struct Flaws(Vec<String>);

impl Flaws {
    fn unless(&mut self, kept: bool, flaw: impl FnOnce() -> String) {
        if !kept && self.0.len() < FLAWS {
            self.0.push(flaw());
        }
    }

    fn of_descriptor(&mut self, descriptor: &Descriptor) {
        let Descriptor { name, version, tool, parameters, connection, origins, poll_budget } = descriptor;
        self.unless(is_name(name, '-'), || format!("its name {:?} is not in kebab-case", shown(name)));
        let semver = version.len() <= LABEL && semver::Version::parse(version).is_ok();
        self.unless(semver, || format!("its version {:?} is not semver, such as 1.0.0", shown(version)));
        self.unless(is_label(tool), || format!("its tool has no name of 1 to {LABEL} characters in one line"));
        self.of_list("parameters", parameters);
        self.of_list("connection", connection);
        self.unless(origins.len() <= ITEMS, || format!("it lists more than {ITEMS} origins"));
        for origin in origins.iter().take(ITEMS) {
            let parsed = origin.parse::<Origin>();
            self.unless(parsed.is_ok(), || {
                format!("among its origins, {}", parsed.map_or_else(|error| error.to_string(), |_| String::new()))
            });
        }
        if let Some(budget) = poll_budget {
            self.unless(budget.requests >= 1, || "its poll budget is of 0 requests".to_owned());
            self.unless(budget.window_ms >= 1, || "its poll budget is for a window of 0 ms".to_owned());
            self.unless(budget.paths.len() <= ITEMS, || format!("its poll budget lists more than {ITEMS} paths"));
            for path in budget.paths.iter().take(ITEMS) {
                let flaw = if is_short(path) { request_budget::flaw(path) } else { Some("is too long") };
                self.unless(flaw.is_none(), || {
                    format!("its poll budget lists the path {:?}, which {}", shown(path), flaw.unwrap_or_default())
                });
            }
        }
    }

    fn of_list(&mut self, list: &str, fields: &[Field]) {
        self.unless(fields.len() <= ITEMS, || format!("its {list} are more than {ITEMS} fields"));
        let mut names = BTreeSet::new();
        for field in fields.iter().take(ITEMS) {
            let place = format!("{list}.{:.64}", field.name);
            self.unless(is_name(&field.name, '_'), || format!("{place} is not named in snake_case"));
            self.unless(names.insert(&field.name), || format!("{place} is there twice"));
            self.of_field(&place, field);
        }
    }

    fn of_field(&mut self, place: &str, field: &Field) {
        let restrictions = &field.restrictions;
        let (minimum, maximum) = (restrictions.minimum, restrictions.maximum);
        let text = field.kind == FieldKind::Text;
        self.unless(is_label(&field.label), || format!("{place} has no label of 1 to {LABEL} characters in one line"));
        self.unless(field.description.chars().count() <= DESCRIPTION, || {
            format!("{place} is described in more than {DESCRIPTION} characters")
        });
        self.unless(text || !field.secret, || format!("{place} is secret and not text"));
        self.unless(!field.required || field.default.is_none(), || format!("{place} is required and has a default"));
        self.unless(!field.secret || field.default.is_none(), || format!("{place} is secret and has a default"));
        self.unless(text || restrictions.one_of.is_empty(), || format!("{place} is one of some texts and not text"));
        let chosen = restrictions.one_of.len() <= ITEMS && restrictions.one_of.iter().all(|one| is_short(one));
        self.unless(chosen, || format!("{place} has more than {ITEMS} choices, or too long a one"));
        let integer = field.kind == FieldKind::Integer || (minimum.is_none() && maximum.is_none());
        self.unless(integer, || format!("{place} has a minimum or a maximum and is not an integer"));
        let ordered = minimum.zip(maximum).is_none_or(|(minimum, maximum)| minimum <= maximum);
        self.unless(ordered, || format!("{place} has a minimum above its maximum"));
        for (name, value) in [("default", &field.default), ("example", &field.example)] {
            if let Some(value) = value {
                self.unless(fits(field, value), || format!("{place} has a value for {name} that it would not take"));
            }
        }
    }
}

/// True if the value is of the field's kind and within its restrictions.
fn fits(field: &Field, value: &Value) -> bool {
    let restrictions = &field.restrictions;
    match (field.kind, value) {
        (FieldKind::Text, Value::Text(text)) => {
            let allowed = &restrictions.one_of;
            text.chars().count() <= DESCRIPTION && (allowed.is_empty() || allowed.contains(text))
        }
        (FieldKind::Integer, Value::Integer(number)) => {
            restrictions.minimum.is_none_or(|minimum| minimum <= *number)
                && restrictions.maximum.is_none_or(|maximum| *number <= maximum)
        }
        (FieldKind::Decimal, Value::Decimal(number)) => number.is_finite(),
        (FieldKind::Boolean, Value::Boolean(_)) => true,
        _ => false,
    }
}

/// True for words of lower-case letters and digits, joined by the separator, the first beginning with a letter.
fn is_name(name: &str, separator: char) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.len() <= NAME && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split(separator).all(word)
}

/// The beginning of a text that may be of any length.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(NAME)]
}

fn is_label(text: &str) -> bool {
    !text.trim().is_empty() && is_short(text) && !text.contains(char::is_control)
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= LABEL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{RequestBudget, Restrictions};

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            name: name.to_owned(),
            label: "A label".to_owned(),
            description: "What it is.".to_owned(),
            kind,
            required: false,
            secret: false,
            restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
            default: None,
            example: None,
        }
    }

    fn budget(requests: u32, window_ms: u64, paths: &[&str]) -> RequestBudget {
        RequestBudget { requests, window_ms, paths: paths.iter().copied().map(str::to_owned).collect() }
    }

    /// The violations of a valid descriptor after one change.
    fn flaws(change: impl FnOnce(&mut Descriptor)) -> Vec<String> {
        let limited = Restrictions { one_of: Vec::new(), minimum: Some(1), maximum: Some(9) };
        let mut descriptor = Descriptor {
            name: "sample-2".to_owned(),
            version: "1.0.0-rc.1".to_owned(),
            tool: "Sample".to_owned(),
            parameters: vec![
                Field { restrictions: limited, ..field("id", FieldKind::Integer) },
                field("policy", FieldKind::Text),
            ],
            connection: vec![Field { secret: true, ..field("access_token", FieldKind::Text) }],
            origins: vec!["https://api.example.com".to_owned()],
            poll_budget: Some(budget(1, 1, &["/v4/*/loads"])),
        };
        change(&mut descriptor);
        validate_descriptor(&descriptor)
    }

    #[test]
    fn a_descriptor_that_keeps_to_the_contract_has_no_flaws() {
        assert_eq!(flaws(|_| {}), [""; 0]);
    }

    #[test]
    fn every_breach_of_the_contract_is_told() {
        type Change = fn(&mut Descriptor);
        let cases: [(Change, &str); 22] = [
            (|d| d.name = "Sample".to_owned(), "its name \"Sample\" is not in kebab-case"),
            (
                |d| d.name = "A".repeat(65),
                "its name \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" is not in kebab-case",
            ),
            (|d| d.version = "1".to_owned(), "its version \"1\" is not semver, such as 1.0.0"),
            (|d| d.tool = "a\nb".to_owned(), "its tool has no name of 1 to 200 characters in one line"),
            (|d| d.parameters[0].name = "iD".to_owned(), "parameters.iD is not named in snake_case"),
            (|d| d.parameters[0].name = "policy".to_owned(), "parameters.policy is there twice"),
            (|d| d.parameters[0].label.clear(), "parameters.id has no label of 1 to 200 characters in one line"),
            (|d| d.parameters[0].secret = true, "parameters.id is secret and not text"),
            (
                |d| d.connection[0].default = Some(Value::Text("x".to_owned())),
                "connection.access_token is secret and has a default",
            ),
            (
                |d| {
                    d.parameters[0].required = true;
                    d.parameters[0].default = Some(Value::Integer(1));
                },
                "parameters.id is required and has a default",
            ),
            (
                |d| d.parameters[0].default = Some(Value::Integer(10)),
                "parameters.id has a value for default that it would not take",
            ),
            (
                |d| d.parameters[0].example = Some(Value::Boolean(true)),
                "parameters.id has a value for example that it would not take",
            ),
            (
                |d| {
                    d.parameters[1].restrictions.one_of = vec!["fail".to_owned()];
                    d.parameters[1].default = Some(Value::Text("skip".to_owned()));
                },
                "parameters.policy has a value for default that it would not take",
            ),
            (|d| d.parameters[0].restrictions.minimum = Some(10), "parameters.id has a minimum above its maximum"),
            (
                |d| d.parameters[1].restrictions.minimum = Some(1),
                "parameters.policy has a minimum or a maximum and is not an integer",
            ),
            (
                |d| d.parameters[0].restrictions.one_of.push("1".to_owned()),
                "parameters.id is one of some texts and not text",
            ),
            (
                |d| d.origins[0] = "https://host/path".to_owned(),
                "among its origins, `https://host/path` is not an origin: it has a path, a query or a fragment; \
                 write it as https://host or https://host:port",
            ),
            (|d| d.poll_budget = Some(budget(0, 1, &[])), "its poll budget is of 0 requests"),
            (|d| d.poll_budget = Some(budget(1, 0, &[])), "its poll budget is for a window of 0 ms"),
            (
                |d| d.poll_budget = Some(budget(1, 1, &["/v4/*/loads", "/v*/loads"])),
                "its poll budget lists the path \"/v*/loads\", which has a * that is not a whole segment",
            ),
            (
                |d| d.poll_budget = Some(budget(1, 1, &[&format!("/{}", "a".repeat(200))])),
                "its poll budget lists the path \"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", which is too \
                 long",
            ),
            (|d| d.poll_budget = Some(budget(1, 1, &["/a"; 201])), "its poll budget lists more than 200 paths"),
        ];
        for (change, flaw) in cases {
            assert_eq!(flaws(change), [flaw]);
        }
    }

    #[test]
    fn of_many_flaws_the_first_are_told() {
        let many = |descriptor: &mut Descriptor| descriptor.parameters = vec![field("X", FieldKind::Text); 1_000];
        assert_eq!(flaws(many).len(), FLAWS);
    }
}
