//! The player: makes calls while the mock server plays the tool, with the checks that apply to every call.

use std::time::Duration;
use std::{fmt, slice};

use crate::conformance::checks::advice::of_advice;
use crate::conformance::checks::agreement::Together;
use crate::conformance::checks::check::Check;
use crate::conformance::checks::conduct::{of_count, of_effect, of_reads, of_secrets, of_starts, of_writes};
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
use crate::conformance::report::scene::Scene;
use crate::contract::Descriptor;
use crate::{Arguments, Call, CallError, Denial, Plugin, Redactor, Request, Secret};

/// A call to make.
#[derive(Clone, Copy)]
pub(super) struct Cue<'a> {
    pub(super) place: &'a str,
    /// The way in which the situation is played. None: as it is written.
    pub(super) play: Option<&'a str>,
    /// The field that it is about.
    pub(super) field: Option<&'a str>,
    pub(super) call: Called,
    pub(super) run: &'a str,
    pub(super) ages: &'a [Duration],
    pub(super) script: &'a [Exchange],
    /// True if it cancels a run that has ended.
    pub(super) ended: bool,
}

impl<'a> Cue<'a> {
    /// A call as it is written, of a run that was triggered just now.
    pub(super) fn of(place: &'a str, call: Called, run: &'a str, script: &'a [Exchange]) -> Self {
        Self { place, play: None, field: None, call, run, ages: &[Duration::ZERO], script, ended: false }
    }

    /// The same call, played in another way.
    pub(super) fn played(self, play: &'a str) -> Self {
        Self { play: Some(play), ..self }
    }
}

/// The result of a call.
pub(super) struct Play<T = Outcome> {
    pub(super) outcome: T,
    pub(super) seen: Vec<RecordedRequest>,
    /// The lines of the script that were never requested.
    pub(super) left: Vec<String>,
    pub(super) denied: Vec<Denial>,
    pub(super) scene: Scene,
}

/// The state that all calls of an examination share.
pub(super) struct Player<'a> {
    pub(super) kit: &'a Kit,
    pub(super) stage: MockServer,
    pub(super) ledger: Results,
    pub(super) descriptor: Option<Descriptor>,
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
            descriptor: None,
            secrets: secrets().map(|(name, secret)| (name, Redactor::new([secret]))).collect(),
            starts: exchanges.filter(|exchange| exchange.starts).map(|exchange| &exchange.request).collect(),
        }
    }

    /// Records a check of a call.
    pub(super) fn note<T>(&mut self, check: Check, play: &Play<T>, flaw: Option<String>) {
        self.ledger.note(check, &play.scene, flaw);
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
        let made = made(plugin, cue, arguments).await;
        self.judged(cue, spoiled, made, slice::from_ref).await
    }

    /// Makes one call that nothing is checked of: its requests may be others than those of the script.
    pub(super) async fn try_out(&mut self, plugin: &Plugin, cue: Cue<'_>, arguments: &Arguments) -> Play {
        self.stage.set(Script::new(self.kit, cue.script, None));
        let made = made(plugin, cue, arguments).await;
        self.ended(cue, made).await
    }

    /// Polls runs together, all with these arguments.
    pub(super) async fn play_together(
        &mut self,
        plugin: &Plugin,
        cue: Cue<'_>,
        arguments: &Arguments,
        runs: &[&str],
        spoiled: Option<(usize, ResponseFault)>,
    ) -> Play<Together> {
        self.stage.set(Script::new(self.kit, cue.script, spoiled));
        let runs: Vec<_> = runs.iter().map(|run| (arguments, *run)).collect();
        let answered = |results: Vec<_>| results.into_iter().map(|result| Outcome::Ok(Answered::Progress(result?)));
        let made = Made::of(plugin.poll_many(&runs).await, |results| answered(results).collect());
        self.judged(cue, spoiled, made, |together: &Together| together.as_deref().unwrap_or_default()).await
    }

    /// Ends a call that was made: its requests, once all have come.
    async fn ended<T>(&mut self, cue: Cue<'_>, made: Made<T>) -> Play<Result<T, CallError>> {
        let Made { outcome, requests, denied, stderr } = made;
        self.stage.wait_for(requests.len()).await;
        let (seen, left) = self.stage.end();
        let scene = Scene {
            place: cue.place.to_owned(),
            play: cue.play.map(str::to_owned),
            field: cue.field.map(str::to_owned),
            exchanges: seen.iter().map(RecordedRequest::line).collect(),
            stderr: Vec::new(),
        };
        let answered = matches!(&outcome, Ok(_) | Err(CallError::Task(_)));
        let scene = if answered { scene } else { scene.crashed(&stderr) };
        Play { outcome, seen, left, denied, scene }
    }

    /// Ends a call that was made: the checks of every call, and of each of its `outcomes`.
    async fn judged<T: fmt::Debug>(
        &mut self,
        cue: Cue<'_>,
        spoiled: Option<(usize, ResponseFault)>,
        made: Made<T>,
        outcomes: impl Fn(&Result<T, CallError>) -> &[Outcome],
    ) -> Play<Result<T, CallError>> {
        let (requests, stderr, script) = (made.requests.len(), made.stderr.clone(), cue.script);
        let play = self.ended(cue, made).await;
        let Play { outcome, seen, denied, .. } = &play;
        // A request that was given up, by the plugin or because the call was ended, need not have arrived.
        let given_up = matches!(spoiled, Some((_, ResponseFault::Late)))
            || matches!(outcome, Err(error) if !matches!(error, CallError::Task(_)));
        let arrived = if given_up { requests } else { seen.len() };
        let said = format!("{outcome:?} {denied:?} {stderr}");
        let formed = outcomes(outcome).iter().find_map(|outcome| {
            // The status of a faulty answer may not have come.
            let effect = || of_effect(outcome, script, seen).filter(|_| spoiled.is_none());
            form::of_answer(outcome).or_else(effect)
        });
        let descriptor = self.descriptor.as_ref();
        let advised = outcomes(outcome).iter().find_map(|outcome| of_advice(descriptor?, script, outcome));
        // What is sent to a run that has ended has a check of its own.
        let writes = || of_writes(script, seen).filter(|_| !cue.ended);
        let mut checks = vec![
            (Check::AnswersFormed, formed),
            (Check::AdviceDescribed, advised),
            (Check::RequestsBounded, of_count(requests, arrived)),
            (Check::StartedOnce, of_starts(&self.starts, script, seen).or_else(writes)),
            (Check::SecretsKept, of_secrets(&self.secrets, &said, seen)),
            (Check::OriginsKept, denied.first().map(ToString::to_string)),
        ];
        if cue.ended {
            checks.push((Check::EndedUntouched, of_reads(script, seen)));
        }
        for (check, flaw) in checks {
            self.ledger.note(check, &play.scene, flaw);
        }
        play
    }
}

async fn made(plugin: &Plugin, cue: Cue<'_>, arguments: &Arguments) -> Made<Answered> {
    match cue.call {
        Called::Trigger => Made::of(plugin.trigger(arguments).await, Answered::Progress),
        Called::Poll => Made::of(plugin.poll(arguments, cue.run).await, Answered::Progress),
        Called::Cancel => Made::of(plugin.cancel(arguments, cue.run).await, Answered::Progress),
        Called::Check => Made::of(plugin.check(arguments).await, Answered::Findings),
        Called::Settle => Made::of(plugin.settle(arguments, cue.ages).await, Answered::Progress),
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
