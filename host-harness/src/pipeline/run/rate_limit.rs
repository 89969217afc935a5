//! Rate limits: each account's request budget, shared by all tasks and processes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::contract::RequestBudget;
use crate::pipeline::run::due_runs::DueRuns;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::lease::{BEAT, LOOK, Lease};
use crate::pipeline::run::wall_time::wall;
use crate::store::{Asker, Budget, Reservation, Reserved, Store};
use crate::{CallError, Clock, Plugin, Request, Uptime};

/// The requests reserved for the first poll of a run, which may have to search.
const FIRST_GUESS: u32 = 5;

/// The requests reserved to settle a trigger: it reads all that there is, and must not be cut short.
const TO_SETTLE: u32 = 16;

/// The accounts that the tasks of a process share, across pipelines.
#[derive(Clone, Debug, Default)]
pub struct Accounts(Arc<Mutex<HashMap<String, Arc<Account>>>>);

/// An account of a tool, and its rate limit.
#[derive(Debug)]
pub(crate) struct Account {
    key: String,
    budget: Budget,
    /// As the plugin states it: it says which requests count.
    stated: Arc<RequestBudget>,
    /// This process, in the account's queue in the store.
    owner: i64,
    /// Held by the request of this process that is next: first come, first served, so that none starves.
    queue: tokio::sync::Mutex<()>,
    /// The number of requests that wait.
    waiting: AtomicUsize,
    /// The end of the tool's `Retry-After`, by the journal's clock.
    silent_until: Mutex<Duration>,
    /// The runs that are due to be polled.
    pub(crate) due_runs: DueRuns,
}

/// A place among the requests that wait, until it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A reservation of requests of an account.
pub(crate) struct Turn<'a> {
    account: &'a Account,
    reservation: Reservation,
    /// The number of requests.
    pub(crate) requests: u32,
    _place: tokio::sync::MutexGuard<'a, ()>,
}

impl Accounts {
    /// The account of a credential. None if its tool states no rate limit.
    pub(crate) fn get(&self, key: String, budget: Option<&RequestBudget>) -> Option<Arc<Account>> {
        let stated = budget.filter(|budget| budget.requests > 0 && budget.window_ms > 0)?;
        let budget = Budget { requests: stated.requests, window: Duration::from_millis(stated.window_ms) };
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.entry(key).or_insert_with_key(|key| {
            Arc::new(Account {
                key: key.clone(),
                budget,
                stated: Arc::new(stated.clone()),
                // Random for each process, as the hash keys are.
                owner: RandomState::new().hash_one(std::process::id()).cast_signed(),
                queue: tokio::sync::Mutex::default(),
                waiting: AtomicUsize::new(0),
                silent_until: Mutex::default(),
                due_runs: DueRuns::default(),
            })
        });
        Some(Arc::clone(account))
    }
}

impl Account {
    /// The plugin, with at most so many requests in each call that count against the budget.
    pub(crate) fn share(&self, plugin: &Plugin, requests: u32) -> Plugin {
        plugin.with_share(&self.stated, requests)
    }

    /// The number of those requests that count against the budget.
    pub(crate) fn counted(&self, requests: &[Request]) -> u32 {
        counted(requests.iter().filter(|request| self.stated.counts(&request.path)).count())
    }

    /// The requests to reserve for a run's first poll.
    pub(crate) fn first_guess(&self) -> u32 {
        FIRST_GUESS.min(self.budget.requests)
    }

    /// The most requests that can be reserved: the whole budget.
    pub(crate) fn most(&self) -> u32 {
        self.budget.requests
    }

    /// The time in which the rate limit allows so many requests.
    pub(crate) fn time_of(&self, requests: u32) -> Duration {
        self.budget.window / self.budget.requests * requests
    }

    /// The requests to reserve to settle a trigger: the whole budget only after a call that needed more than it had, since
    /// all other requests of the account wait for that.
    pub(crate) fn to_settle(&self, needs_more: bool) -> u32 {
        if needs_more { self.budget.requests } else { TO_SETTLE.min(self.budget.requests) }
    }

    /// Sends nothing to the account for as long as the tool asked, if a call was answered with 429.
    pub(crate) fn heard(&self, error: Option<&CallError>, clock: &impl Clock) {
        let error = error.and_then(CallError::task_error).filter(|error| error.http_status == Some(429));
        let Some(wait) = error.and_then(|error| error.retry_after_ms) else { return };
        self.silent_until(clock.now().saturating_add(Duration::from_millis(wait)));
    }

    /// Sends nothing to the account until then, by the journal's clock.
    pub(crate) fn silent_until(&self, then: Duration) {
        let mut until = self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = then.max(*until);
    }

    /// Counts requests that were made without a reservation.
    pub(crate) async fn spent<C: Clock + 'static>(
        &self,
        requests: u32,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
    ) -> Result<(), RunnerError> {
        let key = self.key.clone();
        let clock = Arc::clone(&journal.clock);
        let spend = move |store: &mut Store, _| {
            let (uptime, at) = moment(&*clock);
            store.spend(&key, requests, at, uptime.as_ref())
        };
        journal.write(spend, observe).await
    }

    /// Reserves `requests` of this account, and reports the wait. If `quit` is ready first, returns its value, and
    /// leaves nothing reserved.
    pub(crate) async fn turn<C: Clock + 'static, Q>(
        &self,
        requests: u32,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
        quit: impl Future<Output = Q>,
    ) -> Result<Result<Turn<'_>, Q>, RunnerError> {
        let (key, owner) = (self.key.clone(), self.owner);
        let ahead = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _counted = Place(&self.waiting);
        let mut has_ticket = ahead > 0;
        if has_ticket {
            observe(What::Queued { ahead, wait: Duration::ZERO });
            let key = key.clone();
            journal.write(move |store, _| store.queue(&key, owner), observe).await?;
        }
        let turn = self.served(requests, &mut has_ticket, journal, observe, quit).await?;
        if turn.is_err() && has_ticket {
            journal.write(move |store, _| store.leave_queue(&key, owner), observe).await?;
        }
        Ok(turn)
    }

    /// Waits for its turn among the requests of this process, then among those of all processes.
    async fn served<C: Clock + 'static, Q>(
        &self,
        requests: u32,
        has_ticket: &mut bool,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
        quit: impl Future<Output = Q>,
    ) -> Result<Result<Turn<'_>, Q>, RunnerError> {
        let mut quit = pin!(quit);
        let place = tokio::select! {
            biased;
            quit = &mut quit => return Ok(Err(quit)),
            place = self.queue.lock() => place,
        };
        let (mut lease, mut told) = (Lease::default(), None);
        loop {
            let silence = *self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
            let (mut wait, mut others) = (silence.saturating_sub(journal.clock.now()), 0);
            let mut pause = wait;
            if wait.is_zero() {
                match self.reserve(requests, *has_ticket, journal, observe).await? {
                    Reserved::Now(reservation) => {
                        return Ok(Ok(Turn { account: self, reservation, requests, _place: place }));
                    }
                    // Always with a pause, whatever the wall clock does.
                    Reserved::WaitUntil(then) => {
                        wait = journal.until(then).min(self.budget.window).max(Duration::from_millis(10));
                        pause = wait.min(BEAT);
                    }
                    Reserved::Behind { head, ahead } => {
                        others = ahead;
                        pause = LOOK;
                        if lease.has_lapsed(head, journal.clock.now()) {
                            let key = self.key.clone();
                            journal.write(move |store, _| store.pass_over(&key, head), observe).await?;
                            pause = Duration::ZERO;
                        }
                    }
                }
                *has_ticket = true;
            }
            // Reported again only if it changes.
            let until = journal.clock.now().saturating_add(wait);
            let is_news =
                |(ahead, then): (usize, Duration)| ahead != others || others == 0 && until.abs_diff(then) > LOOK;
            if told.is_none_or(is_news) {
                told = Some((others, until));
                observe(What::Queued { ahead: others, wait });
            }
            tokio::select! {
                biased;
                quit = &mut quit => return Ok(Err(quit)),
                () = journal.clock.sleep(pause) => {}
            }
        }
    }

    async fn reserve<C: Clock + 'static>(
        &self,
        requests: u32,
        has_ticket: bool,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
    ) -> Result<Reserved, RunnerError> {
        let (key, budget, clock) = (self.key.clone(), self.budget, Arc::clone(&journal.clock));
        let asker = Asker { owner: self.owner, has_ticket };
        let reserve = move |store: &mut Store, _| {
            let (uptime, at) = moment(&*clock);
            store.reserve(&key, asker, requests, budget, at, uptime.as_ref())
        };
        journal.write(reserve, observe).await
    }
}

/// The present by both clocks, read when the write is made, since it may have waited. Time between the two readings
/// makes a request younger, never older.
fn moment(clock: &impl Clock) -> (Option<Uptime>, Timestamp) {
    let uptime = clock.uptime();
    (uptime, wall(clock))
}

impl Turn<'_> {
    /// Releases the requests that were not made.
    pub(crate) async fn end<C: Clock + 'static>(
        self,
        spent: u32,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
    ) -> Result<(), RunnerError> {
        let spent = spent.min(self.account.budget.requests);
        let (reservation, clock) = (self.reservation, Arc::clone(&journal.clock));
        let release = move |store: &mut Store, _| {
            let (uptime, at) = moment(&*clock);
            store.release(reservation, spent, at, uptime.as_ref())
        };
        journal.write(release, observe).await
    }
}

/// A number of requests or runs.
pub(crate) fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
