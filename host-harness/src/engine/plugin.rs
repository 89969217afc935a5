//! Plugins: compiled, and ready to be called.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use wasmtime::Store;
use wasmtime::component::{Component, Instance, InstancePre};

use crate::component::content_digest::sha256;
use crate::component::load::{self, LoadError};
use crate::component::typecheck;
#[cfg(feature = "pipeline")]
use crate::contract::RequestBudget;
use crate::contract::bindings::exports::orchestrator::plugin::batch::WaitingRun;
use crate::contract::bindings::exports::orchestrator::plugin::{batch, cancellation, preflight, settlement, task};
use crate::contract::validate::{Answer, Flaw};
use crate::contract::{Descriptor, Finding, Progress, TaskError};
use crate::egress::Share;
use crate::engine::call_context::CallContext;
use crate::engine::cpu_time::metered;
use crate::engine::sandbox::Sandbox;
use crate::engine::trap;
use crate::engine::visit_text::VisitText;
use crate::spans::{self, CallSpan};
use crate::{Arguments, Call, CallError, Function, Grant, Host, Limit, Limits, Size};

/// A compiled plugin. Cheap to clone and to share between threads.
///
/// Every call runs in a fresh instance that shares nothing with any other, and ends within [`Limits::call`] whatever
/// the plugin or the network does. The calls need a tokio runtime with I/O and time.
///
/// [`Limits::call`]: crate::Limits::call
#[derive(Clone)]
pub struct Plugin {
    loaded: Arc<Loaded>,
    grants: Arc<[Grant]>,
    limits: Arc<Limits>,
    /// The requests of each call that may count against the account's budget. None: any.
    share: Option<Share>,
}

struct Loaded {
    host: Host,
    instance: InstancePre<Sandbox>,
    task: task::GuestIndices,
    cancellation: Option<cancellation::GuestIndices>,
    preflight: Option<preflight::GuestIndices>,
    settlement: Option<settlement::GuestIndices>,
    batch: Option<batch::GuestIndices>,
    sha256: String,
}

/// The bytes that the limit `answer` is raised by for each run of `poll-many`: as much as a run and its report.
const ANSWER_PER_RUN: usize = 8 << 10;

/// The requests that the limit `requests` is raised by for each run of `poll-many`: those that only tell of one run.
const REQUESTS_PER_RUN: usize = 4;

/// The return value of a guest's function: the engine's result around the plugin's own.
type Returned<T> = wasmtime::Result<Result<T, TaskError>>;

impl Plugin {
    pub(crate) fn compile(host: Host, bytes: &[u8]) -> Result<Self, LoadError> {
        let sha256 = sha256(bytes);
        let _loading = spans::load(&sha256).entered();
        let (anatomy, component) = load::compile(host.engine(), bytes, &sha256, host.limits(), host.compile_cache())?;
        let instance = host
            .linker()
            .and_then(|linker| linker.instantiate_pre(&component))
            .map_err(|error| load::unlinked(&anatomy, &error))?;
        let interfaces =
            [&Function::TASK[..], &[Function::Cancel], &[Function::Check], &[Function::Settle], &[Function::PollMany]];
        for functions in interfaces {
            if functions == Function::TASK || exports(&component, functions[0]) {
                typecheck::check(&component, functions)?;
            }
        }
        let limits = host.shared_limits();
        let loaded = Arc::new(Loaded {
            task: indices(Function::Describe, task::GuestIndices::new(&instance))?,
            cancellation: exports(&component, Function::Cancel)
                .then(|| indices(Function::Cancel, cancellation::GuestIndices::new(&instance)))
                .transpose()?,
            preflight: exports(&component, Function::Check)
                .then(|| indices(Function::Check, preflight::GuestIndices::new(&instance)))
                .transpose()?,
            settlement: exports(&component, Function::Settle)
                .then(|| indices(Function::Settle, settlement::GuestIndices::new(&instance)))
                .transpose()?,
            batch: exports(&component, Function::PollMany)
                .then(|| indices(Function::PollMany, batch::GuestIndices::new(&instance)))
                .transpose()?,
            host,
            instance,
            sha256,
        });
        Ok(Self { loaded, grants: Arc::default(), limits, share: None })
    }

    /// The same plugin with these grants: for one connection. It may send the requests that they cover and no others.
    #[must_use]
    pub fn allow(&self, grants: impl IntoIterator<Item = Grant>) -> Self {
        Self { grants: grants.into_iter().collect(), ..self.clone() }
    }

    /// The same plugin, with at most so many requests in each call that count against this budget.
    #[cfg(feature = "pipeline")]
    pub(crate) fn with_share(&self, budget: &Arc<RequestBudget>, most: u32) -> Self {
        let requests = usize::try_from(most).unwrap_or(usize::MAX);
        Self { share: Some(Share { budget: Arc::clone(budget), requests }), ..self.clone() }
    }

    /// The same plugin, with this limit on the time of a request.
    #[must_use]
    pub fn with_request_timeout(&self, request: Duration) -> Self {
        Self { limits: Arc::new(Limits { request, ..(*self.limits).clone() }), ..self.clone() }
    }

    /// True if a call of either does the same: the same component with the same grants and limits.
    #[cfg(feature = "pipeline")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.sha256() == other.sha256() && self.grants == other.grants && self.limits == other.limits
    }

    /// The grants: what it may send.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The digest of its component, which shows whether the file has changed since a run was begun.
    pub fn sha256(&self) -> &str {
        &self.loaded.sha256
    }

    /// True if the plugin exports this function.
    pub fn offers(&self, function: Function) -> bool {
        match function {
            Function::Describe | Function::Trigger | Function::Poll => true,
            Function::Cancel => self.loaded.cancellation.is_some(),
            Function::Check => self.loaded.preflight.is_some(),
            Function::Settle => self.loaded.settlement.is_some(),
            Function::PollMany => self.loaded.batch.is_some(),
        }
    }

    /// Asks the plugin what it is and what it takes, without any network.
    pub async fn describe(&self) -> Call<Descriptor> {
        // Denies even granted origins, so that the answer is the same every time.
        let offline = self.allow([]);
        let nothing = Arguments::new(Vec::new(), Vec::new());
        offline
            .call(Function::Describe, &nothing, async |store, instance, _| {
                let guest = offline.loaded.task.load(&mut *store, instance)?;
                Ok(Ok(guest.call_describe(store).await?))
            })
            .await
    }

    /// Starts one run. After an error, a run may have been started all the same: see [`CallError`] and `error-kind`.
    pub async fn trigger(&self, arguments: &Arguments) -> Call<Progress> {
        self.call(Function::Trigger, arguments, async |store, instance, context| {
            let guest = self.loaded.task.load(&mut *store, instance)?;
            guest.call_trigger(store, &context.connection, &context.parameters[0]).await
        })
        .await
    }

    /// Asks for a run's progress.
    pub async fn poll(&self, arguments: &Arguments, run: &str) -> Call<Progress> {
        self.call(Function::Poll, arguments, async |store, instance, context| {
            let guest = self.loaded.task.load(&mut *store, instance)?;
            guest.call_poll(store, &context.connection, &context.parameters[0], &run.to_owned()).await
        })
        .await
    }

    /// Asks the tool to stop a run, if the plugin exports `cancel`.
    pub async fn cancel(&self, arguments: &Arguments, run: &str) -> Call<Progress> {
        let Some(indices) = &self.loaded.cancellation else {
            return Call::quiet(Err(CallError::NotOffered { function: Function::Cancel }));
        };
        self.call(Function::Cancel, arguments, async |store, instance, context| {
            let guest = indices.load(&mut *store, instance)?;
            guest.call_cancel(store, &context.connection, &context.parameters[0], &run.to_owned()).await
        })
        .await
    }

    /// Checks whether a run could start, if the plugin exports `check`. Starts nothing.
    pub async fn check(&self, arguments: &Arguments) -> Call<Vec<Finding>> {
        let Some(indices) = &self.loaded.preflight else {
            return Call::quiet(Err(CallError::NotOffered { function: Function::Check }));
        };
        self.call(Function::Check, arguments, async |store, instance, context| {
            let guest = indices.load(&mut *store, instance)?;
            guest.call_check(store, &context.connection, &context.parameters[0]).await
        })
        .await
    }

    /// Finds out the outcome of a trigger, if the plugin exports `settle`. `ages` holds the age of each call that may have started
    /// the run, the oldest first: the trigger, then each `settle` since of which [`Call::may_have_started`] says so or whose answer
    /// was lost. It may start a run where none was started: as after a trigger, an error leaves that unknown.
    pub async fn settle(&self, arguments: &Arguments, ages: &[Duration]) -> Call<Progress> {
        let Some(indices) = &self.loaded.settlement else {
            return Call::quiet(Err(CallError::NotOffered { function: Function::Settle }));
        };
        let ages_ms: Vec<_> = ages.iter().map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)).collect();
        self.call(Function::Settle, arguments, async |store, instance, context| {
            let guest = indices.load(&mut *store, instance)?;
            guest.call_settle(store, &context.connection, &context.parameters[0], &ages_ms).await
        })
        .await
    }

    /// Asks for the progress of runs of one connection, each with the arguments of its trigger, if the plugin exports `poll-many`.
    /// The answer holds a result for each run, in their order, as [`Plugin::poll`] would give it.
    pub async fn poll_many(&self, runs: &[(&Arguments, &str)]) -> Call<Vec<Result<Progress, CallError>>> {
        let function = Function::PollMany;
        let Some(indices) = &self.loaded.batch else {
            return Call::quiet(Err(CallError::NotOffered { function }));
        };
        let [(first, _), more @ ..] = runs else { return Call::quiet(Ok(Vec::new())) };
        if more.iter().any(|(arguments, _)| !arguments.shares_connection(first)) {
            let reason = "its runs are not of one connection".to_owned();
            return Call::quiet(Err(CallError::NotMade { function, reason }));
        }
        let body = async |store: &mut Store<Sandbox>, instance: &Instance, context: &CallContext| {
            let guest = indices.load(&mut *store, instance)?;
            let waiting = context.parameters.iter().zip(runs);
            let waiting = waiting
                .map(|(parameters, (_, run))| WaitingRun { parameters: parameters.clone(), run: (*run).to_owned() });
            let results = guest.call_poll_many(store, &context.connection, &waiting.collect::<Vec<_>>()).await?;
            let checked = |result: Result<Progress, TaskError>| {
                result.map_err(CallError::Task).and_then(|progress| self.checked(function, progress))
            };
            Ok(Ok(results.into_iter().map(checked).collect::<Vec<_>>()))
        };
        let plugin = self.answering(runs.len());
        let mut call = plugin.call_about(function, first, more.iter().map(|(arguments, _)| *arguments), body).await;
        call.outcome = call.outcome.and_then(|results| match results.len() {
            answered if answered == runs.len() => Ok(results),
            answered => {
                let reason = format!("it answers {answered} results for {} runs", runs.len());
                Err(CallError::BrokenContract { function, reason })
            }
        });
        // Which request was for which run is not known: a reason that all share is of each.
        let is_shared = call.requests.windows(2).all(|pair| pair[0].reason == pair[1].reason);
        let requests = if is_shared { &*call.requests } else { &[] };
        for result in call.outcome.iter_mut().flatten() {
            if let Err(error) = result {
                *error = error.clone().explained(requests, &call.denied);
            }
        }
        call
    }

    /// The same plugin, whose answer may be as large and its requests as many as so many runs make them.
    fn answering(&self, runs: usize) -> Self {
        let answer = Size(self.limits.answer.0.saturating_add(runs.saturating_mul(ANSWER_PER_RUN)));
        let requests = self.limits.requests.saturating_add(runs.saturating_mul(REQUESTS_PER_RUN));
        Self { limits: Arc::new(Limits { answer, requests, ..(*self.limits).clone() }), ..self.clone() }
    }

    /// An answer, unless it violates the contract.
    fn checked<T: Answer>(&self, function: Function, answer: T) -> Result<T, CallError> {
        match answer.check(&self.limits) {
            Ok(()) => Ok(answer),
            Err(Flaw::Exceeded(exceeded)) => Err(CallError::LimitExceeded { function, exceeded }),
            Err(Flaw::Contradiction(reason)) => Err(CallError::BrokenContract { function, reason }),
        }
    }

    async fn call<T: Answer + VisitText>(
        &self,
        function: Function,
        arguments: &Arguments,
        body: impl AsyncFnOnce(&mut Store<Sandbox>, &Instance, &CallContext) -> Returned<T>,
    ) -> Call<T> {
        self.call_about(function, arguments, [], body).await
    }

    /// Makes a call about a run or, with `more` arguments, about several of one connection.
    async fn call_about<'a, T: Answer + VisitText>(
        &self,
        function: Function,
        arguments: &'a Arguments,
        more: impl IntoIterator<Item = &'a Arguments>,
        body: impl AsyncFnOnce(&mut Store<Sandbox>, &Instance, &CallContext) -> Returned<T>,
    ) -> Call<T> {
        let span = CallSpan::new(self.sha256(), function);
        let context = CallContext::new(arguments, more);
        let call = span.unobserved(self.sandboxed(function, context, body, span.clone())).await;
        if let Err(error) = &call.outcome {
            span.failed(error.code());
        }
        call
    }

    async fn sandboxed<T: Answer + VisitText>(
        &self,
        function: Function,
        context: Result<CallContext, getrandom::Error>,
        body: impl AsyncFnOnce(&mut Store<Sandbox>, &Instance, &CallContext) -> Returned<T>,
        span: CallSpan,
    ) -> Call<T> {
        let context = match context {
            Ok(context) => context,
            Err(error) => {
                let reason = format!("the system gives no random numbers for placeholders: {error}");
                return Call::quiet(Err(CallError::NotMade { function, reason }));
            }
        };
        let limits = &*self.limits;
        let (mut store, traces) = self.loaded.host.store(
            Arc::clone(&self.grants),
            Arc::clone(&self.limits),
            self.share.clone(),
            &context,
            span,
        );
        let limit_signal = &traces.limit_signal;
        let work = async {
            let instance = self.loaded.instance.instantiate_async(&mut store).await?;
            body(&mut store, &instance, &context).await
        };
        let returned = tokio::select! {
            biased;
            exceeded = limit_signal.wait() => Err(exceeded),
            done = timeout(limits.call, metered(work, limits.cpu)) => match done {
                Ok(Some(returned)) => Ok(returned),
                Ok(None) => Err(limit_signal.note(Limit::Cpu)),
                Err(_) => Err(limit_signal.note(Limit::Call)),
            },
        };
        // Ends requests that are still under way, so that the request log can be closed.
        limit_signal.close();
        drop(store);
        let outcome = match (limit_signal.noted(), returned) {
            (Some(exceeded), _) | (None, Err(exceeded)) => Err(CallError::LimitExceeded { function, exceeded }),
            (None, Ok(Ok(answer))) => answer.map_err(CallError::Task).and_then(|answer| self.checked(function, answer)),
            (None, Ok(Err(error))) => Err(match trap::limit(&error) {
                Some(limit) => CallError::LimitExceeded { function, exceeded: limits.exceeded(limit) },
                // The root cause alone: what is above it is the plugin's backtrace.
                None => CallError::Trapped { function, reason: trap::reason(&error) },
            }),
        };
        let records = traces.request_log.close();
        let denied: Vec<_> = records.denied.into_iter().collect();
        let call = Call {
            outcome: outcome.map_err(|error: CallError| error.explained(&records.requests, &denied)),
            requests: records.requests,
            denied,
            exceeded: records.exceeded.into_iter().collect(),
            stderr: traces.stderr.text(),
        };
        context.cleanse(function, call)
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("host", &self.loaded.host).field("grants", &self.grants).finish_non_exhaustive()
    }
}

/// True if the component exports the function's interface, in this or a compatible version.
fn exports(component: &Component, function: Function) -> bool {
    component.get_export_index(None, function.interface()).is_some()
}

fn indices<T>(function: Function, found: wasmtime::Result<T>) -> Result<T, LoadError> {
    found.map_err(|error| LoadError::OtherShape { interface: function.interface(), reason: format!("{error:#}") })
}
