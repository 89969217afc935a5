//! The pages of lists that a call has read: where it polls several runs, each page is read once for all of them.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::contract::{ErrorKind, TaskError};
use plugin_guest::http::Answer;
use plugin_guest::timestamp::Timestamp;

use super::extractions::Page;
use super::id::{ClientId, SourceId};
use super::job_name::JobName;
use crate::run::Run;

/// The pages that were read, and the runs that they are read for.
#[derive(Debug, Default)]
pub struct ListedPages {
    source_ids: Vec<SourceId>,
    jobs: Vec<JobName>,
    extractions: Vec<Listed>,
    loads: Vec<(String, LoadsPage)>,
}

/// A page of the list of extractions, as it was read.
#[derive(Debug)]
pub struct ReadPage {
    /// The page.
    pub page: Page,
    /// The beginning of its answer, for messages.
    pub answer: Answer,
    /// When it was read, by Stitch's clock.
    pub at: Option<Timestamp>,
}

/// A page of the list of extractions. None if it does not exist.
pub type ExtractionsPage = Result<Option<ReadPage>, TaskError>;

/// A page of the list of loads. None if it does not exist.
pub type LoadsPage = Result<Option<Answer>, TaskError>;

#[derive(Debug)]
struct Listed {
    client_id: ClientId,
    number: u64,
    page: ExtractionsPage,
    was_read_again: bool,
}

impl ListedPages {
    /// Reads pages for this run, too.
    pub fn want(&mut self, run: Run) {
        self.source_ids.push(run.source_id);
        self.jobs.extend(run.job);
    }

    /// True if a row is of one of the runs.
    pub fn wants(&self, source_id: Option<SourceId>, job: Option<&str>) -> bool {
        source_id.is_some_and(|id| self.source_ids.contains(&id))
            || job.is_some_and(|job| self.jobs.iter().any(|wanted| wanted.as_str() == job))
    }

    /// A page of the list of extractions. None if it is to be read: for the first time, or `again` by the same run. For several
    /// runs that is done once, whatever moves meanwhile.
    pub fn extractions(&self, client_id: ClientId, number: u64, again: bool) -> Option<&ExtractionsPage> {
        let listed = self.extractions.iter().find(|page| (page.client_id, page.number) == (client_id, number))?;
        (!again || self.are_shared() && listed.was_read_again).then_some(&listed.page)
    }

    /// The page among those that were read on which a source is, if it is listed.
    pub fn page_of(&self, client_id: ClientId, source_id: SourceId) -> Option<u64> {
        let holds = |page: &&Listed| {
            let read = page.page.as_ref().ok().and_then(Option::as_ref);
            let ends = read.and_then(|read| read.page.look.ends);
            page.client_id == client_id && ends.is_some_and(|(least, greatest)| (least..=greatest).contains(&source_id))
        };
        self.extractions.iter().find(holds).map(|page| page.number)
    }

    /// Keeps a page of the list of extractions.
    pub fn keep_extractions(&mut self, client_id: ClientId, number: u64, page: ExtractionsPage) {
        let before = self.extractions.len();
        self.extractions.retain(|page| (page.client_id, page.number) != (client_id, number));
        let was_read_again = self.extractions.len() < before;
        self.extractions.push(Listed { client_id, number, page, was_read_again });
    }

    /// The error of an account whose list must not be read: it is the same for each page, and for no other account.
    pub fn refusal(&self, client_id: ClientId) -> Option<&TaskError> {
        let errors = self.extractions.iter().filter(|page| page.client_id == client_id);
        errors
            .filter_map(|page| page.page.as_ref().err())
            .find(|error| matches!(error.kind, ErrorKind::Unauthorized | ErrorKind::Denied))
    }

    /// True if they are read for several runs.
    pub fn are_shared(&self) -> bool {
        self.source_ids.len() > 1
    }

    /// A page of the list of loads.
    pub fn loads(&self, path: &str) -> Option<&LoadsPage> {
        self.loads.iter().find(|(known, _)| known == path).map(|(_, page)| page)
    }

    /// Keeps a page of the list of loads, if it is read for several runs.
    pub fn keep_loads(&mut self, path: String, page: &LoadsPage) {
        if self.are_shared() {
            self.loads.push((path, page.clone()));
        }
    }
}
