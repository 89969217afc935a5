//! The client of Stitch's Connect API.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::ages::Ages;
use plugin_guest::client::Client;
use plugin_guest::contract::{ErrorKind, TaskError};
use plugin_guest::http::{Answer, Http};
use plugin_guest::sent::Sent;
use plugin_guest::status::Status;
use plugin_guest::task_error::not_reached;
use plugin_guest::timestamp::Timestamp;

use super::api_profile::STITCH;
use super::extraction::Extraction;
use super::extractions;
use super::id::{ClientId, SourceId};
use super::job_name::JobName;
use super::listed_pages::{ExtractionsPage, ListedPages, ReadPage};
use super::loads;
use super::source::{self, Source};
use super::streams;
use super::sync::{self, Started};
use crate::connection::Connection;
use crate::pace::{MOST_TOGETHER, Spent};
use crate::page_search::Look;
use crate::run::Run;

/// The bytes of an answer that are kept for an error message.
const MOST_QUOTED: usize = 1024;

/// A client with one access token, for one call.
pub struct Api<'a> {
    connection: &'a Connection,
    client: Client<'a>,
    jobs_requests: u32,
    /// True until a run has asked the jobs resource and another one is begun.
    is_first: bool,
    listed: ListedPages,
    /// When the page was read whose rows were returned last, by Stitch's clock.
    read_at: Option<Timestamp>,
    /// The number of requests that got no answer.
    unanswered: u32,
    /// The error that each further request would meet, too.
    shared_error: Option<TaskError>,
}

impl<'a> Api<'a> {
    /// A client that sends over `http`.
    pub fn new(connection: &'a Connection, http: &'a mut dyn Http) -> Self {
        Self::of_runs(connection, http, ListedPages::default())
    }

    /// A client that reads each page once for several runs.
    pub fn of_runs(connection: &'a Connection, http: &'a mut dyn Http, listed: ListedPages) -> Self {
        let client = Client::new(&STITCH, &connection.base_url, &connection.credential, http);
        Self {
            connection,
            client,
            jobs_requests: 0,
            is_first: true,
            listed,
            read_at: None,
            unanswered: 0,
            shared_error: None,
        }
    }

    /// The connection.
    pub fn connection(&self) -> &Connection {
        self.connection
    }

    /// The requests to the jobs resource, which has the rate limit.
    pub fn spent(&self) -> Spent {
        Spent { jobs_requests: self.jobs_requests, together_ms: None }
    }

    /// The page on which a source is, if it was read for another run.
    pub fn page_of(&self, client_id: ClientId, source_id: SourceId) -> Option<u64> {
        self.listed.page_of(client_id, source_id)
    }

    /// Begins with the next of several runs.
    pub fn begin_run(&mut self) {
        self.is_first = self.jobs_requests == 0;
    }

    /// The time by Stitch's clock, as of its last answer that told it.
    pub fn now(&self) -> Option<Timestamp> {
        self.client.now()
    }

    /// When calls of these ages were sent, by Stitch's clock. None if its answers tell no time.
    pub fn sent(&self, ages: Ages<'_>) -> Option<Sent> {
        self.client.sent(ages)
    }

    /// When the extractions that were returned last were read, by Stitch's clock.
    pub fn read_at(&self) -> Option<Timestamp> {
        self.read_at
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

    /// Reads a page of the last extractions: the rows of a run's source or its job. None if the page does not exist any
    /// more. A page that was read for another run is not read again, unless the list has changed since: `again`. After
    /// [`MOST_TOGETHER`] requests for other runs, no other page is read.
    pub fn extractions(
        &mut self,
        client_id: ClientId,
        page: u64,
        run: &Run,
        again: bool,
    ) -> Result<Option<(Look, Vec<Extraction>)>, TaskError> {
        if self.listed.extractions(client_id, page, again).is_none() {
            let read = match self.listed.refusal(client_id) {
                Some(error) => Err(error.clone()),
                None if !self.is_first && self.jobs_requests >= MOST_TOGETHER => return Err(not_reached(&STITCH)),
                None => self.read_extractions(client_id, page, run),
            };
            self.listed.keep_extractions(client_id, page, read);
        }
        match self.listed.extractions(client_id, page, false) {
            Some(Ok(Some(ReadPage { page, answer, at }))) => {
                self.read_at = *at;
                let rows = self.client.understood(page.of(run.source_id, run.job.as_ref()), answer)?;
                Ok(Some((page.look, rows)))
            }
            Some(Err(error)) => Err(error.clone()),
            _ => Ok(None),
        }
    }

    fn read_extractions(&mut self, client_id: ClientId, page: u64, run: &Run) -> ExtractionsPage {
        let mut answer = match self.get_jobs(extractions::path(client_id, page)) {
            Err(error) if page > 1 && error.http_status == Some(Status::NOT_FOUND.0) => return Ok(None),
            answer => answer?,
        };
        let own = run.job.as_ref().map(JobName::as_str);
        let parsed = extractions::Page::parse(&answer.body, page, |source_id, job| {
            source_id == Some(run.source_id) || own.is_some() && job == own || self.listed.wants(source_id, job)
        });
        let page = self.client.understood(parsed, &answer)?;
        answer.body.truncate(MOST_QUOTED);
        Ok(Some(ReadPage { page, answer, at: self.client.now() }))
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
        let path = loads::path(client_id, page);
        let read;
        let answer = if let Some(known) = self.listed.loads(&path) {
            known
        } else {
            read = match self.get_jobs(path.clone()) {
                Err(error) if page > 1 && error.http_status == Some(Status::NOT_FOUND.0) => Ok(None),
                answer => answer.map(Some),
            };
            self.listed.keep_loads(path, &read);
            &read
        };
        match answer {
            Ok(Some(answer)) => {
                self.client.understood(loads::Page::parse(&answer.body, page, source_name, selected), answer)
            }
            Ok(None) => Ok(loads::Page { loads: Vec::new(), is_last: true }),
            Err(error) => Err(error.clone()),
        }
    }

    /// Reads a source.
    pub fn source(&mut self, source_id: SourceId) -> Result<Source, TaskError> {
        let answer = self.get(source::path(source_id))?;
        self.client.understood(Source::parse(&answer.body), &answer)
    }

    /// Reads the names of a source's selected streams.
    pub fn selected_streams(&mut self, source_id: SourceId) -> Result<Vec<String>, TaskError> {
        let answer = self.get(streams::path(source_id))?;
        self.client.understood(streams::parse_selected(&answer.body), &answer)
    }

    /// Reads from the jobs resource.
    fn get_jobs(&mut self, path: String) -> Result<Answer, TaskError> {
        self.jobs_requests += 1;
        self.get(path)
    }

    /// Reads, unless requests before have shown that no answer is to be had now: a call polls many runs, and must end.
    fn get(&mut self, path: String) -> Result<Answer, TaskError> {
        if let Some(error) = &self.shared_error {
            return Err(error.clone());
        }
        self.client.get(path).inspect_err(|error| {
            if error.kind == ErrorKind::Unavailable {
                self.unanswered += u32::from(error.http_status.is_none());
                // The rate limit, maintenance, or a network that is down: one answer may be lost by chance.
                if matches!(error.http_status, Some(429 | 503)) || self.unanswered > 1 {
                    self.shared_error = Some(error.clone());
                }
            }
        })
    }
}
