//! The values of a connection or of the parameters, by name.

use alloc::format;
use alloc::vec::Vec;

use crate::already_running::OnAlreadyRunning;
use crate::base_url::BaseUrl;
use crate::contract::{NamedValue, TaskError, Value};
use crate::secret::Secret;
use crate::task_error::invalid_input;

/// Looks fields up by name and kind. Names that nobody asks for are ignored, as the contract wants it.
#[derive(Clone, Copy)]
pub struct Inputs<'a>(pub &'a [NamedValue]);

impl<'a> Inputs<'a> {
    /// The text called `name`, if it is there.
    pub fn text(self, name: &str) -> Result<Option<&'a str>, TaskError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(invalid_input(name, "must be text")),
        }
    }

    /// The whole number called `name`, at least 1, if it is there.
    pub fn id(self, name: &str) -> Result<Option<u64>, TaskError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Integer(number @ 1..)) => Ok(Some(number.unsigned_abs())),
            Some(Value::Integer(number)) => Err(invalid_input(name, format!("must be 1 or more, not {number}"))),
            Some(_) => Err(invalid_input(name, "must be a whole number, such as 123456")),
        }
    }

    /// The text called `name`, which must be one of `choices`; the first of them where it is absent.
    pub fn choice<T: Copy>(self, name: &str, choices: &[(&str, T)]) -> Result<T, TaskError> {
        let text = self.text(name)?.unwrap_or(choices[0].0);
        choices.iter().find(|(choice, _)| *choice == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            invalid_input(name, format!("must be one of {}", names.join(", ")))
        })
    }

    /// The secret called `name`. `absent` ends the sentence that says it is missing: where to find it.
    pub fn secret(self, name: &str, absent: &str) -> Result<Secret, TaskError> {
        let text = self.text(name)?.ok_or_else(|| invalid_input(name, format!("is missing: {absent}")))?;
        Secret::parse(text).map_err(|problem| invalid_input(name, problem))
    }

    /// The URL called `base_url`, or the tool's own where it is absent.
    pub fn base_url(self, default: &str) -> Result<BaseUrl, TaskError> {
        let text = self.text("base_url")?.unwrap_or(default);
        BaseUrl::parse(text).map_err(|problem| invalid_input("base_url", problem))
    }

    /// The policy called `on_already_running`.
    pub fn on_already_running(self) -> Result<OnAlreadyRunning, TaskError> {
        self.choice(OnAlreadyRunning::NAME, OnAlreadyRunning::CHOICES)
    }

    fn value(self, name: &str) -> Option<&'a Value> {
        self.0.iter().find(|input| input.name == name).map(|input| &input.value)
    }
}
