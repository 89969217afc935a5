//! What a plugin does not take of what a pipeline's file gives it, and where that stands.

use super::definition::{ConnectionDefinition, Entry, TaskDefinition};
use super::flaws::{Flaw, Flaws};
use super::suggestion;
use crate::contract::FieldKind;
use crate::{InputError, List};

/// Notes one input error of a task.
pub(super) fn tell(
    list: List,
    error: &InputError,
    connection: &ConnectionDefinition,
    task: &TaskDefinition,
    flaws: &mut Flaws,
) {
    let (given, lacking) = match list {
        List::Connection => (find(&connection.fields, error.name()), &connection.place),
        List::Secrets => (find(&connection.secrets, error.name()), &connection.place),
        List::Parameters => (find(&task.parameters, error.name()), &task.place),
    };
    let (name, value) = given.unwrap_or((lacking, lacking));
    match error {
        // It is given, and could not be read: that is told already.
        InputError::Missing { .. } if given.is_some() => {}
        InputError::Missing { name, description, .. } => {
            let (owner, key) = match list {
                List::Connection => (format!("the connection `{}`", connection.name), "fields"),
                List::Secrets => (format!("the connection `{}`", connection.name), "secrets"),
                List::Parameters => (format!("the task `{}`", task.name), "parameters"),
            };
            let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
            flaws.add(Flaw::new(lacking.clone(), format!("{owner} needs `{name}` in `{key}`: {description}")));
        }
        InputError::UnknownName { name: given, names, .. } => {
            let instead = suggestion::instead(given, names.iter().map(String::as_str));
            flaws.add(Flaw::new(name.clone(), format!("the plugin has no {list} `{given}`{instead}")));
        }
        InputError::Exposed { name: secret } => {
            flaws.hide(value.clone());
            let advice = "give it in the connection's `secrets`, as \"env:VAR\" or \"file:PATH\"";
            flaws.add(Flaw::new(name.clone(), format!("`{secret}` is a secret: {advice}")));
        }
        InputError::OtherType { kind, given, .. } => {
            let advice = match (kind, given) {
                (FieldKind::Text, _) => ": write it in quotes",
                (_, FieldKind::Text) => ": write it without quotes",
                _ => "",
            };
            flaws.add(Flaw::new(value.clone(), format!("{error}{advice}")));
        }
        other => flaws.add(Flaw::new(value.clone(), other.to_string())),
    }
}

type Place = std::ops::Range<usize>;

/// Where a name and its value stand, if it is given.
fn find<'a, T>(entries: &'a [Entry<T>], name: &str) -> Option<(&'a Place, &'a Place)> {
    let entry = entries.iter().find(|entry| entry.name == name)?;
    Some((&entry.name_place, &entry.value_place))
}
