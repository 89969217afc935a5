//! What a guest is called with.

use crate::bindings::orchestrator::plugin::types::{NamedValue, Value};

/// The arguments of one call.
pub struct Call {
    /// How the tool is reached.
    pub connection: Vec<NamedValue>,
    /// What the task is about.
    pub parameters: Vec<NamedValue>,
}

impl Call {
    /// The tool's URL, with no slash at its end.
    pub fn base_url(&self) -> &str {
        self.text("base_url")
    }

    /// The host and the port of the tool.
    pub fn authority(&self) -> &str {
        self.base_url().rsplit('/').next().unwrap_or_default()
    }

    /// The port of the tool.
    pub fn port(&self) -> &str {
        self.authority().rsplit(':').next().unwrap_or_default()
    }

    /// A URL that is not the tool's.
    pub fn other_url(&self) -> &str {
        self.text("other_url")
    }

    /// The secret, or what stands for it.
    pub fn token(&self) -> &str {
        self.text("token")
    }

    /// How much of the deed to do.
    pub fn size(&self, default: usize) -> usize {
        let size = self.parameters.iter().find_map(|parameter| match parameter.value {
            Value::Integer(size) if parameter.name == "size" => usize::try_from(size).ok(),
            _ => None,
        });
        size.unwrap_or(default)
    }

    fn text(&self, name: &str) -> &str {
        let text = self.connection.iter().find_map(|field| match &field.value {
            Value::Text(text) if field.name == name => Some(text.as_str()),
            _ => None,
        });
        text.unwrap_or_default()
    }
}
