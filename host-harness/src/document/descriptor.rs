//! A descriptor as JSON, with the names of the contract in `snake_case`.

use serde::Serialize;

use super::value::ValueDocument;
use crate::contract::{Descriptor, Field};

/// A plugin's descriptor: enough to draw a form of its fields.
#[derive(Clone, Debug, Serialize)]
pub struct DescriptorDocument<'a> {
    name: &'a str,
    version: &'a str,
    tool: &'a str,
    parameters: Vec<FieldDocument<'a>>,
    connection: Vec<FieldDocument<'a>>,
    origins: &'a [String],
    poll_budget: Option<BudgetDocument<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct FieldDocument<'a> {
    name: &'a str,
    label: &'a str,
    description: &'a str,
    kind: &'static str,
    required: bool,
    secret: bool,
    one_of: &'a [String],
    minimum: Option<i64>,
    maximum: Option<i64>,
    default: Option<ValueDocument<'a>>,
    example: Option<ValueDocument<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct BudgetDocument<'a> {
    requests: u32,
    window_ms: u64,
    paths: &'a [String],
}

impl<'a> From<&'a Descriptor> for DescriptorDocument<'a> {
    fn from(descriptor: &'a Descriptor) -> Self {
        let budget = descriptor.poll_budget.as_ref();
        Self {
            name: &descriptor.name,
            version: &descriptor.version,
            tool: &descriptor.tool,
            parameters: descriptor.parameters.iter().map(Into::into).collect(),
            connection: descriptor.connection.iter().map(Into::into).collect(),
            origins: &descriptor.origins,
            poll_budget: budget.map(|budget| BudgetDocument {
                requests: budget.requests,
                window_ms: budget.window_ms,
                paths: &budget.paths,
            }),
        }
    }
}

impl<'a> From<&'a Field> for FieldDocument<'a> {
    fn from(field: &'a Field) -> Self {
        Self {
            name: &field.name,
            label: &field.label,
            description: &field.description,
            kind: field.kind.as_str(),
            required: field.required,
            secret: field.secret,
            one_of: &field.restrictions.one_of,
            minimum: field.restrictions.minimum,
            maximum: field.restrictions.maximum,
            default: field.default.as_ref().map(Into::into),
            example: field.example.as_ref().map(Into::into),
        }
    }
}
