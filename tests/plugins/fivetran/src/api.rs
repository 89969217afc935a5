//! Sends requests to Fivetran's REST API as one account.

use alloc::borrow::ToOwned;
use alloc::format;

use plugin_guest::client::Client;
use plugin_guest::contract::TaskError;
use plugin_guest::http::Http;
use plugin_guest::json;
use plugin_guest::sent::Sent;

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

    /// A connection.
    pub fn connection(&mut self, id: &ConnectionId) -> Result<Connection, TaskError> {
        let answer = self.0.get(format!("/v1/connections/{id}"))?;
        self.0.understood(Connection::parse(&answer.body), &answer)
    }

    /// When a trigger was about to be sent that was so old when the call began, if Fivetran told a time.
    pub fn sent(&self, age_ms: u64) -> Option<Sent> {
        self.0.sent(age_ms)
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
