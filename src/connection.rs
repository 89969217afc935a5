//! The connection to Stitch.

use plugin_guest::base_url::BaseUrl;
use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::credential::Credential;
use plugin_guest::inputs::Inputs;

use crate::stitch::api_profile::BASE_URL;
use crate::stitch::id::ClientId;

/// A parsed connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The access token.
    pub credential: Credential,
    /// The base URL of the API.
    pub base_url: BaseUrl,
    /// The account, if configured. Otherwise it is read from the job's name or asked of Stitch.
    pub client_id: Option<ClientId>,
}

impl Connection {
    /// Parses the values. The error names the invalid field and its flaw.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        let inputs = Inputs(values);
        let token = inputs.secret("access_token", "create one in Stitch's account settings, under API access keys")?;
        Ok(Self {
            credential: Credential::bearer(token),
            base_url: inputs.base_url(BASE_URL)?,
            client_id: inputs.id("client_id")?.and_then(ClientId::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::{String, ToString};
    use plugin_guest::scripted::named;

    fn refused(values: &[NamedValue]) -> String {
        Connection::parse(values).expect_err("connection refused").message
    }

    #[test]
    fn a_token_is_enough() {
        let connection = Connection::parse(&[named("access_token", "hush")]).expect("a connection");
        assert_eq!(connection.base_url.to_string(), BASE_URL);
        assert_eq!(connection.client_id, None);
        assert!(!format!("{connection:?}").contains("hush"));
    }

    #[test]
    fn each_bad_value_is_refused_by_the_name_of_its_field() {
        assert_eq!(
            refused(&[]),
            "access_token is missing: create one in Stitch's account settings, under API access keys"
        );
        assert_eq!(refused(&[named("access_token", "")]), "access_token must not be empty");
        assert_eq!(refused(&[named("access_token", 1)]), "access_token must be text");
        let token = named("access_token", "hush");
        assert_eq!(
            refused(&[token.clone(), named("base_url", "api.stitchdata.com")]),
            "base_url must be an absolute URL such as https://api.example.com"
        );
        assert_eq!(refused(&[token, named("client_id", 0)]), "client_id must be 1 or more, not 0");
    }
}
