//! The accounts of tools, and what each allows to be asked.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::contract::RequestBudget;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::lease::{BEAT, LOOK, Lease};
use crate::pipeline::run::wall_time::wall;
use crate::store::{Asker, Budget, Reservation, Reserved, Store};
use crate::{Clock, Uptime};

/// How many requests a poll is expected to make before one was seen: it may have to search.
const FIRST_GUESS: u32 = 5;

/// How many requests are set aside to settle a trigger: it looks through all there is, and is not to break off.
const TO_SETTLE: u32 = 16;

/// The accounts that the tasks of a process share, whatever pipeline they are of.
#[derive(Clone, Debug, Default)]
pub struct Accounts(Arc<Mutex<HashMap<String, Arc<Account>>>>);

/// One account of a tool, and its budget.
#[derive(Debug)]
pub(crate) struct Account {
    key: String,
    budget: Budget,
    /// This process, in the account's queue in the store.
    owner: i64,
    /// Which request of this process may ask next: in the order of coming, one at a time, so that nobody waits for ever.
    queue: tokio::sync::Mutex<()>,
    /// How many have come and were not served.
    waiting: AtomicUsize,
    /// Before then the tool wants to hear nothing, by the journal's clock.
    silent_until: Mutex<Duration>,
}

/// A place in an account's queue, until it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The right to make some requests of an account.
pub(crate) struct Turn<'a> {
    account: &'a Account,
    reservation: Reservation,
    /// How many.
    pub(crate) requests: u32,
    _place: tokio::sync::MutexGuard<'a, ()>,
}

impl Accounts {
    /// The account of a credential, where its tool states a budget.
    pub(crate) fn get(&self, key: String, budget: Option<&RequestBudget>) -> Option<Arc<Account>> {
        let budget = budget.filter(|budget| budget.requests > 0 && budget.window_ms > 0)?;
        let budget = Budget { requests: budget.requests, window: Duration::from_millis(budget.window_ms) };
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.entry(key).or_insert_with_key(|key| {
            Arc::new(Account {
                key: key.clone(),
                budget,
                // Random for each process, as its hashes are.
                owner: RandomState::new().hash_one(std::process::id()).cast_signed(),
                queue: tokio::sync::Mutex::default(),
                waiting: AtomicUsize::new(0),
                silent_until: Mutex::default(),
            })
        });
        Some(Arc::clone(account))
    }
}

impl Account {
    /// How many requests to expect of a poll, at first.
    pub(crate) fn first_guess(&self) -> u32 {
        FIRST_GUESS.min(self.budget.requests)
    }

    /// The most that can be expected: the whole budget.
    pub(crate) fn most(&self) -> u32 {
        self.budget.requests
    }

    /// How many requests to set aside to settle a trigger, which failed before so often.
    pub(crate) fn to_settle(&self, failures: u32) -> u32 {
        if failures == 0 { TO_SETTLE.min(self.budget.requests) } else { self.budget.requests }
    }

    /// The tool wants to hear nothing of the account until then, by the journal's clock.
    pub(crate) fn silent_until(&self, then: Duration) {
        let mut until = self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = then.max(*until);
    }

    /// Counts requests that were made without waiting for a turn.
    pub(crate) async fn spent<C: Clock + 'static>(
        &self,
        requests: usize,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
    ) -> Result<(), RunnerError> {
        let (key, requests) = (self.key.clone(), u32::try_from(requests).unwrap_or(u32::MAX));
        let clock = Arc::clone(&journal.clock);
        let spend = move |store: &mut Store, _| {
            let (uptime, at) = moment(&*clock);
            store.spend(&key, requests, at, uptime.as_ref())
        };
        journal.write(spend, observe).await
    }

    /// Waits until `requests` may be made of this account, and tells of it; or until `quit` is ready, whose word is the error
    /// then. What is set aside is never left behind.
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

    /// Waits for its turn among the requests of this process, then among those of all.
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
                    // Never without a pause, whatever the clock of the machine does.
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
            // Once, until there is something else to say of it.
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

/// Now, by both clocks at once: a write may have waited, and is dated by when it is made. What lies between the two readings
/// makes a request younger, never older.
fn moment(clock: &impl Clock) -> (Option<Uptime>, Timestamp) {
    let uptime = clock.uptime();
    (uptime, wall(clock))
}

impl Turn<'_> {
    /// Gives back what was not spent.
    pub(crate) async fn end<C: Clock + 'static>(
        self,
        spent: usize,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
    ) -> Result<(), RunnerError> {
        let spent = u32::try_from(spent).unwrap_or(u32::MAX).min(self.account.budget.requests);
        let (reservation, clock) = (self.reservation, Arc::clone(&journal.clock));
        let release = move |store: &mut Store, _| {
            let (uptime, at) = moment(&*clock);
            store.release(reservation, spent, at, uptime.as_ref())
        };
        journal.write(release, observe).await
    }
}
