//! The client of Stitch's Connect API.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::ages::Ages;
use plugin_guest::client::Client;
use plugin_guest::contract::TaskError;
use plugin_guest::http::Http;
use plugin_guest::sent::Sent;
use plugin_guest::status::Status;
use plugin_guest::timestamp::Timestamp;

use super::api_profile::STITCH;
use super::extractions;
use super::id::{ClientId, SourceId};
use super::job_name::JobName;
use super::loads;
use super::source::{self, Source};
use super::streams;
use super::sync::{self, Started};
use crate::connection::Connection;

/// A client with one access token, for one call.
pub struct Api<'a> {
    connection: &'a Connection,
    client: Client<'a>,
    jobs_requests: u32,
}

impl<'a> Api<'a> {
    /// A client that sends over `http`.
    pub fn new(connection: &'a Connection, http: &'a mut dyn Http) -> Self {
        let client = Client::new(&STITCH, &connection.base_url, &connection.credential, http);
        Self { connection, client, jobs_requests: 0 }
    }

    /// The connection.
    pub fn connection(&self) -> &Connection {
        self.connection
    }

    /// The number of requests to the jobs resource, which has the rate limit.
    pub fn jobs_requests(&self) -> u32 {
        self.jobs_requests
    }

    /// When calls of these ages were sent, by Stitch's clock. None if its answers tell no time.
    pub fn sent(&self, ages: Ages<'_>) -> Option<Sent> {
        self.client.sent(ages)
    }

    /// The time of Stitch's last answer, by its clock.
    pub fn now(&self) -> Option<Timestamp> {
        self.client.now()
    }

    /// Starts a job. Returns the time by Stitch's clock, too, if it tells it.
    pub fn start_sync(&mut self, source_id: SourceId) -> Result<(Started, Option<Timestamp>), TaskError> {
        let answer = self.client.start(sync::path(source_id), String::new())?;
        let started = self.client.understood(Started::parse(&answer.body), &answer)?;
        Ok((started, self.client.now()))
    }

    /// Stops the running job of a source, whichever it is.
    pub fn stop_sync(&mut self, source_id: SourceId) -> Result<(), TaskError> {
        self.client.delete(sync::path(source_id)).map(drop)
    }

    /// Reads a page of the last extractions: the rows of one source or its job. None if the page does not exist any
    /// more.
    pub fn extractions(
        &mut self,
        client_id: ClientId,
        page: u64,
        source_id: SourceId,
        job: Option<&JobName>,
    ) -> Result<Option<extractions::Page>, TaskError> {
        self.jobs_requests += 1;
        match self.client.get(extractions::path(client_id, page)) {
            Ok(answer) => {
                self.client.understood(extractions::Page::parse(&answer.body, page, source_id, job), &answer).map(Some)
            }
            Err(error) if page > 1 && error.http_status == Some(Status::NOT_FOUND.0) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a page of the last loads: the rows of one source's selected streams. A page that does not exist any more
    /// is empty, and the last.
    pub fn loads(
        &mut self,
        client_id: ClientId,
        page: u64,
        source_name: &str,
        selected: &[String],
    ) -> Result<loads::Page, TaskError> {
        self.jobs_requests += 1;
        match self.client.get(loads::path(client_id, page)) {
            Ok(answer) => {
                self.client.understood(loads::Page::parse(&answer.body, page, source_name, selected), &answer)
            }
            Err(error) if page > 1 && error.http_status == Some(Status::NOT_FOUND.0) => {
                Ok(loads::Page { loads: Vec::new(), is_last: true })
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a source.
    pub fn source(&mut self, source_id: SourceId) -> Result<Source, TaskError> {
        let answer = self.client.get(source::path(source_id))?;
        self.client.understood(Source::parse(&answer.body), &answer)
    }

    /// Reads the names of a source's selected streams.
    pub fn selected_streams(&mut self, source_id: SourceId) -> Result<Vec<String>, TaskError> {
        let answer = self.client.get(streams::path(source_id))?;
        self.client.understood(streams::parse_selected(&answer.body), &answer)
    }
}
