use std::collections::BTreeMap;

use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    Account, AlreadyRunning, Answer, ClientId, ErrorBody, Request, Source, SourceId, Target, extractions, loads,
};

/// All of Stitch as the API shows it: accounts with their sources and jobs, at one point in time.
///
/// Pure state: it neither reads a clock nor knows of sockets.
#[derive(Clone, Debug)]
pub struct World {
    now: Timestamp,
    accounts: BTreeMap<ClientId, Account>,
}

impl World {
    /// The default start of a world: 2026-01-05T09:00:00Z.
    pub const START: Timestamp = Timestamp::constant(1_767_603_600, 0);

    /// An empty world at [`START`](Self::START).
    pub fn new() -> Self {
        Self::at(Self::START)
    }

    /// An empty world at this time.
    pub fn at(now: Timestamp) -> Self {
        Self { now, accounts: BTreeMap::new() }
    }

    /// The account with this id, which from now on accepts this token too. Made now if there is none.
    pub fn account(&mut self, client_id: impl Into<ClientId>, token: &str) -> &mut Account {
        let client_id = client_id.into();
        let now = self.now;
        self.accounts.entry(client_id).or_insert_with(|| Account::new(client_id, now)).grant(token)
    }

    /// The source with this id, whichever account has it.
    ///
    /// # Panics
    /// When there is none: the test that asks for it is wrong.
    pub fn source(&mut self, id: impl Into<SourceId>) -> &mut Source {
        let id = id.into();
        let source = self.accounts.values_mut().find_map(|account| account.get_mut(id));
        source.unwrap_or_else(|| panic!("no account has a source {id}"))
    }

    /// The time up to which everything has happened.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets everything happen that is due by `now`. An earlier time changes nothing.
    pub fn advance_to(&mut self, now: Timestamp) {
        self.now = now.max(self.now);
        self.accounts.values_mut().for_each(|account| account.advance_to(self.now));
    }

    /// Answers a request that comes in at `now`.
    pub fn answer(&mut self, now: Timestamp, request: &Request) -> Answer {
        self.advance_to(now);
        if request.target == Target::Unknown {
            let message = "the URI requested is invalid or does not allow the method".to_owned();
            return ErrorBody::Coded("NotFound", message).with_status(StatusCode::NOT_FOUND);
        }
        let authorization = request.header(AUTHORIZATION.as_str());
        let granted = self.accounts.values_mut().find(|account| account.accepts(authorization));
        let charged_to = request.target.charged_to();
        match granted {
            Some(account) if charged_to.is_none_or(|id| id == account.client_id()) => {
                answer_granted(account, self.now, &request.target)
            }
            _ => unauthorized(),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn answer_granted(account: &mut Account, now: Timestamp, target: &Target) -> Answer {
    match target {
        Target::StartJob(id) => start_job(account, *id),
        Target::StopJob(id) => stop_job(account, *id),
        Target::ReadSource(id) => match account.get(*id) {
            Some(source) => Answer::json(StatusCode::OK, source.entry()),
            None => source_not_found(*id),
        },
        Target::ListStreams(id) => list_streams(account, *id),
        Target::ListExtractions(_, page) => extractions::list(account, page.as_deref()),
        Target::ReadLog(_, job_name) => extractions::read_log(account, job_name),
        Target::ListLoads(_, page) => loads::list(account, page.as_deref(), now),
        Target::Unknown => Answer::empty(StatusCode::NOT_FOUND),
    }
}

/// Starts a job. That a source that is not fully configured is refused, and with which words, is assumed.
fn start_job(account: &mut Account, id: SourceId) -> Answer {
    let client_id = account.client_id();
    let refused = |message: String| ErrorBody::Typed("invalid_source", message).with_status(StatusCode::BAD_REQUEST);
    let Some(source) = account.get_mut(id) else {
        return refused(format!("Unable to locate source({id}) for client ({client_id})"));
    };
    if source.is_deleted() {
        return refused("Integration is deleted.".to_owned());
    }
    if !source.is_fully_configured() {
        return refused("Integration is not fully configured.".to_owned());
    }
    let started =
        source.start_planned().map(|name| Answer::json(StatusCode::OK, json!({"job_name": name.to_string()})));
    started.unwrap_or_else(|AlreadyRunning| {
        let message =
            format!("Did not create job for client-id: {client_id}; connection-id: {id} because one already exists");
        ErrorBody::Typed("already_running", message).with_status(StatusCode::OK)
    })
}

/// Stops the job in progress. That it is a success when there is none is assumed.
fn stop_job(account: &mut Account, id: SourceId) -> Answer {
    let Some(source) = account.get_mut(id) else { return source_not_found(id) };
    source.stop();
    Answer::json(StatusCode::OK, json!({"status": 200}))
}

/// Lists the streams of a source. The error's words are the documented ones, wrong noun included.
fn list_streams(account: &Account, id: SourceId) -> Answer {
    let Some(source) = account.get(id) else {
        return ErrorBody::Bare(format!("invalid stream-id: {id}")).with_status(StatusCode::BAD_REQUEST);
    };
    let streams = source.streams().iter().zip(1..).map(|(stream, stream_id)| stream.entry(stream_id));
    Answer::json(StatusCode::OK, streams.collect())
}

/// The status is documented, and the body for other methods of the same path.
fn source_not_found(id: SourceId) -> Answer {
    ErrorBody::WithData("InvalidId", format!("source not found ({id})")).with_status(StatusCode::NOT_FOUND)
}

/// The status is documented, the body is not: a documented shape with words of its own.
fn unauthorized() -> Answer {
    let message = "the access token is not valid or has no access to this client id".to_owned();
    ErrorBody::Coded("Unauthorized", message).with_status(StatusCode::UNAUTHORIZED)
}
