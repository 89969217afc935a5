//! Access to Airbyte: its root URL and a credential.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use plugin_guest::anyhow::anyhow;
use plugin_guest::base_url::BaseUrl;
use plugin_guest::client::Client;
use plugin_guest::contract::{ErrorKind, NamedValue, TaskError};
use plugin_guest::credential::Credential;
use plugin_guest::http::Http;
use plugin_guest::inputs::{Inputs, required};
use plugin_guest::json::{self, json, lenient};
use plugin_guest::secret::Secret;
use plugin_guest::task_error::invalid_input;

use crate::api::Api;
use crate::api_profile::AIRBYTE;
use crate::root::Root;

/// A parsed connection of the contract, called a door because Airbyte has connections of its own.
#[derive(Debug)]
pub struct Door {
    /// The base URL of the API.
    pub base_url: BaseUrl,
    key: Key,
}

/// A credential.
#[derive(Debug)]
enum Key {
    /// This Airbyte needs none.
    None,
    Credential(Credential),
    Application {
        client_id: String,
        client_secret: Secret,
    },
}

/// Parses an application's token. Errors show nothing of the answer: any odd part may be the token.
fn issued(body: &[u8]) -> json::Result<Secret> {
    let text = json::repaired(body);
    let token = json::at(json::value(&text)?, &["access_token"]).filter(|token| token.get().starts_with('"'));
    let token = token.and_then(lenient::text).ok_or_else(|| anyhow!("it holds no access_token that is text"))?;
    Secret::parse(token.trim()).map_err(|problem| anyhow!("access_token: {problem}"))
}

/// The kinds of credentials, by their fields.
const WAYS: [&[&str]; 3] = [&["access_token"], &["client_id", "client_secret"], &["username", "password"]];

impl Door {
    /// Parses the values. The error names the invalid field and its flaw.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        const TO_CLOUD: &str =
            "Airbyte Cloud wants it, or client_id and client_secret of an application in Airbyte's user settings";
        let inputs = Inputs(values);
        let Root { url, is_cloud } = Root::parse(inputs)?;
        let key = match way(inputs)? {
            None if is_cloud => return Err(invalid_input("access_token", format!("is missing: {TO_CLOUD}"))),
            None => Key::None,
            Some("access_token") => Key::Credential(Credential::bearer(inputs.secret("access_token", TO_CLOUD)?)),
            Some("client_id") => Key::Application {
                client_id: half(inputs, "client_id", "client_secret")?.to_owned(),
                client_secret: inputs.secret("client_secret", "client_id is its other half")?,
            },
            Some(_) => {
                let username = half(inputs, "username", "password")?;
                // RFC 7617, section 2: a user name ends at the first colon.
                if username.contains(':') {
                    return Err(invalid_input("username", "must hold no colon: the password goes into password"));
                }
                Key::Credential(Credential::basic(username, inputs.password("password", "username is its other half")?))
            }
        };
        Ok(Self { base_url: url, key })
    }

    /// True if it has a credential.
    pub fn has_key(&self) -> bool {
        !matches!(self.key, Key::None)
    }

    /// A client that sends over `http`: with the credential or, for an application, with a token requested now.
    pub fn open<'a>(&'a self, http: &'a mut dyn Http) -> Result<Api<'a>, TaskError> {
        let (client_id, client_secret) = match &self.key {
            Key::None => return Ok(Api(Client::without_credential(&AIRBYTE, &self.base_url, http))),
            Key::Credential(credential) => return Ok(Api(Client::new(&AIRBYTE, &self.base_url, credential, http))),
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
        let token = issued(&answer.body);
        let token = client.understood(token, &plugin_guest::http::Answer { body: b"(hidden)".to_vec(), ..answer })?;
        client.authorize(&Credential::bearer(token));
        Ok(Api(client))
    }
}

/// The chosen kind of credential, by its first field; none if none is chosen. Fields of two kinds are refused.
fn way(inputs: Inputs<'_>) -> Result<Option<&'static str>, TaskError> {
    let mut chosen: Option<(&str, &str)> = None;
    for fields in WAYS {
        for field in fields {
            match chosen {
                _ if inputs.text(field)?.is_none() => {}
                None => chosen = Some((fields[0], field)),
                Some((way, _)) if way == fields[0] => {}
                Some((_, other)) => {
                    let problem = format!("is given beside {field}: give one of the two");
                    return Err(invalid_input(other, problem));
                }
            }
        }
    }
    Ok(chosen.map(|(way, _)| way))
}

/// The public half of a pair.
fn half<'a>(inputs: Inputs<'a>, name: &str, other: &str) -> Result<&'a str, TaskError> {
    match required(inputs.header_text(name)?, name, &format!("{other} is its other half"))? {
        "" => Err(invalid_input(name, "must not be empty")),
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_profile::BASE_URL;
    use crate::connection::ConnectionId;
    use alloc::vec::Vec;
    use plugin_guest::http::{Answer, Request, SendError};
    use plugin_guest::scripted::{Scripted, answer, named};
    use proptest::prelude::*;

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
    fn a_token_an_application_or_a_user_is_enough_and_none_is_shown() {
        let token = Door::parse(&[named("access_token", "hush-hush")]).expect("a door");
        assert_eq!(token.base_url.to_string(), BASE_URL);
        let user = Door::parse(&[named("username", "me"), named("password", "hush hush")]).expect("a door");
        for door in [token, application(), user] {
            assert!(door.has_key() && !format!("{door:?}").contains("hush"), "{door:?}");
        }
    }

    /// The `Authorization` that Airbyte gets.
    fn authorization(values: &[NamedValue]) -> Option<String> {
        struct Recorder(Option<String>);
        impl Http for Recorder {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                let headers = request.headers.iter();
                self.0 = headers.filter(|(name, _)| *name == "authorization").map(|(_, value)| value.clone()).next();
                Ok(answer(503, ""))
            }
        }
        let mut http = Recorder(None);
        let door = Door::parse(values).expect("a door");
        let id = ConnectionId::parse("e3b1ce92-547c-436f-b1e8-23b6936c12cd").expect("an id");
        door.open(&mut http).expect("an API").connection(id).expect_err("unavailable");
        http.0
    }

    #[test]
    fn a_self_managed_airbyte_is_told_who_asks_as_it_wants_it_or_not_at_all() {
        let local = named("base_url", "http://localhost:8000");
        assert_eq!(authorization(core::slice::from_ref(&local)), None);
        let user = [local.clone(), named("username", "airbyte"), named("password", "password")];
        assert_eq!(authorization(&user).as_deref(), Some("Basic YWlyYnl0ZTpwYXNzd29yZA=="));
        let odd = [local.clone(), named("username", "me"), named("password", r#"it's "odd" \ : é"#)];
        assert_eq!(authorization(&odd).as_deref(), Some("Basic bWU6aXQncyAib2RkIiBcIDogw6k="));
        let token = [local, named("access_token", "hush")];
        assert_eq!(authorization(&token).as_deref(), Some("Bearer hush"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = "access_token is missing: Airbyte Cloud wants it, or client_id and client_secret of an application \
                       in Airbyte's user settings";
        for cloud in [&[][..], &[named("base_url", "https://api.airbyte.com")]] {
            assert_eq!(refused(cloud), missing);
        }
        for [half, other] in [
            ["client_id", "client_secret"],
            ["client_secret", "client_id"],
            ["username", "password"],
            ["password", "username"],
        ] {
            assert_eq!(refused(&[named(half, "one")]), format!("{other} is missing: {half} is its other half"));
        }
        for name in ["client_id", "username"] {
            let values = [named(name, ""), named("client_secret", "x"), named("password", "x")];
            let way = if name == "client_id" { &values[..2] } else { &[values[0].clone(), values[2].clone()] };
            assert_eq!(refused(way), format!("{name} must not be empty"));
        }
        assert_eq!(refused(&[named("username", "me"), named("password", "")]), "password must not be empty");
    }

    #[test]
    fn two_ways_to_say_who_asks_are_one_too_many() {
        let field = |name: &str| named(name, "hush");
        for (names, [one, other]) in [
            (&["access_token", "client_id", "client_secret"][..], ["access_token", "client_id"]),
            (&["access_token", "client_secret"], ["access_token", "client_secret"]),
            (&["access_token", "password"], ["access_token", "password"]),
            (&["client_id", "client_secret", "username", "password"], ["client_id", "username"]),
        ] {
            let values: Vec<_> = names.iter().map(|name| field(name)).collect();
            assert_eq!(refused(&values), format!("{one} is given beside {other}: give one of the two"));
        }
    }

    #[test]
    fn a_username_that_basic_cannot_carry_is_refused() {
        for (username, problem) in [
            ("me:hush", "username must hold no colon: the password goes into password"),
            ("m\ne", "username must not hold a line break or another control character"),
            (" ", "username must not be empty"),
        ] {
            assert_eq!(refused(&[named("username", username), named("password", "hush")]), problem);
        }
        assert!(Door::parse(&[named("username", " me\n"), named("password", "hush")]).is_ok());
    }

    #[test]
    fn an_application_is_given_a_token() {
        let mut http = Scripted::answering([(ASK, answer(200, r#"{"access_token": "fresh"}"#))]);
        assert!(application().open(&mut http).is_ok());
    }

    #[test]
    fn a_token_that_is_not_understood_is_not_shown() {
        for body in
            [r#"{"access_tokens": "fresh"}"#, r#"{"access_token": 123456789}"#, r#""eyJhbGciOi""#, "[123456789]"]
        {
            let error = refused_by(&mut Scripted::answering([(ASK, answer(200, body))]));
            let problem = "airbyte's answer was not understood: it holds no access_token that is text";
            assert_eq!((error.message.as_str(), error.raw_message.as_deref()), (problem, Some("(hidden)")));
        }
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

    proptest! {
        #[test]
        fn whatever_answers_the_request_for_a_token_nothing_was_started(status in 200_u16..600, body in any::<Vec<u8>>(), complete: bool) {
            let token = Answer { body, cut: (!complete).then(SendError::broke_off), ..answer(status, "") };
            let mut http = Scripted::answering([(ASK, token)]);
            let door = application();
            let error = door.open(&mut http).err().expect("no token");
            prop_assert!(!error.may_have_started && error.kind != ErrorKind::OutcomeUnknown, "{error:?}");
        }
    }
}
