//! The client of Airbyte's API.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::ages::Ages;
use plugin_guest::client::Client;
use plugin_guest::contract::TaskError;
use plugin_guest::http::Answer;
use plugin_guest::json::Result as Parsed;
use plugin_guest::sent::Sent;
use plugin_guest::timestamp::Timestamp;

use crate::connection::{Connection, ConnectionId};
use crate::job::{self, Job, JobId, JobType, List};
use crate::run::Run;

/// A client with one credential, for one call.
pub struct Api<'a>(pub(crate) Client<'a>);

/// The result of starting a sync.
#[derive(Debug)]
pub enum Started {
    /// Airbyte started this job.
    Job(Job),
    /// It started nothing, usually because a job of the connection is running: its own error.
    Refused(TaskError),
}

/// A list of jobs of one connection.
pub struct Jobs {
    /// For each job the time of its creation, if readable, and the job, or the error of parsing it.
    pub rows: Vec<(Option<Timestamp>, Result<Job, TaskError>)>,
    /// True if there may be older jobs.
    pub is_full: bool,
}

impl Api<'_> {
    /// When calls of these ages were sent, by Airbyte's clock. None if its answers tell no time.
    pub fn sent(&self, ages: Ages<'_>) -> Option<Sent> {
        self.0.sent(ages)
    }

    /// Starts a sync unless a job is running.
    pub fn start(&mut self, id: ConnectionId) -> Result<Started, TaskError> {
        match self.0.start(job::PATH.to_owned(), job::start(id)) {
            Ok(answer) => self.0.understood(Job::parse(&answer.body, id), &answer).map(Started::Job),
            Err(error) if error.http_status == Some(409) => Ok(Started::Refused(error)),
            Err(error) => Err(error),
        }
    }

    /// Reads a job of a connection.
    pub fn job(&mut self, run: &Run) -> Result<Job, TaskError> {
        self.get(job::path(run.job_id), |body| Job::parse_one(body, run.connection_id, run.job_id))
    }

    /// Cancels a job. None if there is nothing to cancel.
    pub fn cancel(&mut self, id: JobId) -> Result<Option<Answer>, TaskError> {
        match self.0.delete(job::path(id)) {
            Ok(answer) => Ok(Some(answer)),
            // It has ended since it was read; the next poll tells how.
            Err(error) if matches!(error.http_status, Some(400 | 404 | 409)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the latest jobs of a connection and a type, latest first.
    pub fn latest(&mut self, id: ConnectionId, job_type: JobType) -> Result<Jobs, TaskError> {
        let answer = self.0.get(job::latest_path(id, job_type))?;
        let List { rows, is_full } = self.0.understood(List::parse(&answer.body, id), &answer)?;
        let rows = rows.into_iter().map(|(began, job)| (began, self.0.understood(job, &answer))).collect();
        Ok(Jobs { rows, is_full })
    }

    /// Reads a connection.
    pub fn connection(&mut self, id: ConnectionId) -> Result<Connection, TaskError> {
        self.get(Connection::path(id), |body| Connection::parse(body, id))
    }

    fn get<T>(&mut self, path: String, parse: impl FnOnce(&[u8]) -> Parsed<T>) -> Result<T, TaskError> {
        let answer = self.0.get(path)?;
        self.0.understood(parse(&answer.body), &answer)
    }
}
