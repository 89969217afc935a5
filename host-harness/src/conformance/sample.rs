//! What the tests of this module examine: a plugin that is only described, and kits in one line.

use super::kit::Kit;
use crate::contract::{Descriptor, Field, FieldKind, Restrictions, Value};

pub(super) fn kit(text: &str) -> Kit {
    Kit::parse(text).unwrap()
}

pub(super) fn field(name: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        description: format!("What {name} is."),
        kind: FieldKind::Text,
        required: false,
        secret: false,
        restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
        default: None,
        example: None,
    }
}

/// A connection of `base_url` and the secret `token`, a task of `job` and the secret `salt`.
pub(super) fn descriptor() -> Descriptor {
    let default = Some(Value::Text("https://api.acme.example/v1".to_owned()));
    Descriptor {
        name: "acme-sync".to_owned(),
        version: "0.1.0".to_owned(),
        tool: "Acme".to_owned(),
        parameters: vec![field("job"), Field { secret: true, ..field("salt") }],
        connection: vec![Field { default, ..field("base_url") }, Field { secret: true, ..field("token") }],
        origins: vec!["https://api.acme.example".to_owned()],
        poll_budget: None,
    }
}
