//! The arguments of a plugin's calls.

use std::fmt;

use crate::contract::{NamedValue, Value};
use crate::secrets::placeholder::Placeholder;
use crate::{List, Redactor, Secret};

/// The arguments of a plugin's calls: a connection, the parameters of a task, and, apart from them, secrets. `Debug`
/// shows names and no values.
///
/// A plugin gets a placeholder for each secret, a new one in each call. On the way out the host puts the secret in its
/// place in headers.
#[derive(Clone, PartialEq)]
pub struct Arguments {
    /// The connection: how the tool is reached. Secrets do not belong here.
    pub connection: Vec<NamedValue>,
    /// The parameters: what the task is about. Secrets do not belong here.
    pub parameters: Vec<NamedValue>,
    secrets: Vec<SecretField>,
    exposed: bool,
}

/// The inputs of one call as the plugin gets them, and what stands behind them.
pub(crate) struct CallInputs {
    pub(crate) connection: Vec<NamedValue>,
    pub(crate) parameters: Vec<NamedValue>,
    pub(crate) placeholders: Vec<Placeholder>,
    /// The secrets by the fields that they are the values of.
    pub(crate) secrets: Vec<(String, Secret)>,
}

/// A field whose value is a secret.
#[derive(Clone, PartialEq)]
struct SecretField {
    list: List,
    name: String,
    secret: Secret,
}

impl Arguments {
    /// Takes plain values unchecked. [`Inputs::resolve`](crate::Inputs::resolve) checks them first.
    pub fn new(connection: Vec<NamedValue>, parameters: Vec<NamedValue>) -> Self {
        Self { connection, parameters, secrets: Vec::new(), exposed: false }
    }

    /// Sets a secret of the connection. [`Secret::only_for`] says where it may go.
    #[must_use]
    pub fn secret(self, name: impl Into<String>, secret: Secret) -> Self {
        self.with(List::Connection, name, secret)
    }

    /// Sets a secret that is a parameter of the task.
    #[must_use]
    pub fn secret_parameter(self, name: impl Into<String>, secret: Secret) -> Self {
        self.with(List::Parameters, name, secret)
    }

    fn with(mut self, list: List, name: impl Into<String>, secret: Secret) -> Self {
        let name = name.into();
        self.secrets.retain(|field| (field.list, &field.name) != (list, &name));
        self.secrets.push(SecretField { list, name, secret });
        self
    }

    /// Gives the plugin the secrets themselves, not placeholders: for plugins that compute with them, such as those
    /// that sign requests. The plugin can then send them, in any form, wherever it may send anything.
    #[must_use]
    pub fn expose_secrets(mut self) -> Self {
        self.exposed = true;
        self
    }

    /// The fields whose secrets the plugin itself is given, after [`Arguments::expose_secrets`].
    pub fn exposed(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(|_| self.exposed).map(|field| &*field.name)
    }

    /// A redactor of these secrets.
    pub fn redactor(&self) -> Redactor {
        Redactor::new(self.secrets.iter().map(|field| field.secret.clone()))
    }

    /// The secrets of the connection, ordered by field name.
    pub(crate) fn connection_secrets(&self) -> impl Iterator<Item = &str> {
        let mut fields: Vec<_> = self.secrets.iter().filter(|field| field.list == List::Connection).collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields.into_iter().map(|field| field.secret.expose())
    }

    /// True if both are of one connection: they differ in the parameters at most.
    pub fn shares_connection(&self, other: &Self) -> bool {
        let secrets = |all: &Self| -> Vec<SecretField> {
            all.secrets.iter().filter(|field| field.list == List::Connection).cloned().collect()
        };
        self.connection == other.connection && self.exposed == other.exposed && secrets(self) == secrets(other)
    }

    /// Makes one call's inputs, with fresh placeholders. Fails where the system has no random numbers.
    pub(crate) fn give(&self) -> Result<CallInputs, getrandom::Error> {
        self.give_secrets(|_| true)
    }

    /// Makes the parameters of another run of the same connection.
    pub(crate) fn give_parameters(&self) -> Result<CallInputs, getrandom::Error> {
        self.give_secrets(|list| list == List::Parameters)
    }

    fn give_secrets(&self, of: impl Fn(List) -> bool) -> Result<CallInputs, getrandom::Error> {
        let mut connection = self.connection.clone();
        let mut parameters = self.parameters.clone();
        let mut placeholders = Vec::new();
        let given = || self.secrets.iter().filter(|field| of(field.list));
        for SecretField { list, name, secret } in given() {
            let text = if self.exposed {
                secret.expose().to_owned()
            } else {
                let placeholder = Placeholder::new(name, secret)?;
                let text = placeholder.text.clone();
                placeholders.push(placeholder);
                text
            };
            let values = if *list == List::Parameters { &mut parameters } else { &mut connection };
            values.push(NamedValue { name: name.clone(), value: Value::Text(text) });
        }
        let secrets = given().map(|field| (field.name.clone(), field.secret.clone())).collect();
        Ok(CallInputs { connection, parameters, placeholders, secrets })
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |values: &[NamedValue]| -> Vec<String> { values.iter().map(|value| value.name.clone()).collect() };
        let secrets: Vec<_> = self.secrets.iter().map(|field| &field.name).collect();
        f.debug_struct("Arguments")
            .field("connection", &names(&self.connection))
            .field("parameters", &names(&self.parameters))
            .field("secrets", &secrets)
            .field("exposed", &self.exposed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> Arguments {
        let url = NamedValue { name: "base_url".to_owned(), value: Value::Text("http://host".to_owned()) };
        Arguments::new(vec![url], Vec::new())
            .secret("token", Secret::new("hunter2"))
            .secret_parameter("salt", Secret::new("pepper"))
    }

    fn texts(values: &[NamedValue]) -> Vec<String> {
        values.iter().map(|named| format!("{}={}", named.name, named.value)).collect()
    }

    #[test]
    fn a_plugin_gets_a_placeholder_for_each_secret_in_its_own_list() {
        let inputs = arguments().give().unwrap();
        let placeholders: Vec<_> = inputs.placeholders.iter().map(|placeholder| &*placeholder.text).collect();
        assert_eq!(
            texts(&inputs.connection),
            ["base_url=http://host".to_owned(), format!("token={}", placeholders[0])]
        );
        assert_eq!(texts(&inputs.parameters), [format!("salt={}", placeholders[1])]);
    }

    #[test]
    fn each_call_has_placeholders_of_its_own() {
        let arguments = arguments();
        assert_ne!(arguments.give().unwrap().connection, arguments.give().unwrap().connection);
    }

    #[test]
    fn only_who_asks_for_it_exposes_the_secrets() {
        assert_eq!(arguments().exposed().count(), 0);
        let arguments = arguments().expose_secrets();
        let inputs = arguments.give().unwrap();
        assert_eq!(texts(&inputs.connection), ["base_url=http://host", "token=hunter2"]);
        assert_eq!(texts(&inputs.parameters), ["salt=pepper"]);
        assert_eq!(arguments.exposed().collect::<Vec<_>>(), ["token", "salt"]);
        assert_eq!(inputs.placeholders.len(), 0);
    }

    #[test]
    fn arguments_share_a_connection_where_only_their_parameters_differ() {
        let own = arguments();
        let job = NamedValue { name: "job".to_owned(), value: Value::Text("nightly".to_owned()) };
        let another_job = Arguments { parameters: vec![job], ..own.clone() };
        for other in [&own, &another_job, &own.clone().secret_parameter("salt", Secret::new("sugar"))] {
            assert!(own.shares_connection(other) && other.shares_connection(&own), "{other:?}");
        }
        let mut another_url = own.clone();
        another_url.connection[0].value = Value::Text("http://another".to_owned());
        let bound = Secret::new("hunter2").only_for(["https://acme.example".parse().unwrap()]);
        for other in [
            another_url,
            own.clone().secret("token", Secret::new("hunter3")),
            own.clone().secret("token", bound),
            own.clone().secret("key", Secret::new("hunter2")),
            own.clone().expose_secrets(),
            Arguments { secrets: Vec::new(), ..own.clone() },
        ] {
            assert!(!own.shares_connection(&other) && !other.shares_connection(&own), "{other:?}");
        }
    }

    #[test]
    fn another_run_of_the_connection_adds_the_secrets_of_its_parameters_alone() {
        let inputs = arguments().give_parameters().unwrap();
        assert_eq!(inputs.secrets.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["salt"]);
        assert_eq!(texts(&inputs.parameters), [format!("salt={}", inputs.placeholders[0].text)]);
        assert_eq!(inputs.placeholders.len(), 1);
    }

    #[test]
    fn arguments_made_by_hand_show_no_secret_and_know_their_mask() {
        let shown = format!("{:?}", arguments());
        assert!(!shown.contains("hunter2") && shown.contains("token"), "{shown}");
        assert_eq!(arguments().redactor().text("hunter2, pepper"), "***, ***");
    }
}
