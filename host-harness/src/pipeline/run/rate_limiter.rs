//! The rate limiter: polls within the rate limits of accounts, for engines that keep their runs themselves.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::contract::{Descriptor, Progress};
use crate::pipeline::run::account_polls::{PollCost, counted};
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::Journal;
use crate::pipeline::run::rate_limit::{Account, Accounts};
use crate::store::{Store, StoreError};
use crate::{Arguments, Call, CallError, Clock, Function, Plugin};

/// A rate limiter: the request budgets of accounts, kept in a store that the processes of a machine share.
///
/// Polls of runs of one connection that are due at the same time are made in one call, where the plugin exports `batch`.
#[derive(Clone, Debug)]
pub struct RateLimiter<C> {
    journal: Journal<C>,
    accounts: Accounts,
    /// Mixed into the keys of accounts, so that they tell nothing of credentials.
    mix: [u8; 32],
}

/// The calls of one run's task, within the rate limit of its account.
#[derive(Debug)]
pub struct RateLimited<C> {
    plugin: Plugin,
    arguments: Arguments,
    /// None if the tool states no rate limit.
    limit: Option<(Arc<Account>, PollCost)>,
    journal: Journal<C>,
}

impl<C: Clock + 'static> RateLimiter<C> {
    /// A rate limiter that keeps what is spent in this store, which may hold runs of pipelines, too: they share their budgets.
    pub fn new(store: Store, clock: C) -> Result<Self, StoreError> {
        let mix = store.account_key()?;
        Ok(Self { journal: Journal::new(store, None, Arc::new(clock)), accounts: Accounts::default(), mix })
    }

    /// The calls of a run's task. The descriptor is the plugin's.
    pub fn limited(&self, plugin: &Plugin, descriptor: &Descriptor, arguments: &Arguments) -> RateLimited<C> {
        let key = plugin.account_key(&self.mix, descriptor, arguments).to_string();
        let account = self.accounts.get(key, descriptor.poll_budget.as_ref());
        RateLimited {
            plugin: plugin.clone(),
            arguments: arguments.clone(),
            limit: account.map(|account| {
                let cost = account.first_cost();
                (account, cost)
            }),
            journal: self.journal.clone(),
        }
    }
}

impl<C: Clock + 'static> RateLimited<C> {
    /// Waits until the rate limit allows it, and polls the run. Dropping this gives the turn up; a call that is under way for other
    /// runs, too, is made to its end.
    ///
    /// The requests and the output of a call that was made for several runs are not part of the result.
    pub async fn poll(&mut self, run: &str) -> Call<Progress> {
        let Some((account, cost)) = &mut self.limit else { return self.plugin.poll(&self.arguments, run).await };
        let (_wanted, unwanted) = oneshot::channel::<()>();
        let (plugin, arguments, run) = (self.plugin.clone(), self.arguments.clone(), run.to_owned());
        let (shared, journal, mut spent) = (Arc::clone(account), self.journal.clone(), *cost);
        let polled = tokio::spawn(async move {
            let polled = (&plugin, &arguments, &*run);
            (shared.poll(polled, &mut spent, &journal, &|_: What<'_>| (), unwanted).await, spent)
        });
        let not_made = |reason| Err(CallError::NotMade { function: Function::Poll, reason });
        let outcome = match polled.await {
            Ok((Ok(Ok(outcome)), spent)) => {
                *cost = spent;
                outcome
            }
            Ok((Ok(Err(_)), _)) => not_made("it was given up".to_owned()),
            Ok((Err(error), _)) => not_made(format!("the rate limit of its account is not known: {error}")),
            Err(fault) => not_made(fault.to_string()),
        };
        account.heard(outcome.as_ref().err(), &*self.journal.clock);
        Call::quiet(outcome)
    }

    /// Counts the requests of another call, such as a settle or a cancel, which nobody lets wait.
    pub async fn spent<T>(&self, call: &Call<T>) {
        let Some((account, _)) = &self.limit else { return };
        account.heard(call.outcome.as_ref().err(), &*self.journal.clock);
        // A budget that is not kept is kept by the tool, which answers 429.
        _ = account.spent(counted(call.requests.len()), &self.journal, &|_: What<'_>| ()).await;
    }
}
