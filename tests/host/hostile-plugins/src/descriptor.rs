//! The honest answer to `describe`.

use crate::bindings::orchestrator::plugin::types::{Descriptor, Field, FieldKind, Restrictions};

/// What every guest takes, and that it wants to reach no origin by default.
pub fn honest() -> Descriptor {
    Descriptor {
        name: "hostile".to_owned(),
        version: "0.1.0".to_owned(),
        tool: "Nothing".to_owned(),
        parameters: vec![field("size", FieldKind::Integer)],
        connection: vec![
            Field { required: true, ..field("base_url", FieldKind::Text) },
            field("other_url", FieldKind::Text),
            Field { secret: true, ..field("token", FieldKind::Text) },
        ],
        origins: Vec::new(),
        poll_budget: None,
    }
}

fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        description: "What the deed needs.".to_owned(),
        kind,
        required: false,
        secret: false,
        restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
        default: None,
        example: None,
    }
}
