//! How Stitch is reached.

use crate::access_token::AccessToken;
use crate::base_url::BaseUrl;
use crate::bindings::orchestrator::plugin::types::{NamedValue, TaskError};
use crate::inputs::Inputs;
use crate::stitch::id::ClientId;
use crate::task_error::invalid_input;

/// A connection, understood.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Who we are to Stitch.
    pub access_token: AccessToken,
    /// Where its API is.
    pub base_url: BaseUrl,
    /// The account, where a person named it. Otherwise it is read off the job's name or asked of Stitch.
    pub client_id: Option<ClientId>,
}

impl Connection {
    /// Understands the values, or says which field is wrong and how.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        let inputs = Inputs(values);
        let token = inputs.text("access_token")?.ok_or_else(|| {
            invalid_input("access_token", "is missing: create one in Stitch's account settings, under API access keys")
        })?;
        Ok(Self {
            access_token: AccessToken::parse(token).map_err(|problem| invalid_input("access_token", problem))?,
            base_url: match inputs.text("base_url")? {
                Some(text) => BaseUrl::parse(text).map_err(|problem| invalid_input("base_url", problem))?,
                None => BaseUrl::default(),
            },
            client_id: inputs.id("client_id")?.and_then(ClientId::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::named;
    use alloc::format;
    use alloc::string::String;

    fn refused(values: &[NamedValue]) -> String {
        Connection::parse(values).expect_err("connection refused").message
    }

    #[test]
    fn a_token_is_enough() {
        let connection = Connection::parse(&[named("access_token", "hush")]).expect("a connection");
        assert_eq!(connection.base_url, BaseUrl::default());
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
            "base_url must be an absolute URL such as https://api.stitchdata.com"
        );
        assert_eq!(refused(&[token, named("client_id", 0)]), "client_id must be 1 or more, not 0");
    }
}
