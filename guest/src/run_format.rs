//! The format of a run's text: JSON that names the plugin and the format version that wrote it.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use anyhow::Result;
use serde_json::Value;

use crate::contract::TaskError;
use crate::json;
use crate::task_error::invalid_input;

/// The format of a plugin's runs.
#[derive(Clone, Copy, Debug)]
pub struct RunFormat {
    /// The plugin's name.
    pub writer: &'static str,
    /// The plugin's version.
    pub writer_version: &'static str,
    /// The version of the format. It changes whenever an older plugin could not read a run.
    pub version: u32,
    /// The most bytes of a run. The contract's bound is 4 KiB.
    pub most_bytes: usize,
}

impl RunFormat {
    /// Serializes the fields of a run for the host to store.
    pub fn encode(&self, mut fields: Value) -> String {
        fields["format"] = format!("{}/{}", self.writer, self.version).into();
        fields.to_string()
    }

    /// Parses the run that the host hands in, its fields by `read`. A run that cannot be used is refused as invalid input.
    pub fn decode<T>(&self, text: &str, read: impl FnOnce(&Value) -> Result<T>) -> Result<T, TaskError> {
        let foreign =
            || invalid_input("run", "was not written by this plugin: hand in what trigger or poll returned, unchanged");
        if text.len() > self.most_bytes {
            return Err(foreign());
        }
        let fields = json::parse(text.as_bytes()).map_err(|_| foreign())?;
        match fields["format"].as_str().and_then(|format| format.split_once('/')) {
            Some((writer, version)) if writer == self.writer => match version.parse::<u64>() {
                Ok(version) if version == u64::from(self.version) => {}
                Ok(version) => {
                    let Self { writer, writer_version, version: known, .. } = self;
                    let problem = format!(
                        "has format version {version}, and {writer} {writer_version} understands {known}: poll it with \
                         the plugin that wrote it"
                    );
                    return Err(invalid_input("run", problem));
                }
                Err(_) => return Err(foreign()),
            },
            _ => return Err(foreign()),
        }
        read(&fields).map_err(|problem| invalid_input("run", format!("is damaged: {problem}")))
    }
}

/// Refuses a run of another `thing`, such as a connection, than the parameter `{thing}_id` names.
pub fn same<T: PartialEq + fmt::Display>(thing: &str, written: &T, asked: &T) -> Result<(), TaskError> {
    if written == asked {
        return Ok(());
    }
    let problem =
        format!("is of {thing} {written}, not of {thing}_id {asked}: poll with the parameters of its trigger");
    Err(invalid_input("run", problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ErrorKind;
    use serde_json::json;

    const FORMAT: RunFormat = RunFormat { writer: "acme-sync", writer_version: "0.1.0", version: 1, most_bytes: 1024 };

    fn decoded(text: &str) -> Result<u64, TaskError> {
        FORMAT.decode(text, |fields| json::required(fields, "id", "an id", json::id))
    }

    fn refused(text: &str) -> String {
        let error = decoded(text).expect_err(text);
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        error.message
    }

    #[test]
    fn a_run_comes_back_as_it_went() {
        assert_eq!(decoded(&FORMAT.encode(json!({"id": 7}))).expect("a run"), 7);
    }

    #[test]
    fn what_another_wrote_is_refused() {
        let foreign = "run was not written by this plugin: hand in what trigger or poll returned, unchanged";
        for text in [
            "",
            "x",
            "{}",
            "[]",
            r#"{"format": 1}"#,
            r#"{"format": "other-sync/1", "id": 7}"#,
            r#"{"format": "acme-sync/\n"}"#,
        ] {
            assert_eq!(refused(text), foreign, "{text:?}");
        }
    }

    #[test]
    fn what_is_longer_than_any_run_of_ours_is_refused_whatever_it_holds() {
        let padded = |bytes: usize| format!("{:<bytes$}", FORMAT.encode(json!({"id": 7})));
        assert_eq!(decoded(&padded(1024)), Ok(7));
        for bytes in [1025, 9_000] {
            assert!(refused(&padded(bytes)).starts_with("run was not written by this plugin"), "{bytes}");
        }
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        assert_eq!(
            refused(r#"{"format": "acme-sync/2", "id": 7}"#),
            "run has format version 2, and acme-sync 0.1.0 understands 1: poll it with the plugin that wrote it"
        );
    }

    #[test]
    fn a_run_of_another_thing_is_refused_by_the_name_of_its_parameter() {
        assert_eq!(same("source", &7, &7), Ok(()));
        assert_eq!(
            same("source", &6, &5).expect_err("another").message,
            "run is of source 6, not of source_id 5: poll with the parameters of its trigger"
        );
    }

    #[test]
    fn a_damaged_run_is_refused_by_its_field() {
        assert_eq!(refused(r#"{"format": "acme-sync/1"}"#), "run is damaged: id is missing");
    }
}
