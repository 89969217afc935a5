//! Makes calls while the stage plays the tool, with the checks that are made of every call.

use std::time::Duration;

use super::called::Called;
use super::check::Check;
use super::conduct::{of_count, of_effect, of_secrets, of_starts};
use super::exchange::Exchange;
use super::form;
use super::kit::Kit;
use super::ledger::Ledger;
use super::pattern::Pattern;
use super::scene::Scene;
use super::seen::Seen;
use super::spoil::Spoil;
use super::stage::Stage;
use super::verdicts::{Answered, Outcome};
use crate::{Arguments, Call, CallError, Denial, Mask, Plugin, Request, Secret};

/// A call to make.
#[derive(Clone, Copy)]
pub(super) struct Cue<'a> {
    pub(super) place: &'a str,
    pub(super) call: Called,
    pub(super) run: &'a str,
    pub(super) ages: &'a [Duration],
    pub(super) script: &'a [Exchange],
}

/// What came of a call.
pub(super) struct Play {
    pub(super) outcome: Outcome,
    pub(super) seen: Vec<Seen>,
    /// The requests of the script that never came.
    pub(super) left: Vec<String>,
    pub(super) denied: Vec<Denial>,
    /// The exchanges, a line each.
    pub(super) lines: Vec<String>,
}

/// What every play of an examination shares.
pub(super) struct Player<'a> {
    pub(super) kit: &'a Kit,
    pub(super) stage: Stage,
    pub(super) ledger: Ledger,
    /// What finds each secret, by the name of its field.
    pub(super) secrets: Vec<(String, Mask)>,
    /// The requests that start runs, in any situation of the kit.
    starts: Vec<&'a Pattern>,
}

impl<'a> Player<'a> {
    pub(super) fn new(kit: &'a Kit, stage: Stage) -> Self {
        let secrets = || kit.secrets().map(|(name, secret)| (name.to_owned(), Secret::new(secret)));
        let exchanges = kit.situations.iter().flat_map(|situation| &situation.exchanges);
        Self {
            kit,
            stage,
            ledger: Ledger::new(Mask::new(secrets().map(|(_, secret)| secret))),
            secrets: secrets().map(|(name, secret)| (name, Mask::new([secret]))).collect(),
            starts: exchanges.filter(|exchange| exchange.starts).map(|exchange| &exchange.request).collect(),
        }
    }

    /// Notes a check of a play.
    pub(super) fn note(&mut self, check: Check, place: &str, play: &Play, flaw: Option<String>) {
        self.ledger.note(check, place, &play.lines, flaw);
    }

    /// Makes one call, with one answer spoiled where that is asked for.
    pub(super) async fn play(
        &mut self,
        plugin: &Plugin,
        cue: Cue<'_>,
        arguments: &Arguments,
        spoiled: Option<(usize, Spoil)>,
    ) -> Play {
        self.stage.set(Scene::new(self.kit, cue.script, spoiled));
        let Made { outcome, requests, denied, stderr } = match cue.call {
            Called::Trigger => Made::of(plugin.trigger(arguments).await, Answered::Progress),
            Called::Poll => Made::of(plugin.poll(arguments, cue.run).await, Answered::Progress),
            Called::Cancel => Made::of(plugin.cancel(arguments, cue.run).await, Answered::Progress),
            Called::Check => Made::of(plugin.check(arguments).await, Answered::Findings),
            Called::Settle => Made::of(plugin.settle(arguments, cue.ages).await, Answered::Progress),
        };
        self.stage.wait_for(requests.len()).await;
        let (seen, left) = self.stage.end();
        // What was given up, by the plugin or because the call was ended, need not have arrived.
        let given_up = matches!(spoiled, Some((_, Spoil::Late)))
            || matches!(&outcome, Err(error) if !matches!(error, CallError::Task(_)));
        let arrived = if given_up { requests.len() } else { seen.len() };
        let said = format!("{outcome:?} {denied:?} {stderr}");
        // Of an answer that was spoiled the status need not have come.
        let effect = of_effect(&outcome, cue.script, &seen).filter(|_| spoiled.is_none());
        let checks = [
            (Check::AnswersFormed, form::of_answer(&outcome).or(effect)),
            (Check::RequestsBounded, of_count(requests.len(), arrived)),
            (Check::StartedOnce, of_starts(&self.starts, cue.script, &seen)),
            (Check::SecretsKept, of_secrets(&self.secrets, &said, &seen)),
            (Check::OriginsKept, denied.first().map(ToString::to_string)),
        ];
        let play = Play { outcome, lines: seen.iter().map(Seen::line).collect(), seen, left, denied };
        for (check, flaw) in checks {
            self.note(check, cue.place, &play, flaw);
        }
        play
    }
}

/// A call that was made, whatever function it was of.
struct Made {
    outcome: Outcome,
    requests: Vec<Request>,
    denied: Vec<Denial>,
    stderr: String,
}

impl Made {
    fn of<T>(call: Call<T>, answered: fn(T) -> Answered) -> Self {
        let Call { outcome, requests, denied, stderr, .. } = call;
        Self { outcome: outcome.map(answered), requests, denied, stderr }
    }
}
