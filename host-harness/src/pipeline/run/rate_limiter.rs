//! The rate limiter: polls within the rate limits of accounts, for engines that keep their runs themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::contract::{Descriptor, Progress};
use crate::pipeline::run::account_polls::PollCost;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
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
    /// Waits until the rate limit allows it, and polls the run: together with other runs of the connection that are due, where the
    /// plugin exports `batch`. The error is [`CallError::NotMade`] where its turn has not come `within` this time. Dropping this gives
    /// the turn up; a call that is under way is made to its end.
    ///
    /// The result tells no requests, denials and output: they may be those of other runs.
    pub async fn poll(&mut self, run: &str, within: Duration) -> Call<Progress> {
        let Some((account, cost)) = &mut self.limit else { return self.plugin.poll(&self.arguments, run).await };
        let (_wanted, unwanted) = oneshot::channel::<()>();
        let (plugin, arguments, run) = (self.plugin.clone(), self.arguments.clone(), run.to_owned());
        let (shared, journal, mut spent) = (Arc::clone(account), self.journal.clone(), *cost);
        let polled = tokio::spawn(async move {
            let polled = (&plugin, &arguments, &*run);
            let quit = async {
                tokio::select! {
                    _ = unwanted => "it was given up".to_owned(),
                    () = journal.clock.sleep(within) => {
                        let within = humantime::format_duration(within);
                        format!("the rate limit of its account left no room for it within {within}")
                    }
                }
            };
            (shared.poll(polled, false, &mut spent, &journal, &|_: What<'_>| (), quit).await, spent)
        });
        let not_made = |reason| Err(CallError::NotMade { function: Function::Poll, reason });
        let outcome = match polled.await {
            Ok((Ok(Ok(outcome)), spent)) => {
                *cost = spent;
                outcome
            }
            Ok((Ok(Err(reason)), _)) => not_made(reason),
            Ok((Err(RunnerError::Store(error)), _)) => {
                not_made(format!("what was spent of its account's rate limit cannot be kept: {error}"))
            }
            Ok((Err(error), _)) => not_made(error.to_string()),
            Err(fault) => not_made(fault.to_string()),
        };
        Call::quiet(outcome)
    }

    /// Counts the requests of another call, such as a settle or a cancel, which nobody lets wait. Needs a tokio runtime, and does not
    /// wait for the store.
    pub fn spent<T>(&self, call: &Call<T>) {
        let Some((account, _)) = &self.limit else { return };
        account.heard(call.outcome.as_ref().err(), &*self.journal.clock);
        let (account, journal, requests) = (Arc::clone(account), self.journal.clone(), account.counted(&call.requests));
        // A budget that cannot be kept is kept by the tool, which answers 429.
        tokio::spawn(async move { account.spent(requests, &journal, &|_: What<'_>| ()).await });
    }
}
