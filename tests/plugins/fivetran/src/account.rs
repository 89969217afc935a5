//! The Fivetran account: base URL and credential.

use alloc::borrow::ToOwned;

use plugin_guest::base_url::BaseUrl;
use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::credential::Credential;
use plugin_guest::inputs::{Inputs, required};
use plugin_guest::task_error::invalid_input;

/// The base URL of Fivetran's API, by its documentation.
pub const BASE_URL: &str = "https://api.fivetran.com";

/// A parsed connection of the contract, called an account because Fivetran has connections of its own.
#[derive(Debug)]
pub struct Account {
    /// The base URL of the API.
    pub base_url: BaseUrl,
    /// The credential.
    pub credential: Credential,
}

impl Account {
    /// Parses the values. The error names the invalid field and its flaw.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        const ABSENT: &str = "create a key in Fivetran, under API key of the user's menu";
        let inputs = Inputs(values);
        let key = match required(inputs.header_text("api_key")?, "api_key", ABSENT)? {
            "" => return Err(invalid_input("api_key", "must not be empty")),
            // RFC 7617, section 2: a user name ends at the first colon.
            key if key.contains(':') => {
                return Err(invalid_input("api_key", "must hold no colon: the secret goes into api_secret"));
            }
            key => key,
        };
        let credential = Credential::basic(key, inputs.secret("api_secret", ABSENT)?);
        let mut base_url = inputs.base_url(BASE_URL)?;
        // Fivetran's pages include the version, with which every path of the API begins.
        if let Some(root) = base_url.path.strip_suffix("/v1") {
            base_url.path = root.to_owned();
        }
        Ok(Self { base_url, credential })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{account, named};
    use alloc::format;
    use alloc::string::ToString;

    fn refused(values: &[NamedValue]) -> String {
        Account::parse(values).expect_err("refused").message
    }

    #[test]
    fn a_key_and_its_secret_are_enough_and_the_secret_is_not_shown() {
        let account = Account::parse(&account()).expect("an account");
        assert_eq!(account.base_url.to_string(), BASE_URL);
        assert!(!format!("{account:?}").contains("hush"), "{account:?}");
    }

    #[test]
    fn the_version_of_the_api_may_stand_in_the_url_or_not() {
        for (given, root) in [
            ("https://api.fivetran.com/v1/", BASE_URL),
            ("https://api.fivetran.com/", BASE_URL),
            ("https://proxy.example/fivetran/v1", "https://proxy.example/fivetran"),
        ] {
            let values = [&account()[..], &[named("base_url", given)]].concat();
            assert_eq!(Account::parse(&values).expect(given).base_url.to_string(), root);
        }
    }

    #[test]
    fn each_bad_value_is_refused_by_the_name_of_its_field() {
        let missing = "is missing: create a key in Fivetran, under API key of the user's menu";
        assert_eq!(refused(&[]), format!("api_key {missing}"));
        assert_eq!(refused(&[named("api_key", "key")]), format!("api_secret {missing}"));
        assert_eq!(refused(&[named("api_key", "")]), "api_key must not be empty");
        let colon = [named("api_key", "key:hush"), named("api_secret", "hush")];
        assert_eq!(refused(&colon), "api_key must hold no colon: the secret goes into api_secret");
        let base_url = [&account()[..], &[named("base_url", "api.fivetran.com")]].concat();
        assert!(refused(&base_url).starts_with("base_url must be an absolute URL"));
    }
}
