//! Parsing of the connection and the parameters that the host hands in.

use alloc::format;
use alloc::vec::Vec;

use crate::already_running::OnAlreadyRunning;
use crate::base_url::BaseUrl;
use crate::cancel_attached;
use crate::contract::{NamedValue, TaskError, Value};
use crate::secret::{Secret, trimmed};
use crate::task_error::invalid_input;

/// The values of a connection or of the parameters, looked up by name and kind. Other names are ignored, as the contract asks.
#[derive(Clone, Copy)]
pub struct Inputs<'a>(pub &'a [NamedValue]);

impl<'a> Inputs<'a> {
    /// The optional text called `name`.
    pub fn text(self, name: &str) -> Result<Option<&'a str>, TaskError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(invalid_input(name, "must be text")),
        }
    }

    /// The optional text called `name` as the value of a header: without white space around it, and refused where a header cannot
    /// hold it (RFC 9110, section 5.5).
    pub fn header_text(self, name: &str) -> Result<Option<&'a str>, TaskError> {
        match self.text(name)?.map(trimmed) {
            Some(text) if text.contains(char::is_control) => {
                Err(invalid_input(name, "must not hold a line break or another control character"))
            }
            text => Ok(text),
        }
    }

    /// The optional boolean called `name`.
    pub fn boolean(self, name: &str) -> Result<Option<bool>, TaskError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Boolean(value)) => Ok(Some(*value)),
            Some(_) => Err(invalid_input(name, "must be true or false")),
        }
    }

    /// The optional whole number called `name`, at least 1.
    pub fn id(self, name: &str) -> Result<Option<u64>, TaskError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Integer(number @ 1..)) => Ok(Some(number.unsigned_abs())),
            Some(Value::Integer(number)) => Err(invalid_input(name, format!("must be 1 or more, not {number}"))),
            Some(_) => Err(invalid_input(name, "must be a whole number, such as 123456")),
        }
    }

    /// The choice called `name`: one of `choices`, and the first of them where it is absent.
    pub fn choice<T: Copy>(self, name: &str, choices: &[(&str, T)]) -> Result<T, TaskError> {
        let text = self.text(name)?.unwrap_or(choices[0].0);
        choices.iter().find(|(choice, _)| *choice == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            invalid_input(name, format!("must be one of {}", names.join(", ")))
        })
    }

    /// The required secret called `name`. `absent` says where to find it, in the error that it is missing.
    pub fn secret(self, name: &str, absent: &str) -> Result<Secret, TaskError> {
        let text = required(self.text(name)?, name, absent)?;
        Secret::parse(text).map_err(|problem| invalid_input(name, problem))
    }

    /// The required password called `name`. `absent` says where to find it, in the error that it is missing.
    pub fn password(self, name: &str, absent: &str) -> Result<Secret, TaskError> {
        let text = required(self.text(name)?, name, absent)?;
        Secret::parse_password(text).map_err(|problem| invalid_input(name, problem))
    }

    /// The base URL, or `default` where it is absent.
    pub fn base_url(self, default: &str) -> Result<BaseUrl, TaskError> {
        let text = self.text("base_url")?.unwrap_or(default);
        BaseUrl::parse(text).map_err(|problem| invalid_input("base_url", problem))
    }

    /// The policy `on_already_running`.
    pub fn on_already_running(self) -> Result<OnAlreadyRunning, TaskError> {
        self.choice(OnAlreadyRunning::NAME, OnAlreadyRunning::CHOICES)
    }

    /// The parameter `cancel_attached`; false where it is absent.
    pub fn cancel_attached(self) -> Result<bool, TaskError> {
        Ok(self.boolean(cancel_attached::NAME)?.unwrap_or(false))
    }

    fn value(self, name: &str) -> Option<&'a Value> {
        self.0.iter().find(|input| input.name == name).map(|input| &input.value)
    }
}

/// The required value called `name`. `absent` says where to find it, in the error that it is missing.
pub fn required<T>(value: Option<T>, name: &str, absent: &str) -> Result<T, TaskError> {
    value.ok_or_else(|| invalid_input(name, format!("is missing: {absent}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ErrorKind;
    use crate::scripted::named;
    use alloc::borrow::ToOwned;
    use alloc::string::{String, ToString};

    fn refused<T: core::fmt::Debug>(found: Result<T, TaskError>) -> String {
        let error = found.expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidInput, "invalid_input"));
        error.message
    }

    #[test]
    fn each_kind_is_found_by_its_name() {
        let yes = NamedValue { name: "yes".to_owned(), value: Value::Boolean(true) };
        let values = [named("word", "hello"), named("number", 7), yes];
        let inputs = Inputs(&values);
        assert_eq!(inputs.text("word"), Ok(Some("hello")));
        assert_eq!(inputs.id("number"), Ok(Some(7)));
        assert_eq!(inputs.boolean("yes"), Ok(Some(true)));
        assert_eq!((inputs.text("none"), inputs.id("none"), inputs.boolean("none")), (Ok(None), Ok(None), Ok(None)));
    }

    #[test]
    fn what_travels_in_a_header_is_trimmed_and_in_one_line() {
        let values = [named("key", " a b \n"), named("odd", "a\r\nx-evil: 1")];
        assert_eq!(Inputs(&values).header_text("key"), Ok(Some("a b")));
        assert_eq!(Inputs(&values).header_text("none"), Ok(None));
        let problem = refused(Inputs(&values).header_text("odd"));
        assert_eq!(problem, "odd must not hold a line break or another control character");
    }

    #[test]
    fn a_value_of_another_kind_or_size_is_refused_by_its_name() {
        let values = [named("word", "hello"), named("number", 0)];
        let inputs = Inputs(&values);
        assert_eq!(refused(inputs.text("number")), "number must be text");
        assert_eq!(refused(inputs.id("word")), "word must be a whole number, such as 123456");
        assert_eq!(refused(inputs.id("number")), "number must be 1 or more, not 0");
        assert_eq!(refused(inputs.boolean("word")), "word must be true or false");
    }

    #[test]
    fn a_choice_is_one_of_its_names_and_the_first_where_it_is_absent() {
        let choices = [("one", 1), ("two", 2)];
        let values = [named("given", "two"), named("wrong", "three")];
        let inputs = Inputs(&values);
        assert_eq!((inputs.choice("given", &choices), inputs.choice("absent", &choices)), (Ok(2), Ok(1)));
        assert_eq!(refused(inputs.choice("wrong", &choices)), "wrong must be one of one, two");
        assert_eq!(inputs.on_already_running(), Ok(OnAlreadyRunning::Fail));
    }

    #[test]
    fn a_run_that_was_only_attached_to_is_cancelled_only_where_that_is_asked_for() {
        let asked = |value| [NamedValue { name: "cancel_attached".to_owned(), value: Value::Boolean(value) }];
        assert_eq!(Inputs(&[]).cancel_attached(), Ok(false));
        assert_eq!([true, false].map(|value| Inputs(&asked(value)).cancel_attached()), [Ok(true), Ok(false)]);
    }

    #[test]
    fn a_secret_must_be_there_and_a_base_url_has_a_default() {
        let values = [named("key", "hu sh"), named("base_url", "nowhere")];
        assert_eq!(refused(Inputs(&[]).secret("key", "make one")), "key is missing: make one");
        assert_eq!(refused(Inputs(&[]).password("key", "make one")), "key is missing: make one");
        assert_eq!(Inputs(&values).password("key", "").expect("a password").expose(), "hu sh");
        assert!(refused(Inputs(&values).secret("key", "")).starts_with("key must be one word of ASCII"));
        let default = "https://api.example.com";
        assert_eq!(Inputs(&[]).base_url(default).expect("a URL").to_string(), default);
        assert!(refused(Inputs(&values).base_url(default)).starts_with("base_url must be an absolute URL"));
    }
}
