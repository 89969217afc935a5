//! The examination: plays a kit's situations one after the other, without and with every fault.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::player::{Cue, Play, Player};
use crate::conformance::checks::agreement::{Likeness, agrees, of_requests_together, of_results};
use crate::conformance::checks::check::Check;
use crate::conformance::checks::conduct::{of_headers, of_reads, of_requests, of_script};
use crate::conformance::checks::described::of_descriptor;
use crate::conformance::checks::foreign_run::{damaged, foreign_runs};
use crate::conformance::checks::summary::{Summary, differs, unusable};
use crate::conformance::checks::verdicts::{Answered, of_refusal, of_result, of_speech, told};
use crate::conformance::checks::wrong_input::{WrongInput, with_defaults, wrong_inputs};
use crate::conformance::kit::called::Called;
use crate::conformance::kit::completeness::of_kit;
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::file::Kit;
use crate::conformance::kit::situation::Situation;
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::conformance::mock_server::response_fault::{FaultyResponse, ResponseFault};
use crate::conformance::mock_server::script::Script;
use crate::conformance::mock_server::server::MockServer;
use crate::conformance::remote_poll::{Errand, RemotePoll};
use crate::conformance::report::conformance::Conformance;
use crate::contract::{Descriptor, NamedValue, Progress, Value};
use crate::{
    Arguments, CallError, Function, Grant, GrantError, Host, HostError, Limits, LoadError, Offer, Plugin, Secret,
};

/// The time limit of a call: some seconds, because many calls are made.
pub const CALL: Duration = Duration::from_secs(10);

/// The request timeout of a call whose answer never comes.
const PATIENCE: Duration = Duration::from_millis(300);

/// An error of examining a plugin.
#[derive(Debug, thiserror::Error)]
pub enum ExaminationError {
    /// The plugin cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The host cannot be set up.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The mock server cannot be set up.
    #[error("no server could be opened on this machine: {0}")]
    Server(#[from] io::Error),
    /// The mock server cannot be granted.
    #[error(transparent)]
    Grant(#[from] GrantError),
}

/// Examines a component with its kit, within the limits of the host. Takes some seconds, waiting for answers that never
/// come. Two polls are made `elsewhere`.
pub async fn examine(
    host: &Host,
    bytes: &[u8],
    kit: &Kit,
    elsewhere: &impl RemotePoll,
) -> Result<Conformance, ExaminationError> {
    let stage = MockServer::open().await?;
    let grant = stage.url.parse::<Grant>()?.internal();
    let limits = host.limits();
    let host =
        Host::new(Limits { call: limits.call.min(CALL), ..limits.clone() })?.with_cache(host.compile_cache().cloned());
    let plugin = host.load_bytes(bytes)?.allow([grant]);
    let player = Player::new(kit, stage);
    let mut examination = Examination { plugin, elsewhere, player, descriptor: None, runs: BTreeMap::new() };
    examination.describe().await;
    examination.kit_complete();
    for situation in &kit.situations {
        examination.situation(situation).await;
    }
    examination.refusals().await;
    let imports = host.anatomy(bytes)?.imports.into_iter().map(|import| {
        let offer = Offer::of(&import);
        (import, offer)
    });
    Ok(Conformance {
        plugin: examination.descriptor.map(|descriptor| (descriptor.name, descriptor.version)),
        bytes: bytes.len(),
        imports: imports.collect(),
        cannot: kit.cannot.clone().into_iter().collect(),
        checks: examination.player.ledger.close(),
    })
}

struct Examination<'a, E> {
    plugin: Plugin,
    elsewhere: &'a E,
    player: Player<'a>,
    descriptor: Option<Descriptor>,
    /// The runs that the situations returned.
    runs: BTreeMap<&'a str, String>,
}

impl<'a, E: RemotePoll> Examination<'a, E> {
    async fn describe(&mut self) {
        let place = "describe";
        let (first, second) = (self.plugin.describe().await, self.plugin.describe().await);
        let asked = first.denied.first().map(ToString::to_string);
        let differs = first.outcome != second.outcome;
        let differs = differs.then(|| "it answered something else in another instance".to_owned());
        let flaw = match &first.outcome {
            Ok(descriptor) => of_descriptor(descriptor),
            Err(error) => Some(error.to_string()),
        };
        let ledger = &mut self.player.ledger;
        ledger.note(Check::DescribeOffline, place, &[], asked);
        ledger.note(Check::DescribePure, place, &[], differs);
        ledger.note(Check::DescribeComplete, place, &[], flaw);
        self.descriptor = first.outcome.ok();
    }

    fn kit_complete(&mut self) {
        let offers = |call: Called| self.plugin.offers(call.function());
        for flaw in of_kit(self.player.kit, self.descriptor.as_ref(), offers) {
            self.player.ledger.note(Check::KitComplete, "kit", &[], flaw);
        }
        if self.player.kit.expose_secrets {
            let reason = "the kit gives the plugin its secrets themselves";
            self.player.ledger.excuse(Check::SecretsUntouched, reason);
        }
        if !self.plugin.offers(Function::PollMany) {
            self.player.ledger.excuse(Check::BatchAgrees, "the plugin does not export batch");
        }
    }

    /// The values that a situation is played with, including secrets.
    fn arguments(&self, situation: Option<&Situation>) -> Arguments {
        self.player.kit.arguments(situation, &self.player.stage.url, self.descriptor.as_ref())
    }

    /// The same, with placeholders for the secrets.
    fn guarded(&self, situation: &Situation) -> Arguments {
        self.player.kit.guarded(Some(situation), &self.player.stage.url, self.descriptor.as_ref())
    }

    async fn play(&mut self, cue: Cue<'_>, arguments: &Arguments) -> Play {
        self.player.play(&self.plugin, cue, arguments, None).await
    }

    async fn situation(&mut self, situation: &'a Situation) {
        let place = &situation.name;
        let after = situation.after.as_deref();
        let Some(run) = after.map_or_else(|| Some(String::new()), |after| self.runs.get(after).cloned()) else {
            let flaw = after.map(|after| format!("it cannot be played: {after} gave no run"));
            return self.player.ledger.note(Check::Situations, place, &[], flaw);
        };
        let ages = situation.age.durations();
        let cue = Cue { place, call: situation.call, run: &run, ages: &ages, script: &situation.exchanges };
        let arguments = self.arguments(Some(situation));
        let play = self.play(cue, &arguments).await;
        let flaw = of_result(situation, &play.outcome).or_else(|| of_script(&play.seen, &play.left));
        self.player.note(Check::Situations, place, &play, flaw);
        self.speech(situation, &play);
        if let Ok(Answered::Progress(Progress::Running(running))) = &play.outcome {
            self.runs.insert(place, running.run.clone());
            self.poll_handed_back(situation, &running.run, &arguments).await;
        }
        if situation.call.only_reads() {
            self.repeat(cue, &arguments, &play).await;
        }
        if situation.call == Called::Poll && self.plugin.offers(Function::PollMany) {
            self.poll_together(situation, cue, &arguments, &play).await;
        }
        if situation.call == Called::Poll && ["running", "succeeded"].contains(&&**place) {
            self.poll_elsewhere(situation, cue, &play).await;
        }
        if self.is_first_of_its_call(situation) {
            self.placeholders(situation, cue, &play).await;
            self.unknown_fields(cue, &arguments, &play).await;
            if situation.call == Called::Poll && self.plugin.offers(Function::PollMany) {
                self.placeholders_together(situation, cue, &arguments).await;
            }
        }
        if place == "started" {
            self.defaults(cue, &arguments, &play).await;
        }
        self.endless(situation, cue, &arguments).await;
        self.response_faults(situation, cue, &arguments).await;
    }

    fn is_first_of_its_call(&self, situation: &Situation) -> bool {
        let mut with_kits_secrets = self.player.kit.situations.iter().filter(|other| other.secrets.is_none());
        let first = with_kits_secrets.find(|other| other.call == situation.call);
        first.is_some_and(|first| first.name == situation.name)
    }

    fn speech(&mut self, situation: &Situation, play: &Play) {
        let last = play.seen.last().and_then(|seen| situation.exchanges.get(seen.at?));
        let status = last.map_or(200, |exchange| exchange.status);
        if let Err(CallError::Task(error)) = &play.outcome
            && (status >= 400 || situation.says.is_some())
        {
            let flaw = of_speech(situation, status, error);
            self.player.note(Check::ErrorsSpeak, &situation.name, play, flaw);
        }
    }

    /// Anyone with the run can poll it: the answer depends on the tool alone.
    async fn poll_handed_back(&mut self, situation: &Situation, run: &str, arguments: &Arguments) {
        let kit = self.player.kit;
        let tokens = situation.exchanges.iter().filter(|exchange| exchange.reads);
        let running = kit.situations.iter().find(|situation| situation.name == "running");
        let shown = running.iter().flat_map(|running| &running.exchanges);
        let script: Vec<Exchange> = tokens.chain(shown).cloned().collect();
        let cue = Cue { place: &situation.name, call: Called::Poll, run, ages: &[Duration::ZERO], script: &script };
        let play = self.play(cue, arguments).await;
        let flaw = unusable(&play.outcome)
            .then(|| format!("the run that it handed back cannot be polled: {}", told(&play.outcome)));
        self.player.note(Check::RunPortable, &situation.name, &play, flaw);
    }

    async fn poll_elsewhere(&mut self, situation: &Situation, cue: Cue<'_>, here: &Play) {
        let secrets = self.player.kit.secrets_of(Some(situation));
        let errand = Errand {
            arguments: self.guarded(situation),
            secrets: secrets.map(|(name, secret)| (name.to_owned(), Secret::new(secret))).collect(),
            server: self.player.stage.url.clone(),
            run: cue.run.to_owned(),
        };
        self.player.stage.set(Script::new(self.player.kit, cue.script, None));
        let there = self.elsewhere.answer(&self.plugin, errand).await;
        let lines: Vec<_> = self.player.stage.end().0.iter().map(RecordedRequest::line).collect();
        let here = Summary::of(&here.outcome);
        let flaw = match there {
            Ok(there) => (there != here).then(|| format!("here it answered {here}, elsewhere {there}")),
            Err(problem) => Some(format!("elsewhere it could not be polled: {problem}")),
        };
        self.player.ledger.note(Check::RunPortable, cue.place, &lines, flaw);
    }

    /// Polls the run together with others: with itself, and with a run that must be refused, in either order.
    async fn poll_together(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments, alone: &Play) {
        let damaged = damaged(cue.run);
        for runs in [&[cue.run][..], &[&damaged, cue.run], &[cue.run, &damaged], &[cue.run, cue.run]] {
            let expected = || runs.iter().map(|run| (*run == cue.run).then_some(&alone.outcome)).collect::<Vec<_>>();
            let script = vec![situation.exchanges_together(); expected().iter().flatten().count()].concat();
            let play = self.player.play_together(&self.plugin, cue.place, &script, arguments, runs).await;
            let mut flaw = of_results(&play.outcome, &expected(), Likeness::Whole);
            // What a poll tells may depend on the time.
            if flaw.is_some() && !agrees(&alone.outcome, &self.play(cue, arguments).await.outcome) {
                flaw = of_results(&play.outcome, &expected(), Likeness::Summary);
            }
            let flaw = flaw.or_else(|| of_requests_together(&script, &play.seen));
            self.player.note(Check::BatchAgrees, cue.place, &play, flaw);
        }
    }

    async fn repeat(&mut self, cue: Cue<'_>, arguments: &Arguments, first: &Play) {
        let second = self.play(cue, arguments).await;
        let flaw = of_reads(cue.script, &first.seen).or_else(|| differs(&first.outcome, &second.outcome));
        self.player.note(Check::PollsRepeatable, cue.place, &second, flaw);
    }

    async fn placeholders(&mut self, situation: &Situation, cue: Cue<'_>, plain: &Play) {
        if self.player.kit.expose_secrets {
            return;
        }
        let arguments = self.guarded(situation);
        let play = self.play(cue, &arguments).await;
        let denied = play.denied.iter().find(|denial| !plain.denied.contains(denial)).map(ToString::to_string);
        let flaw = denied
            .or_else(|| differs(&plain.outcome, &play.outcome))
            .or_else(|| of_headers(&self.player.secrets, &plain.seen, &play.seen));
        self.player.note(Check::SecretsUntouched, cue.place, &play, flaw);
    }

    /// Polls the run by `poll-many`, with its secrets and with placeholders for them.
    async fn placeholders_together(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        if self.player.kit.expose_secrets {
            return;
        }
        let (guarded, script) = (self.guarded(situation), situation.exchanges_together());
        let plain = self.player.play_together(&self.plugin, cue.place, script, arguments, &[cue.run]).await;
        let play = self.player.play_together(&self.plugin, cue.place, script, &guarded, &[cue.run]).await;
        let denied = play.denied.iter().find(|denial| !plain.denied.contains(denial)).map(ToString::to_string);
        let flaw = denied.or_else(|| of_headers(&self.player.secrets, &plain.seen, &play.seen));
        let flaw = flaw.map(|flaw| format!("poll-many: {flaw}"));
        self.player.note(Check::SecretsUntouched, cue.place, &play, flaw);
    }

    async fn unknown_fields(&mut self, cue: Cue<'_>, arguments: &Arguments, plain: &Play) {
        let mut arguments = arguments.clone();
        let unknown = NamedValue { name: "of_a_later_version".to_owned(), value: Value::Boolean(true) };
        arguments.connection.push(unknown.clone());
        arguments.parameters.push(unknown);
        let play = self.play(cue, &arguments).await;
        let flaw = changed(plain, &play);
        self.player.note(Check::UnknownIgnored, cue.place, &play, flaw);
    }

    async fn defaults(&mut self, cue: Cue<'_>, arguments: &Arguments, plain: &Play) {
        let Some(descriptor) = &self.descriptor else { return };
        let arguments = with_defaults(descriptor, arguments);
        let play = self.play(cue, &arguments).await;
        let flaw = changed(plain, &play).map(|flaw| format!("with every default given, {flaw}"));
        self.player.note(Check::InputChecked, cue.place, &play, flaw);
    }

    /// Plays the script with its exchanges repeated without end.
    async fn endless(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let repeated = |exchange: &Exchange| Exchange { repeats: true, ..exchange.clone() };
        let script: Vec<_> = situation.exchanges.iter().map(repeated).collect();
        self.play(Cue { script: &script, ..cue }, arguments).await;
    }

    /// Plays the script once for each answer and fault.
    async fn response_faults(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let fails = matches!(situation.result, Expected::Failed(_) | Expected::Problem);
        for (at, exchange) in cue.script.iter().enumerate() {
            for fault in ResponseFault::ALL.into_iter().filter(|fault| fault.spoils(exchange, fails)) {
                let patient = if fault == ResponseFault::Late {
                    self.plugin.with_request_timeout(PATIENCE)
                } else {
                    self.plugin.clone()
                };
                let play = self.player.play(&patient, cue, arguments, Some((at, fault))).await;
                let Some(spoiled) = FaultyResponse::of(fault, cue.call, cue.script, at, &play.seen) else { continue };
                let flaw = spoiled.flaw(&play.outcome);
                self.player.note(Check::AnswersSpoiled, cue.place, &play, flaw);
            }
        }
    }

    /// Makes the calls that must be refused before anything is sent.
    async fn refusals(&mut self) {
        let right = self.arguments(None);
        let own = self.runs.get("started").cloned().unwrap_or_default();
        let wrong = self.descriptor.as_ref().map(|descriptor| wrong_inputs(descriptor, &right)).unwrap_or_default();
        if self.plugin.offers(Function::PollMany) {
            self.refusals_together(&wrong, &own).await;
        }
        for call in Called::ALL.into_iter().filter(|call| self.plugin.offers(call.function())).collect::<Vec<_>>() {
            let place = call.to_string();
            let cue = Cue { place: &place, call, run: &own, ages: &[Duration::ZERO], script: &[] };
            for input in &wrong {
                let (play, flaw) = self.refused(cue, &input.arguments, &input.field).await;
                let flaw = flaw.map(|flaw| format!("where {} is {}, {flaw}", input.field, input.what));
                self.player.note(Check::InputChecked, &place, &play, flaw);
            }
            if call == Called::Settle {
                let (play, flaw) = self.refused(Cue { ages: &[], ..cue }, &right, "ages").await;
                let flaw = flaw.map(|flaw| format!("where there is no age, {flaw}"));
                self.player.note(Check::InputChecked, &place, &play, flaw);
            }
            for run in foreign_runs(&own).iter().filter(|_| call.takes_a_run()) {
                let (play, flaw) = self.refused(Cue { run, ..cue }, &right, "run").await;
                let flaw = flaw.map(|flaw| format!("where the run is {run:?}, {flaw}"));
                self.player.note(Check::RunChecked, &place, &play, flaw);
            }
        }
    }

    /// Polls a run by `poll-many` with wrong input: its result is refused as its own poll would be.
    async fn refusals_together(&mut self, wrong: &[WrongInput], own: &str) {
        let place = Function::PollMany.to_string();
        for input in wrong {
            let play = self.player.play_together(&self.plugin, &place, &[], &input.arguments, &[own]).await;
            let flaw = match &play.outcome {
                _ if !play.seen.is_empty() || !play.denied.is_empty() => Some("it sent a request".to_owned()),
                Ok(results) => results.iter().find_map(|result| of_refusal(&input.field, result)),
                Err(error) => Some(error.to_string()),
            };
            let flaw = flaw.map(|flaw| format!("where {} is {}, {flaw}", input.field, input.what));
            self.player.note(Check::InputChecked, &place, &play, flaw);
        }
    }

    /// Makes a call that must be refused because of `name`. Returns its flaw, too.
    async fn refused(&mut self, cue: Cue<'_>, arguments: &Arguments, name: &str) -> (Play, Option<String>) {
        let play = self.play(cue, arguments).await;
        let sent = !play.seen.is_empty() || !play.denied.is_empty();
        let flaw = if sent { Some("it sent a request".to_owned()) } else { of_refusal(name, &play.outcome) };
        (play, flaw)
    }
}

/// The difference of a second call, in requests and answer.
fn changed(first: &Play, second: &Play) -> Option<String> {
    differs(&first.outcome, &second.outcome).or_else(|| of_requests(&first.seen, &second.seen))
}
