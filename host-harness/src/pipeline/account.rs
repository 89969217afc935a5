//! The accounts of tools, and what each allows to be asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::hmac;

use super::journal::{Halt, Journal};
use crate::contract::RequestBudget;
use crate::store::{Budget, Reservation, Reserved};
use crate::{Arguments, Clock, Grant};

/// How many requests a poll is expected to make before one was seen: it may have to search.
const FIRST_GUESS: u32 = 5;

/// The accounts that a pipeline's tasks share.
#[derive(Debug, Default)]
pub(crate) struct Accounts(Mutex<HashMap<String, Arc<Account>>>);

/// One account of a tool, and its budget.
#[derive(Debug)]
pub(crate) struct Account {
    key: String,
    budget: Budget,
    /// Who may ask next: in the order of coming, one at a time, so that nobody waits for ever.
    queue: tokio::sync::Mutex<()>,
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
            Arc::new(Account { key: key.clone(), budget, queue: tokio::sync::Mutex::default() })
        });
        Some(Arc::clone(account))
    }
}

/// What an account is filed under: the origins and the secrets of a connection, told apart and not told.
pub(crate) fn key(secret: &[u8; 32], grants: &[Grant], arguments: &Arguments) -> String {
    let mut origins: Vec<String> = grants.iter().map(|grant| grant.origin().to_string()).collect();
    origins.sort_unstable();
    origins.dedup();
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for text in origins.iter().map(String::as_str).chain(arguments.connection_secrets()) {
        context.update(&text.len().to_le_bytes());
        context.update(text.as_bytes());
    }
    context.sign().as_ref().iter().fold(String::new(), |key, byte| format!("{key}{byte:02x}"))
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

    /// Counts requests that were made without waiting for a turn.
    pub(crate) async fn spent<C: Clock>(&self, requests: usize, journal: &Journal<C>) -> Result<(), Halt> {
        let (key, requests) = (self.key.clone(), u32::try_from(requests).unwrap_or(u32::MAX));
        journal.write(move |store, now| store.spend(&key, requests, now)).await
    }

    /// Waits until `requests` may be made of this account. `waits` is told how long.
    pub(crate) async fn turn<C: Clock>(
        &self,
        requests: u32,
        journal: &Journal<C>,
        waits: impl Fn(Duration),
    ) -> Result<Turn<'_>, Halt> {
        let place = self.queue.lock().await;
        loop {
            let (key, budget) = (self.key.clone(), self.budget);
            match journal.write(move |store, now| store.reserve(&key, requests, budget, now)).await? {
                Reserved::Now(reservation) => {
                    return Ok(Turn { account: self, reservation, requests, _place: place });
                }
                Reserved::WaitUntil(then) => {
                    let wait = journal.until(then).min(self.budget.window);
                    waits(wait);
                    // Never without a pause, whatever the clock of the machine does.
                    journal.clock.sleep(wait.max(Duration::from_millis(10))).await;
                }
            }
        }
    }
}

impl Turn<'_> {
    /// Gives back what was not spent.
    pub(crate) async fn end<C: Clock>(self, spent: usize, journal: &Journal<C>) -> Result<(), Halt> {
        let spent = u32::try_from(spent).unwrap_or(u32::MAX).min(self.account.budget.requests);
        let reservation = self.reservation;
        journal.write(move |store, now| store.release(reservation, spent, now)).await
    }
}
