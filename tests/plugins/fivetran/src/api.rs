//! Sends requests to Fivetran's REST API as one account.

use alloc::borrow::ToOwned;
use alloc::format;

use plugin_guest::client::Client;
use plugin_guest::contract::{ErrorKind, TaskError};
use plugin_guest::http::Http;
use plugin_guest::json;
use plugin_guest::sent::Sent;
use plugin_guest::timestamp::Timestamp;

use crate::account::Account;
use crate::connection::Connection;
use crate::parameters::ConnectionId;
use crate::sync::Sync;
use crate::tool::FIVETRAN;

/// The body of a request to sync: a sync that runs is not stopped for it.
const WITHOUT_FORCE: &str = r#"{"force": false}"#;

/// The longest stretch of its history that Fivetran tells of at once, in seconds.
const WEEK: i64 = 7 * 24 * 60 * 60;

/// Fivetran, as the holder of one key sees it, for the length of one call.
pub struct Api<'a>(Client<'a>);

impl<'a> Api<'a> {
    /// Reaches Fivetran over `http`.
    pub fn new(account: &'a Account, http: &'a mut dyn Http) -> Self {
        Self(Client::new(&FIVETRAN, &account.base_url, &account.credential, http))
    }

    /// The time by Fivetran's clock at its last answer, if it told.
    pub fn now(&self) -> Option<Timestamp> {
        self.0.now()
    }

    /// When a trigger was about to be sent that was so old when the call began, if Fivetran told a time.
    pub fn sent(&self, age_ms: u64) -> Option<Sent> {
        self.0.sent(age_ms)
    }

    /// A connection.
    pub fn connection(&mut self, id: &ConnectionId) -> Result<Connection, TaskError> {
        let answer = self.0.get(format!("/v1/connections/{id}"))?;
        self.0.understood(Connection::parse(&answer.body, id), &answer)
    }

    /// The first sync of a connection that began since then, by the history of its syncs. None as well where Fivetran shows
    /// this key no history, or none yet of that time.
    pub fn first_sync(
        &mut self,
        id: &ConnectionId,
        connection: &Connection,
        since: Option<Timestamp>,
    ) -> Result<Option<Sync>, TaskError> {
        let (Some(since), Some(now)) = (since, self.now()) else { return Ok(None) };
        // The end of the second that is now, and after `since` as Fivetran demands it.
        let until = Timestamp::from_seconds((now.seconds().max(since.seconds()) + 1).min(since.seconds() + WEEK));
        let path = format!("/v1/connections/{id}/sync-history?start_time={since}&end_time={until}&limit=1000");
        match self.0.get(path) {
            Ok(answer) => self.0.understood(Sync::first(&answer.body, since, connection.manual), &answer),
            Err(error) if matches!(error.kind, ErrorKind::Rejected | ErrorKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Starts a sync unless one runs. Fivetran's answer does not tell which.
    pub fn start(&mut self, id: &ConnectionId) -> Result<(), TaskError> {
        let answer = self.0.start(format!("/v1/connections/{id}/sync"), WITHOUT_FORCE.to_owned())?;
        let code = json::parse(&answer.body).and_then(|envelope| {
            json::required(&envelope, "code", "Success", |code| (code == "Success").then_some(()))
        });
        self.0.understood(code, &answer)
    }
}
