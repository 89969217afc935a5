//! An error as JSON: `#/$defs/error` of the schema.

use serde::Serialize;

use crate::CallError;
use crate::contract::TaskError;

/// Why there is no answer: the plugin's own error, or the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorDocument {
    /// The contract's name of the error's kind, or `host`.
    pub kind: &'static str,
    /// Which error it is, for programs.
    pub code: String,
    /// One line for people.
    pub message: String,
    /// The tool's own words.
    pub raw_message: Option<String>,
    /// The HTTP status that the tool answered with.
    pub http_status: Option<u16>,
    /// How long to wait before trying again, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The plugin's word on whether a run may have been started all the same; none where the error is the host's.
    pub may_have_started: Option<bool>,
}

impl ErrorDocument {
    /// An error that no plugin answered with. `kind` is `host`, or `invalid_input` where the caller is to mend something.
    pub fn host(kind: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: message.into(),
            raw_message: None,
            http_status: None,
            retry_after_ms: None,
            may_have_started: None,
        }
    }
}

impl From<&TaskError> for ErrorDocument {
    fn from(error: &TaskError) -> Self {
        Self {
            kind: error.kind.as_str(),
            code: error.code.clone(),
            message: error.message.clone(),
            raw_message: error.raw_message.clone(),
            http_status: error.http_status,
            retry_after_ms: error.retry_after_ms,
            may_have_started: Some(error.may_have_started),
        }
    }
}

impl From<&CallError> for ErrorDocument {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::Task(error) => error.into(),
            other => Self::host("host", other.code(), other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Function;

    #[test]
    fn an_error_of_the_host_says_nothing_of_what_started() {
        let error = CallError::NotOffered { function: Function::Cancel };
        assert_eq!(
            serde_json::to_value(ErrorDocument::from(&error)).unwrap(),
            json!({
                "kind": "host",
                "code": "not_offered",
                "message": error.to_string(),
                "raw_message": null,
                "http_status": null,
                "retry_after_ms": null,
                "may_have_started": null,
            })
        );
    }
}
