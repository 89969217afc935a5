//! The client of Fivetran's REST API.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use plugin_guest::ages::Ages;
use plugin_guest::anyhow::{anyhow, bail};
use plugin_guest::client::Client;
use plugin_guest::contract::{ErrorKind, TaskError};
use plugin_guest::http::Http;
use plugin_guest::json::{self, lenient};
use plugin_guest::report::one_line;
use plugin_guest::sent::Sent;
use plugin_guest::timestamp::Timestamp;
use serde::Deserialize;

use crate::account::Account;
use crate::api_profile::FIVETRAN;
use crate::connection::Connection;
use crate::history::{History, Reader};
use crate::parameters::ConnectionId;

/// The body of a request to sync: without force, it does not stop a running sync.
const WITHOUT_FORCE: &str = r#"{"force": false}"#;

/// The longest period of a history request, in seconds.
const WEEK: i64 = 7 * 24 * 60 * 60;

/// The most pages of a history that are requested, of 1000 syncs each: nearly a week of a sync every two minutes.
const MOST_PAGES: u32 = 5;

/// A client with one API key, for one call.
pub struct Api<'a>(Client<'a>);

impl<'a> Api<'a> {
    /// A client that sends over `http`.
    pub fn new(account: &'a Account, http: &'a mut dyn Http) -> Self {
        Self(Client::new(&FIVETRAN, &account.base_url, &account.credential, http))
    }

    /// The time of Fivetran's last answer, by its clock.
    pub fn now(&self) -> Option<Timestamp> {
        self.0.now()
    }

    /// When calls of these ages were sent, by Fivetran's clock. None if its answers tell no time.
    pub fn sent(&self, ages: Ages<'_>) -> Option<Sent> {
        self.0.sent(ages)
    }

    /// Reads a connection, with its states and times.
    pub fn connection(&mut self, id: &ConnectionId) -> Result<Connection, TaskError> {
        let (connection, odd) = self.look(id)?;
        odd.map_or(Ok(connection), Err)
    }

    /// Reads a connection, and the error of its states and times if one is unreadable.
    pub fn look(&mut self, id: &ConnectionId) -> Result<(Connection, Option<TaskError>), TaskError> {
        let answer = self.0.get(format!("/v1/connections/{id}"))?;
        let connection = self.0.understood(Connection::parse(&answer.body, id), &answer)?;
        let problem = connection.odd_state.as_ref().or(connection.odd_time.as_ref());
        let odd = problem.and_then(|problem| self.0.understood::<()>(Err(anyhow!("{problem}")), &answer).err());
        Ok((connection, odd))
    }

    /// Reads the history of a connection: the syncs since then, and the one running then, if it had begun at most so
    /// many seconds before. Empty if this key may not see it.
    pub fn history(
        &mut self,
        id: &ConnectionId,
        connection: &Connection,
        since: Option<Timestamp>,
        back: i64,
    ) -> Result<History, TaskError> {
        let (Some(since), Some(now)) = (since, self.now()) else { return Ok(History::default()) };
        let from = Timestamp::from_seconds(since.seconds() - back);
        // The end of the current second, and after `from` as Fivetran demands.
        let until = Timestamp::from_seconds((now.seconds().max(since.seconds()) + 1).min(from.seconds() + WEEK));
        let first = format!("/v1/connections/{id}/sync-history?start_time={from}&end_time={until}&limit=1000");
        let (mut path, mut reader, mut pages) = (first.clone(), Reader::new(since, connection.manual), 0);
        loop {
            let answer = match self.0.get(path) {
                Ok(answer) => answer,
                Err(error) if pages == 0 && matches!(error.kind, ErrorKind::Rejected | ErrorKind::NotFound) => {
                    return Ok(History::default());
                }
                Err(error) => return Err(error),
            };
            let cursor = self.0.understood(reader.page(&answer.body), &answer)?;
            pages += 1;
            let Some(cursor) = cursor else {
                return self.0.understood(reader.history(), &answer);
            };
            if pages == MOST_PAGES {
                let problem = anyhow!("the history since {since} has more than {MOST_PAGES} pages");
                return self.0.understood(Err(problem), &answer);
            }
            path = format!("{first}&cursor={}", encoded(&cursor));
        }
    }

    /// Starts a sync unless one is running. Fivetran's answer does not tell which.
    pub fn start(&mut self, id: &ConnectionId) -> Result<(), TaskError> {
        let answer = self.0.start(format!("/v1/connections/{id}/sync"), WITHOUT_FORCE.to_owned())?;
        self.0.understood(Started::parse(&answer.body), &answer).map(drop)
    }
}

/// The answer to the request that starts a sync.
#[derive(Deserialize)]
struct Started {
    #[serde(deserialize_with = "lenient::required_text_field")]
    code: String,
}

impl Started {
    /// Parses it: only one code means that a sync was started.
    fn parse(body: &[u8]) -> json::Result<Self> {
        let started: Self = json::read(body)?;
        if started.code != "Success" {
            bail!("code is {}, not Success", one_line(&started.code));
        }
        Ok(started)
    }
}

/// Percent-encodes a text for a query.
fn encoded(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}
