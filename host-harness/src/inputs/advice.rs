//! Input errors as they are told to whoever wrote the inputs into a file: with what to write instead.

use crate::contract::FieldKind;
use crate::inputs::suggestion;
use crate::{InputError, List};

/// How a kind of file calls what its inputs stand in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wording<'a> {
    /// What lacks a value that is missing, such as "the task `a`".
    pub(crate) owner: &'a str,
    /// Where to write it, such as "`parameters`".
    pub(crate) place: &'a str,
    /// Where a secret is written.
    pub(crate) secrets: &'a str,
}

/// The error, with advice.
pub(crate) fn advised(list: List, error: &InputError, wording: Wording<'_>) -> String {
    let Wording { owner, place, secrets } = wording;
    match error {
        InputError::Missing { name, description, .. } => {
            let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{owner} needs `{name}` in {place}: {description}")
        }
        InputError::UnknownName { name, names, .. } => {
            let instead = suggestion::instead(name, names.iter().map(String::as_str));
            format!("the plugin has no {list} `{name}`{instead}")
        }
        InputError::Exposed { name } => format!("`{name}` is a secret: give it {secrets}"),
        InputError::OtherType { kind, given, .. } => {
            let advice = match (kind, given) {
                (FieldKind::Text, _) => ": write it in quotes",
                (_, FieldKind::Text) => ": write it without quotes",
                _ => "",
            };
            format!("{error}{advice}")
        }
        other => other.to_string(),
    }
}
