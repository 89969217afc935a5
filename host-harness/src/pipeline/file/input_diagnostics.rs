//! Diagnostics for inputs that a plugin does not accept, at their positions in the file.

use crate::contract::Descriptor;
use crate::inputs::advice::{Wording, advised};
use crate::pipeline::file::definition::{ConnectionDefinition, Entry, TaskDefinition};
use crate::pipeline::file::diagnostics::{DiagnosticCollector, RawDiagnostic};
use crate::{InputError, List};

/// Allows values to be shown that the plugin knows and does not declare secret.
pub(crate) fn show_known(
    descriptor: &Descriptor,
    connection: &ConnectionDefinition,
    task: &TaskDefinition,
    flaws: &mut DiagnosticCollector,
) {
    for (entries, fields) in [(&connection.fields, &descriptor.connection), (&task.parameters, &descriptor.parameters)]
    {
        let is_plain = |name: &str| fields.iter().any(|field| field.name == name && !field.secret);
        entries.iter().filter(|entry| is_plain(&entry.name)).for_each(|entry| flaws.show(&entry.value_place));
    }
}

/// Adds the diagnostic of one input error of a task.
pub(crate) fn tell(
    list: List,
    error: &InputError,
    connection: &ConnectionDefinition,
    task: &TaskDefinition,
    flaws: &mut DiagnosticCollector,
) {
    let (given, lacking) = match list {
        List::Connection => (find(&connection.fields, error.name()), &connection.place),
        List::Secrets => (find(&connection.secrets, error.name()), &connection.place),
        List::Parameters => (find(&task.parameters, error.name()), &task.place),
    };
    let (name, value) = given.unwrap_or((lacking, lacking));
    // It is given, but could not be read, which is reported already.
    if matches!(error, InputError::Missing { .. }) && given.is_some() {
        return;
    }
    let (owner, place) = match list {
        List::Connection => (format!("the connection `{}`", connection.name), "`fields`"),
        List::Secrets => (format!("the connection `{}`", connection.name), "`secrets`"),
        List::Parameters => (format!("the task `{}`", task.name), "`parameters`"),
    };
    let secrets = "in the connection's `secrets`, as \"env:VAR\" or \"file:PATH\"";
    let message = advised(list, error, Wording { owner: &owner, place, secrets });
    let of_the_name = matches!(error, InputError::UnknownName { .. } | InputError::Exposed { .. });
    flaws.add(RawDiagnostic::new(if of_the_name { name } else { value }.clone(), message));
}

type Place = std::ops::Range<usize>;

/// The positions of a name and its value, if given.
fn find<'a, T>(entries: &'a [Entry<T>], name: &str) -> Option<(&'a Place, &'a Place)> {
    let entry = entries.iter().find(|entry| entry.name == name)?;
    Some((&entry.name_place, &entry.value_place))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::contract::{Field, FieldKind, Restrictions};
    use crate::pipeline::Definition;
    use crate::{Inputs, Secret};

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            name: name.to_owned(),
            label: name.to_owned(),
            description: format!("What {name}\n is."),
            kind,
            required: false,
            secret: false,
            restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
            default: None,
            example: None,
        }
    }

    /// The descriptor of a plugin that needs one value of each list.
    fn descriptor() -> Descriptor {
        let needed = |name, kind| Field { required: true, ..field(name, kind) };
        let token = Field { secret: true, ..needed("token", FieldKind::Text) };
        Descriptor {
            name: "sample".to_owned(),
            version: "0.1.0".to_owned(),
            tool: "Sample".to_owned(),
            parameters: vec![needed("id", FieldKind::Integer), field("mode", FieldKind::Text)],
            connection: vec![needed("account", FieldKind::Text), token],
            origins: Vec::new(),
            poll_budget: None,
        }
    }

    /// The diagnostics for a connection and a task with these lines.
    fn told(connection: &str, task: &str) -> String {
        let text = format!(
            "name = \"a\"\n[connections.b]\nplugin = \"b.wasm\"\n{connection}\n[tasks.c]\nconnection = \"b\"\n{task}"
        );
        let definition = Definition::parse(&text, Path::new("a.toml")).unwrap();
        let (connection, task) = (&definition.connections[0], &definition.tasks[0]);
        let mut inputs = Inputs::default();
        for Entry { name, value, .. } in &connection.fields {
            inputs = inputs.connection_value(name, value.clone());
        }
        for Entry { name, .. } in &connection.secrets {
            inputs = inputs.secret(name, Secret::new("hunter2"));
        }
        for Entry { name, value, .. } in &task.parameters {
            inputs = inputs.parameter_value(name, value.clone());
        }
        let mut flaws = DiagnosticCollector::default();
        show_known(&descriptor(), connection, task, &mut flaws);
        for (list, error) in inputs.resolve_all(&descriptor()).1 {
            tell(list, &error, connection, task, &mut flaws);
        }
        flaws
            .unless_any(definition.source.clone(), |_| Some(()))
            .map_or_else(|told| told.to_string(), |()| String::new())
    }

    const CONNECTION: &str = "fields.account = \"x\"\nsecrets.token = \"env:TOKEN\"";

    #[test]
    fn values_that_the_plugin_takes_are_no_problem() {
        assert_eq!(told(CONNECTION, "parameters = { id = 7, mode = \"fast\" }"), "");
    }

    #[test]
    fn what_is_missing_is_told_where_it_would_be_given() {
        assert_eq!(
            told("", ""),
            "a.toml:2:14: the connection `b` needs `account` in `fields`: What account is.\n\
             \x20 [connections.b]\n\
             \x20              ^\n\
             a.toml:2:14: the connection `b` needs `token` in `secrets`: What token is.\n\
             \x20 [connections.b]\n\
             \x20              ^\n\
             a.toml:5:8: the task `c` needs `id` in `parameters`: What id is.\n\
             \x20 [tasks.c]\n\
             \x20        ^"
        );
    }

    #[test]
    fn what_the_plugin_does_not_take_is_pointed_at() {
        assert_eq!(
            told(CONNECTION, "[tasks.c.parameters]\nid = \"7\"\nmode = 1\nmodus = 1"),
            "a.toml:9:6: `id` must be a whole number, not text: write it without quotes\n\
             \x20 id = \"7\"\n\
             \x20      ^^^\n\
             a.toml:10:8: `mode` must be text, not a whole number: write it in quotes\n\
             \x20 mode = 1\n\
             \x20        ^\n\
             a.toml:11:1: the plugin has no parameter `modus`: did you mean `mode`?\n\
             \x20 modus = …\n\
             \x20 ^^^^^"
        );
    }

    #[test]
    fn a_value_that_no_field_takes_is_not_shown() {
        let parameters = |given: &str| told(CONNECTION, &format!("parameters = {{ id = 7, {given} }}"));
        assert_eq!(
            parameters("token = \"hunter2\""),
            "a.toml:8:24: the plugin has no parameter `token`: there is id, mode\n\
             \x20 parameters = { id = 7, token = … }\n\
             \x20                        ^^^^^"
        );
        assert_eq!(
            parameters("mode = 1, token = \"hunter2\"").lines().nth(1),
            Some("  parameters = { id = 7, mode = 1, token = … }")
        );
        let connection = format!("{CONNECTION}\nfields.tokn = \"hunter2\"");
        let shown = told(&connection, "parameters.id = 7");
        assert!(shown.contains("  fields.tokn = …"), "{shown}");
    }

    #[test]
    fn a_secret_among_the_fields_is_not_shown() {
        let connection = format!("{CONNECTION}\nfields.token = \"hunter2\"");
        assert_eq!(
            told(&connection, "parameters.id = 7"),
            "a.toml:6:8: `token` is a secret: give it in the connection's `secrets`, as \"env:VAR\" or \"file:PATH\"\n\
             \x20 fields.token = …\n\
             \x20        ^^^^^"
        );
    }
}
