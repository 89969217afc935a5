//! How Airbyte is reached, and as whom.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use plugin_guest::base_url::BaseUrl;
use plugin_guest::client::Client;
use plugin_guest::contract::{ErrorKind, NamedValue, TaskError};
use plugin_guest::credential::Credential;
use plugin_guest::http::Http;
use plugin_guest::inputs::Inputs;
use plugin_guest::json::{self, Value, json};
use plugin_guest::secret::Secret;
use plugin_guest::task_error::invalid_input;

use crate::api::Api;
use crate::tool::{AIRBYTE, BASE_URL};

/// A connection of the contract, understood: it is a door to Airbyte, because Airbyte has connections of its own.
#[derive(Debug)]
pub struct Door {
    /// Where the API is.
    pub base_url: BaseUrl,
    key: Key,
}

/// What opens it.
#[derive(Debug)]
enum Key {
    Token(Credential),
    Application { client_id: String, client_secret: Secret },
}

impl Door {
    /// Understands the values, or says which field is wrong and how.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        const ABSENT: &str = "give it, or client_id and client_secret of an application in Airbyte's user settings";
        let inputs = Inputs(values);
        let client_id = inputs.text("client_id")?;
        let has = |name| inputs.text(name).map(|value| value.is_some());
        let beside =
            |other: &str| invalid_input("access_token", format!("is given beside {other}: give one of the two"));
        let key = match (client_id, has("client_secret")?) {
            (Some(_), _) if has("access_token")? => return Err(beside("client_id")),
            (None, true) if has("access_token")? => return Err(beside("client_secret")),
            (None, false) => Key::Token(Credential::bearer(inputs.secret("access_token", ABSENT)?)),
            (None, true) => return Err(invalid_input("client_id", "is missing: client_secret is its other half")),
            (Some(""), _) => return Err(invalid_input("client_id", "must not be empty")),
            (Some(client_id), _) => Key::Application {
                client_id: client_id.to_owned(),
                client_secret: inputs.secret("client_secret", "client_id is its other half")?,
            },
        };
        Ok(Self { base_url: inputs.base_url(BASE_URL)?, key })
    }

    /// Reaches Airbyte over `http`: with the token, or with one that the application is given now.
    pub fn open<'a>(&'a self, http: &'a mut dyn Http) -> Result<Api<'a>, TaskError> {
        let (client_id, client_secret) = match &self.key {
            Key::Token(credential) => return Ok(Api(Client::new(&AIRBYTE, &self.base_url, credential, http))),
            Key::Application { client_id, client_secret } => (client_id, client_secret),
        };
        let mut client = Client::anonymous(&AIRBYTE, &self.base_url, client_secret, http);
        let body = json!({
            "client_id": client_id, "client_secret": client_secret.expose(), "grant-type": "client_credentials",
        });
        let answer =
            client.post("/applications/token".to_owned(), body.to_string()).map_err(|error| match error.kind {
                ErrorKind::Denied => TaskError {
                    message: "the host did not let the client secret out: allow the origin of base_url, and hand the \
                          secret itself over (expose secrets), because airbyte wants it in a body; or use access_token"
                        .to_owned(),
                    ..error
                },
                _ => error,
            })?;
        let token = json::parse(&answer.body).and_then(|json| {
            json::required(&json, "access_token", "a token", |token: &Value| Secret::parse(token.as_str()?).ok())
        });
        // The answer holds the token: it is not shown.
        let token = client.understood(token, &plugin_guest::http::Answer { body: b"(hidden)".to_vec(), ..answer })?;
        client.authorize(&Credential::bearer(token));
        Ok(Api(client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use plugin_guest::http::SendError;
    use plugin_guest::scripted::{Scripted, answer, named};

    const ASK: &str =
        r#"POST /applications/token {"client_id":"me","client_secret":"hush-hush","grant-type":"client_credentials"}"#;

    fn application() -> Door {
        Door::parse(&[named("client_id", "me"), named("client_secret", "hush-hush")]).expect("a door")
    }

    fn refused(values: &[NamedValue]) -> String {
        Door::parse(values).expect_err("refused").message
    }

    fn refused_by(http: &mut Scripted) -> TaskError {
        application().open(http).err().expect("refused")
    }

    #[test]
    fn a_token_or_an_application_is_enough_and_neither_is_shown() {
        let token = Door::parse(&[named("access_token", "hush-hush")]).expect("a door");
        assert_eq!(token.base_url, BaseUrl::parse(BASE_URL).expect("a URL"));
        for door in [token, application()] {
            assert!(!format!("{door:?}").contains("hush"), "{door:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = "access_token is missing: give it, or client_id and client_secret of an application in Airbyte's \
                       user settings";
        assert_eq!(refused(&[]), missing);
        let half = refused(&[named("client_id", "me")]);
        assert_eq!(half, "client_secret is missing: client_id is its other half");
        let half = refused(&[named("client_secret", "hush")]);
        assert_eq!(half, "client_id is missing: client_secret is its other half");
    }

    #[test]
    fn a_token_beside_an_application_is_one_too_many() {
        let (token, secret) = (named("access_token", "hush"), named("client_secret", "hush"));
        for (other, values) in [
            ("client_id", vec![token.clone(), named("client_id", "me"), secret.clone()]),
            ("client_secret", vec![token, secret]),
        ] {
            assert_eq!(refused(&values), format!("access_token is given beside {other}: give one of the two"));
        }
    }

    #[test]
    fn an_application_is_given_a_token() {
        let mut http = Scripted::answering([(ASK, answer(200, r#"{"access_token": "fresh"}"#))]);
        assert!(application().open(&mut http).is_ok());
    }

    #[test]
    fn a_token_that_is_not_understood_is_not_shown() {
        let mut http = Scripted::answering([(ASK, answer(200, r#"{"access_tokens": "fresh"}"#))]);
        let error = refused_by(&mut http);
        assert_eq!(error.message, "airbyte's answer was not understood: access_token is missing");
        assert_eq!(error.raw_message.as_deref(), Some("(hidden)"));
    }

    #[test]
    fn a_host_that_keeps_the_secret_is_named_as_the_reason() {
        let mut http = Scripted::new([(ASK, Err(SendError::Denied))]);
        let error = refused_by(&mut http);
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Denied, "egress_denied"));
        assert!(error.message.starts_with("the host did not let the client secret out: "), "{}", error.message);
    }

    #[test]
    fn a_wrong_secret_is_told_in_airbytes_words_without_it() {
        let body = r#"{"title": "unauthorized", "detail": "no such secret: hush-hush"}"#;
        let mut http = Scripted::answering([(ASK, answer(401, body))]);
        let error = refused_by(&mut http);
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unauthorized, "no such secret: ***"));
    }
}
