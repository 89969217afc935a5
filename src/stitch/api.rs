//! Sends requests to Stitch's Connect API as one connection.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::extractions;
use super::id::{ClientId, SourceId};
use super::loads;
use super::source::{self, Source};
use super::streams;
use super::sync::{self, Started};
use super::timestamp::Timestamp;
use crate::bindings::orchestrator::plugin::types::TaskError;
use crate::connection::Connection;
use crate::http::{Answer, Http, Method, Request, SendError};
use crate::status::Status;
use crate::task_error::{not_understood, of_status, unanswered, unanswered_start};

/// Stitch, as the holder of one token sees it, for the length of one call.
pub struct Api<'a> {
    connection: &'a Connection,
    http: &'a mut dyn Http,
    jobs_requests: u32,
    now: Option<Timestamp>,
}

impl<'a> Api<'a> {
    /// Reaches Stitch over `http`.
    pub fn new(connection: &'a Connection, http: &'a mut dyn Http) -> Self {
        Self { connection, http, jobs_requests: 0, now: None }
    }

    /// The connection that it speaks for.
    pub fn connection(&self) -> &Connection {
        self.connection
    }

    /// The requests made of the jobs resource, which is the one under a rate limit.
    pub fn jobs_requests(&self) -> u32 {
        self.jobs_requests
    }

    /// The time by Stitch's clock at its last answer, if it told.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Starts a job, and says when by Stitch's clock, if it tells.
    pub fn start_sync(&mut self, source_id: SourceId) -> Result<(Started, Option<Timestamp>), TaskError> {
        let answer = self.send(Method::Post, sync::path(source_id), unanswered_start)?;
        let started = understood(Started::parse(&answer.body), &answer)?;
        Ok((started, self.now))
    }

    /// Stops the job of a source that is in progress, whichever that is.
    pub fn stop_sync(&mut self, source_id: SourceId) -> Result<(), TaskError> {
        self.send(Method::Delete, sync::path(source_id), unanswered).map(drop)
    }

    /// A page of the last extractions, as far as it is about one source. None where there is no such page any more.
    pub fn extractions(
        &mut self,
        client_id: ClientId,
        page: u64,
        source_id: SourceId,
    ) -> Result<Option<extractions::Page>, TaskError> {
        self.jobs_requests += 1;
        match self.get(extractions::path(client_id, page)) {
            Ok(answer) => understood(extractions::Page::parse(&answer.body, page, source_id), &answer).map(Some),
            Err(error) if page > 1 && error.http_status == Some(Status::NOT_FOUND.0) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of the last loads, as far as it is about one source. A page that is not there any more is empty, and the last.
    pub fn loads(&mut self, client_id: ClientId, page: u64, source_name: &str) -> Result<loads::Page, TaskError> {
        self.jobs_requests += 1;
        match self.get(loads::path(client_id, page)) {
            Ok(answer) => understood(loads::Page::parse(&answer.body, page, source_name), &answer),
            Err(error) if page > 1 && error.http_status == Some(Status::NOT_FOUND.0) => {
                Ok(loads::Page { loads: Vec::new(), is_last: true })
            }
            Err(error) => Err(error),
        }
    }

    /// A source.
    pub fn source(&mut self, source_id: SourceId) -> Result<Source, TaskError> {
        let answer = self.get(source::path(source_id))?;
        understood(Source::parse(&answer.body), &answer)
    }

    /// The names of a source's selected streams.
    pub fn selected_streams(&mut self, source_id: SourceId) -> Result<Vec<String>, TaskError> {
        let answer = self.get(streams::path(source_id))?;
        understood(streams::parse_selected(&answer.body), &answer)
    }

    fn get(&mut self, path: String) -> Result<Answer, TaskError> {
        self.send(Method::Get, path, unanswered)
    }

    /// The one place where status and body become a result. `lost` says what it means that no whole answer came.
    fn send(&mut self, method: Method, path: String, lost: fn(SendError) -> TaskError) -> Result<Answer, TaskError> {
        let Connection { base_url, access_token, .. } = self.connection;
        let request = Request { method, base_url, path, access_token };
        let mut answer = self.http.send(&request).map_err(lost)?;
        self.now = answer.date.as_deref().and_then(Timestamp::parse_http_date).or(self.now);
        answer.body = access_token.redact(answer.body);
        if !answer.status.is_success() {
            return Err(of_status(&answer));
        }
        if !answer.complete {
            return Err(lost(SendError::NoAnswer("its answer broke off".to_owned())));
        }
        Ok(answer)
    }
}

fn understood<T>(parsed: anyhow::Result<T>, answer: &Answer) -> Result<T, TaskError> {
    parsed.map_err(|problem| not_understood(&problem, answer))
}
