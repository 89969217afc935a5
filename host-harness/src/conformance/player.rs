//! The player: makes calls while the mock server plays the tool, with the checks that apply to every call.

use std::time::Duration;
use std::{fmt, slice};

use crate::conformance::checks::agreement::Together;
use crate::conformance::checks::check::Check;
use crate::conformance::checks::conduct::{of_count, of_effect, of_secrets, of_starts};
use crate::conformance::checks::form;
use crate::conformance::checks::verdicts::{Answered, Outcome};
use crate::conformance::kit::called::Called;
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::file::Kit;
use crate::conformance::kit::pattern::Pattern;
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::conformance::mock_server::response_fault::ResponseFault;
use crate::conformance::mock_server::script::Script;
use crate::conformance::mock_server::server::MockServer;
use crate::conformance::report::results::Results;
use crate::{Arguments, Call, CallError, Denial, Plugin, Redactor, Request, Secret};

/// A call to make.
#[derive(Clone, Copy)]
pub(super) struct Cue<'a> {
    pub(super) place: &'a str,
    pub(super) call: Called,
    pub(super) run: &'a str,
    pub(super) ages: &'a [Duration],
    pub(super) script: &'a [Exchange],
}

/// The result of a call.
pub(super) struct Play<T = Outcome> {
    pub(super) outcome: T,
    pub(super) seen: Vec<RecordedRequest>,
    /// The lines of the script that were never requested.
    pub(super) left: Vec<String>,
    pub(super) denied: Vec<Denial>,
    /// The exchanges, a line each.
    pub(super) lines: Vec<String>,
}

/// The state that all calls of an examination share.
pub(super) struct Player<'a> {
    pub(super) kit: &'a Kit,
    pub(super) stage: MockServer,
    pub(super) ledger: Results,
    /// A redactor of each secret, by its field's name.
    pub(super) secrets: Vec<(String, Redactor)>,
    /// The requests that start runs, in all situations of the kit.
    starts: Vec<&'a Pattern>,
}

impl<'a> Player<'a> {
    pub(super) fn new(kit: &'a Kit, stage: MockServer) -> Self {
        let secrets = || kit.secrets().map(|(name, secret)| (name.to_owned(), Secret::new(secret)));
        let exchanges = kit.situations.iter().flat_map(|situation| &situation.exchanges);
        Self {
            kit,
            stage,
            ledger: Results::new(Redactor::new(secrets().map(|(_, secret)| secret))),
            secrets: secrets().map(|(name, secret)| (name, Redactor::new([secret]))).collect(),
            starts: exchanges.filter(|exchange| exchange.starts).map(|exchange| &exchange.request).collect(),
        }
    }

    /// Records a check of a call.
    pub(super) fn note<T>(&mut self, check: Check, place: &str, play: &Play<T>, flaw: Option<String>) {
        self.ledger.note(check, place, &play.lines, flaw);
    }

    /// Makes one call, optionally with a fault in one answer.
    pub(super) async fn play(
        &mut self,
        plugin: &Plugin,
        cue: Cue<'_>,
        arguments: &Arguments,
        spoiled: Option<(usize, ResponseFault)>,
    ) -> Play {
        self.stage.set(Script::new(self.kit, cue.script, spoiled));
        let made = match cue.call {
            Called::Trigger => Made::of(plugin.trigger(arguments).await, Answered::Progress),
            Called::Poll => Made::of(plugin.poll(arguments, cue.run).await, Answered::Progress),
            Called::Cancel => Made::of(plugin.cancel(arguments, cue.run).await, Answered::Progress),
            Called::Check => Made::of(plugin.check(arguments).await, Answered::Findings),
            Called::Settle => Made::of(plugin.settle(arguments, cue.ages).await, Answered::Progress),
        };
        self.judged(cue.place, cue.script, spoiled, made, slice::from_ref).await
    }

    /// Polls runs together, all with these arguments.
    pub(super) async fn play_together(
        &mut self,
        plugin: &Plugin,
        place: &str,
        script: &[Exchange],
        arguments: &Arguments,
        runs: &[&str],
    ) -> Play<Together> {
        self.stage.set(Script::new(self.kit, script, None));
        let runs: Vec<_> = runs.iter().map(|run| (arguments, *run)).collect();
        let answered = |results: Vec<_>| results.into_iter().map(|result| Outcome::Ok(Answered::Progress(result?)));
        let made = Made::of(plugin.poll_many(&runs).await, |results| answered(results).collect());
        self.judged(place, script, None, made, |together: &Together| together.as_deref().unwrap_or_default()).await
    }

    /// Ends a call that was made: the checks of every call, and of each of its `outcomes`.
    async fn judged<T: fmt::Debug>(
        &mut self,
        place: &str,
        script: &[Exchange],
        spoiled: Option<(usize, ResponseFault)>,
        made: Made<T>,
        outcomes: impl Fn(&Result<T, CallError>) -> &[Outcome],
    ) -> Play<Result<T, CallError>> {
        let Made { outcome, requests, denied, stderr } = made;
        self.stage.wait_for(requests.len()).await;
        let (seen, left) = self.stage.end();
        // A request that was given up, by the plugin or because the call was ended, need not have arrived.
        let given_up = matches!(spoiled, Some((_, ResponseFault::Late)))
            || matches!(&outcome, Err(error) if !matches!(error, CallError::Task(_)));
        let arrived = if given_up { requests.len() } else { seen.len() };
        let said = format!("{outcome:?} {denied:?} {stderr}");
        let formed = outcomes(&outcome).iter().find_map(|outcome| {
            // The status of a faulty answer may not have come.
            let effect = || of_effect(outcome, script, &seen).filter(|_| spoiled.is_none());
            form::of_answer(outcome).or_else(effect)
        });
        let checks = [
            (Check::AnswersFormed, formed),
            (Check::RequestsBounded, of_count(requests.len(), arrived)),
            (Check::StartedOnce, of_starts(&self.starts, script, &seen)),
            (Check::SecretsKept, of_secrets(&self.secrets, &said, &seen)),
            (Check::OriginsKept, denied.first().map(ToString::to_string)),
        ];
        let play = Play { outcome, lines: seen.iter().map(RecordedRequest::line).collect(), seen, left, denied };
        for (check, flaw) in checks {
            self.note(check, place, &play, flaw);
        }
        play
    }
}

/// A call of any function, made.
struct Made<T> {
    outcome: Result<T, CallError>,
    requests: Vec<Request>,
    denied: Vec<Denial>,
    stderr: String,
}

impl<T> Made<T> {
    fn of<A>(call: Call<A>, answered: impl FnOnce(A) -> T) -> Self {
        let Call { outcome, requests, denied, stderr, .. } = call;
        Self { outcome: outcome.map(answered), requests, denied, stderr }
    }
}
