//! JSON documents of the command line, besides the library's: see docs/output.md and docs/output.schema.json.

use host_harness::document::{ComponentDocument, DescriptorDocument, ErrorDocument};
use serde::Serialize;

use crate::inspect::Inspection;

/// An inspection in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct InspectionDocument<'a> {
    file: &'a str,
    bytes: usize,
    sha256: &'a str,
    anatomy: Option<ComponentDocument<'a>>,
    descriptor: Option<DescriptorDocument<'a>>,
    error: Option<&'a ErrorDocument>,
}

impl<'a> From<&'a Inspection<'_>> for InspectionDocument<'a> {
    fn from(inspection: &'a Inspection<'_>) -> Self {
        Self {
            file: inspection.file,
            bytes: inspection.bytes,
            sha256: &inspection.sha256,
            anatomy: inspection.anatomy.as_ref().map(Into::into),
            descriptor: inspection.descriptor.as_ref().map(Into::into),
            error: inspection.error.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use host_harness::contract::{ErrorKind, TaskError};

    use host_harness::ComponentInfo;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::failure::Failure;

    fn task_failure() -> Json {
        let error = TaskError {
            kind: ErrorKind::Unavailable,
            code: "busy".to_owned(),
            message: "try later".to_owned(),
            raw_message: Some("503".to_owned()),
            http_status: Some(503),
            retry_after_ms: Some(1000),
            may_have_started: false,
        };
        json!({
            "error": ErrorDocument::from(&error),
            "exceeded": [{"limit": "cpu", "value": "1s"}],
            "hints": ["wait"],
            "run": null,
            "requests": 1,
        })
    }

    fn inspected(inspection: &Inspection<'_>) -> Json {
        json!(InspectionDocument::from(inspection))
    }

    #[test]
    fn every_document_keeps_to_the_published_schema() {
        let schema: Json = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        for document in [
            task_failure(),
            Failure::usage("no such thing").document(),
            inspected(&Inspection { file: "a.wasm", ..Inspection::default() }),
            inspected(&Inspection {
                file: "a.wasm",
                anatomy: Some(ComponentInfo {
                    imports: vec!["wasi:io/poll@0.2.0".to_owned()],
                    ..ComponentInfo::default()
                }),
                error: Some(ErrorDocument::host("host", "not_loaded", "it is not a WebAssembly component")),
                ..Inspection::default()
            }),
        ] {
            assert!(schema.is_valid(&document), "{document:#}");
        }
        assert!(!schema.is_valid(&json!({"verdict": "succeeded"})));
    }

    #[test]
    fn the_documented_examples_keep_to_the_published_schema() {
        let schema: Json = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let examples = include_str!("../../docs/output.md").split("```json").skip(1);
        let documents = examples.map(|rest| rest.split("```").next().unwrap_or_default());
        for document in documents {
            assert!(schema.is_valid(&serde_json::from_str(document).unwrap()), "{document}");
        }
    }
}
