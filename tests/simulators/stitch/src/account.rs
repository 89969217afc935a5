use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::{AccessToken, ClientId, Plan, Source, SourceId};

/// A Stitch client account: tokens, and sources by id.
#[derive(Clone, Debug)]
pub struct Account {
    client_id: ClientId,
    tokens: Vec<AccessToken>,
    sources: BTreeMap<SourceId, Source>,
    lists_running_jobs: bool,
    now: Timestamp,
}

impl Account {
    pub(crate) fn new(client_id: ClientId, now: Timestamp) -> Self {
        Self { client_id, tokens: Vec::new(), sources: BTreeMap::new(), lists_running_jobs: false, now }
    }

    /// Gives the account one more token.
    pub fn grant(&mut self, token: &str) -> &mut Self {
        self.tokens.push(token.into());
        self
    }

    /// Revokes all tokens: from now on each is answered with 401.
    pub fn revoke_tokens(&mut self) -> &mut Self {
        self.tokens.clear();
        self
    }

    /// The source with this id. Made now if there is none: fully configured, never run, its jobs succeed.
    pub fn source(&mut self, id: impl Into<SourceId>) -> &mut Source {
        let id = id.into();
        self.sources.entry(id).or_insert_with(|| Source::new(id, self.client_id, self.now))
    }

    /// Sources that each completed a job some hours ago, so that each has a row.
    pub fn with_sources(&mut self, ids: impl IntoIterator<Item = u64>) -> &mut Self {
        for id in ids {
            let minutes = 60 + id % (23 * 60);
            self.source(id).job_ago(Duration::from_mins(minutes), Plan::succeeds());
        }
        self
    }

    /// Lists a running job in place of the last completed one: undocumented, but clients in the wild expect it.
    pub fn list_running_jobs(&mut self) -> &mut Self {
        self.lists_running_jobs = true;
        self
    }

    /// Its id.
    pub fn client_id(&self) -> ClientId {
        self.client_id
    }

    /// Its sources in the order of their ids.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    pub(crate) fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: SourceId) -> Option<&mut Source> {
        self.sources.get_mut(&id)
    }

    pub(crate) fn lists_running(&self) -> bool {
        self.lists_running_jobs
    }

    pub(crate) fn accepts(&self, authorization: &str) -> bool {
        self.tokens.iter().any(|token| token.is_in(authorization))
    }

    pub(crate) fn advance_to(&mut self, now: Timestamp) {
        self.now = now;
        self.sources.values_mut().for_each(|source| source.advance_to(now));
    }
}
