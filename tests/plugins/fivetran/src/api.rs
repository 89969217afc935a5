//! Sends requests to Fivetran's REST API as one account.

use alloc::borrow::ToOwned;
use alloc::format;

use plugin_guest::client::Client;
use plugin_guest::contract::TaskError;
use plugin_guest::http::Http;
use plugin_guest::json;
use plugin_guest::timestamp::Timestamp;

use crate::account::Account;
use crate::connection::Connection;
use crate::parameters::ConnectionId;
use crate::tool::FIVETRAN;

/// The body of a request to sync: a sync that runs is not stopped for it.
const WITHOUT_FORCE: &str = r#"{"force": false}"#;

/// Fivetran, as the holder of one key sees it, for the length of one call.
pub struct Api<'a>(Client<'a>);

impl<'a> Api<'a> {
    /// Reaches Fivetran over `http`.
    pub fn new(account: &'a Account, http: &'a mut dyn Http) -> Self {
        Self(Client::new(&FIVETRAN, &account.base_url, &account.credential, http))
    }

    /// A connection, and the time by Fivetran's clock when it stood so, if it tells.
    pub fn connection(&mut self, id: &ConnectionId) -> Result<(Connection, Option<Timestamp>), TaskError> {
        let answer = self.0.get(format!("/v1/connections/{id}"))?;
        let connection = self.0.understood(Connection::parse(&answer.body), &answer)?;
        Ok((connection, answer.date.as_deref().and_then(Timestamp::parse_http_date)))
    }

    /// Starts a sync unless one runs. Fivetran's answer does not tell which.
    pub fn sync(&mut self, id: &ConnectionId) -> Result<(), TaskError> {
        let answer = self.0.start(format!("/v1/connections/{id}/sync"), WITHOUT_FORCE.to_owned())?;
        let code = json::parse(&answer.body).and_then(|envelope| {
            json::required(&envelope, "code", "Success", |code| (code == "Success").then_some(()))
        });
        self.0.understood(code, &answer)
    }
}
