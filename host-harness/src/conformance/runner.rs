//! The examination: plays a kit's situations one after the other, without and with every fault.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::player::{Cue, Play, Player};
use crate::conformance::checks::agreement::{Likeness, agrees, of_requests_together, of_results};
use crate::conformance::checks::check::Check;
use crate::conformance::checks::conduct::{of_headers, of_reads, of_requests, of_script};
use crate::conformance::checks::described::of_descriptor;
use crate::conformance::checks::foreign_run::{damaged, foreign_runs, of_format};
use crate::conformance::checks::omission::{Omission, of_omission, omissions};
use crate::conformance::checks::summary::{Summary, differs, unusable};
use crate::conformance::checks::verdicts::{Answered, of_refusal, of_result, of_speech, told};
use crate::conformance::checks::wrong_input::{WrongInput, with_defaults, wrong_inputs};
use crate::conformance::kit::called::Called;
use crate::conformance::kit::completeness::of_kit;
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::file::Kit;
use crate::conformance::kit::situation::Situation;
use crate::conformance::kit::value_problems::{ValueProblem, value_problems};
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::conformance::mock_server::response_fault::{FaultyResponse, ResponseFault};
use crate::conformance::mock_server::script::Script;
use crate::conformance::mock_server::server::MockServer;
use crate::conformance::remote_poll::{Errand, RemotePoll};
use crate::conformance::report::conformance::Conformance;
use crate::conformance::report::scene::Scene;
use crate::contract::{ErrorKind, NamedValue, Progress, Value};
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
    let mut examination = Examination { plugin, elsewhere, player, runs: BTreeMap::new() };
    examination.describe().await;
    examination.kit_complete();
    if examination.values_fit() {
        for situation in &kit.situations {
            examination.situation(situation).await;
        }
        examination.refusals().await;
    }
    let imports = host.anatomy(bytes)?.imports.into_iter().map(|import| {
        let offer = Offer::of(&import);
        (import, offer)
    });
    Ok(Conformance {
        plugin: examination.player.descriptor.map(|descriptor| (descriptor.name, descriptor.version)),
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
    /// The runs that the situations returned.
    runs: BTreeMap<&'a str, String>,
}

impl<'a, E: RemotePoll> Examination<'a, E> {
    async fn describe(&mut self) {
        let (first, second) = (self.plugin.describe().await, self.plugin.describe().await);
        let asked = first.denied.first().map(ToString::to_string);
        let differs = first.outcome != second.outcome;
        let differs = differs.then(|| "it answered something else in another instance".to_owned());
        let (scene, flaw) = match &first.outcome {
            Ok(descriptor) => (Scene::at("describe"), of_descriptor(descriptor)),
            Err(error) => (Scene::at("describe").crashed(&first.stderr), Some(error.to_string())),
        };
        let ledger = &mut self.player.ledger;
        ledger.note(Check::DescribeOffline, &scene, asked);
        ledger.note(Check::DescribePure, &scene, differs);
        ledger.note(Check::DescribeComplete, &scene, flaw);
        self.player.descriptor = first.outcome.ok();
    }

    fn kit_complete(&mut self) {
        let offers = |call: Called| self.plugin.offers(call.function());
        for flaw in of_kit(self.player.kit, self.player.descriptor.as_ref(), offers) {
            self.player.ledger.note(Check::KitComplete, &Scene::at("kit"), flaw);
        }
        if self.player.kit.expose_secrets {
            let reason = "the kit gives the plugin its secrets themselves";
            self.player.ledger.excuse(Check::SecretsUntouched, reason);
        }
        if !self.plugin.offers(Function::PollMany) {
            self.player.ledger.excuse(Check::BatchAgrees, "the plugin does not export batch");
        }
        if !self.plugin.offers(Function::Cancel) {
            self.player.ledger.excuse(Check::EndedUntouched, "the plugin does not export cancellation");
        }
        if self.player.kit.answers_at_once() {
            for check in [Check::RunPortable, Check::PollsRepeatable, Check::BatchAgrees] {
                self.player.ledger.excuse(check, "the tool answers a trigger at once, and no run is polled");
            }
        }
    }

    /// Checks the kit's values against what the plugin takes, before anything is played with them.
    fn values_fit(&mut self) -> bool {
        let Some(descriptor) = &self.player.descriptor else { return true };
        let problems = value_problems(self.player.kit, descriptor, &self.player.stage.url);
        for ValueProblem { place, field, message } in &problems {
            self.player.ledger.note(Check::KitComplete, &Scene::at(place).about(field), Some(message.clone()));
        }
        if !problems.is_empty() {
            self.player.ledger.excuse_the_rest("the kit's values do not fit what the plugin describes");
        }
        problems.is_empty()
    }

    /// The values that a situation is played with, including secrets.
    fn arguments(&self, situation: Option<&Situation>) -> Arguments {
        self.player.kit.arguments(situation, &self.player.stage.url, self.player.descriptor.as_ref())
    }

    /// The same, with placeholders for the secrets.
    fn guarded(&self, situation: &Situation) -> Arguments {
        self.player.kit.guarded(Some(situation), &self.player.stage.url, self.player.descriptor.as_ref())
    }

    async fn play(&mut self, cue: Cue<'_>, arguments: &Arguments) -> Play {
        self.player.play(&self.plugin, cue, arguments, None).await
    }

    async fn situation(&mut self, situation: &'a Situation) {
        let place = &situation.name;
        let after = situation.after.as_deref();
        let Some(run) = after.map_or_else(|| Some(String::new()), |after| self.runs.get(after).cloned()) else {
            let flaw = after.map(|after| format!("it cannot be played: {after} gave no run"));
            return self.player.ledger.note(Check::Situations, &Scene::at(place), flaw);
        };
        let ages = situation.age.durations();
        let ended = situation.finds_an_end();
        let cue = Cue { ages: &ages, ended, ..Cue::of(place, situation.call, &run, &situation.exchanges) };
        let arguments = self.arguments(Some(situation));
        let play = self.play(cue, &arguments).await;
        let flaw = of_result(situation, &play.outcome).or_else(|| of_script(&play.seen, &play.left, ended));
        self.player.note(Check::Situations, &play, flaw);
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
            self.endless_together(situation, cue, &arguments).await;
            self.response_faults_together(situation, cue, &arguments).await;
        }
        if situation.call == Called::Poll && ["running", "succeeded"].contains(&&**place) {
            self.poll_elsewhere(situation, cue, &play).await;
        }
        if self.is_first_of_its_call(situation) {
            self.placeholders(situation, cue, &play).await;
            self.unknown_fields(cue, &arguments, &play).await;
            self.omissions(situation, cue, &arguments).await;
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
            self.player.note(Check::ErrorsSpeak, play, flaw);
        }
    }

    /// Anyone with the run can poll it: the answer depends on the tool alone.
    async fn poll_handed_back(&mut self, situation: &Situation, run: &str, arguments: &Arguments) {
        let kit = self.player.kit;
        let tokens = situation.exchanges.iter().filter(|exchange| exchange.reads);
        let running = kit.situations.iter().find(|situation| situation.name == "running");
        let shown = running.iter().flat_map(|running| &running.exchanges);
        let script: Vec<Exchange> = tokens.chain(shown).cloned().collect();
        let cue = Cue::of(&situation.name, Called::Poll, run, &script).played("polled after it");
        let play = self.play(cue, arguments).await;
        let flaw = unusable(&play.outcome)
            .then(|| format!("the run that it handed back cannot be polled: {}", told(&play.outcome)));
        self.player.note(Check::RunPortable, &play, flaw);
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
        let exchanges = self.player.stage.end().0.iter().map(RecordedRequest::line).collect();
        let here = Summary::of(&here.outcome);
        let flaw = match there {
            Ok(there) => (there != here).then(|| format!("here it answered {here}, elsewhere {there}")),
            Err(problem) => Some(format!("elsewhere it could not be polled: {problem}")),
        };
        let scene = Scene { exchanges, ..Scene::at(cue.place).played("polled elsewhere") };
        self.player.ledger.note(Check::RunPortable, &scene, flaw);
    }

    /// Polls the run together with others: with itself, and with a run that must be refused, in either order.
    async fn poll_together(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments, alone: &Play) {
        let damaged = damaged(cue.run);
        for runs in [&[cue.run][..], &[&damaged, cue.run], &[cue.run, &damaged], &[cue.run, cue.run]] {
            let expected = || runs.iter().map(|run| (*run == cue.run).then_some(&alone.outcome)).collect::<Vec<_>>();
            let script = vec![situation.exchanges_together(); expected().iter().flatten().count()].concat();
            let together = Cue { script: &script, ..cue.played(TOGETHER) };
            let play = self.player.play_together(&self.plugin, together, arguments, runs, None).await;
            let mut flaw = of_results(&play.outcome, &expected(), Likeness::Whole);
            // What a poll tells may depend on the time.
            if flaw.is_some() && !agrees(&alone.outcome, &self.play(cue, arguments).await.outcome) {
                flaw = of_results(&play.outcome, &expected(), Likeness::Summary);
            }
            let flaw = flaw.or_else(|| of_requests_together(&script, &play.seen));
            self.player.note(Check::BatchAgrees, &play, flaw);
        }
    }

    /// Polls the run by `poll-many` with every answer repeated without end.
    async fn endless_together(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let script = endlessly(situation.exchanges_together());
        let cue = Cue { script: &script, ..cue.played("polled by poll-many, with every answer repeated") };
        self.player.play_together(&self.plugin, cue, arguments, &[cue.run], None).await;
    }

    /// Polls the run by `poll-many` once for each answer and fault.
    async fn response_faults_together(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let cue = Cue { script: situation.exchanges_together(), ..cue };
        for (at, fault) in faults(situation, cue.script) {
            let played = format!("polled by poll-many, where the answer to {} {fault}", cue.script[at].request.text);
            let patient = self.patient(fault);
            let spoiled = Some((at, fault));
            let runs = [cue.run];
            let play = self.player.play_together(&patient, cue.played(&played), arguments, &runs, spoiled).await;
            let Some(spoiled) = FaultyResponse::of(fault, cue.call, cue.script, at, &play.seen) else { continue };
            let flaw = match &play.outcome {
                Ok(results) => results.iter().find_map(|result| spoiled.flaw(result)),
                Err(error) => Some(error.to_string()),
            };
            self.player.note(Check::AnswersSpoiled, &play, flaw);
        }
    }

    async fn repeat(&mut self, cue: Cue<'_>, arguments: &Arguments, first: &Play) {
        let second = self.play(cue.played("a second time"), arguments).await;
        let flaw = of_reads(cue.script, &first.seen).or_else(|| differs(&first.outcome, &second.outcome));
        self.player.note(Check::PollsRepeatable, &second, flaw);
    }

    async fn placeholders(&mut self, situation: &Situation, cue: Cue<'_>, plain: &Play) {
        if self.player.kit.expose_secrets {
            return;
        }
        let arguments = self.guarded(situation);
        let play = self.play(cue.played(PLACEHOLDERS), &arguments).await;
        let denied = play.denied.iter().find(|denial| !plain.denied.contains(denial)).map(ToString::to_string);
        let flaw = denied
            .or_else(|| differs(&plain.outcome, &play.outcome))
            .or_else(|| of_headers(&self.player.secrets, &plain.seen, &play.seen));
        self.player.note(Check::SecretsUntouched, &play, flaw);
    }

    /// Polls the run by `poll-many`, with its secrets and with placeholders for them.
    async fn placeholders_together(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        if self.player.kit.expose_secrets {
            return;
        }
        let (guarded, script) = (self.guarded(situation), situation.exchanges_together());
        let (cue, runs) = (Cue { script, ..cue.played(TOGETHER) }, [cue.run]);
        let plain = self.player.play_together(&self.plugin, cue, arguments, &runs, None).await;
        let cue = cue.played("polled by poll-many, with placeholders for the secrets");
        let play = self.player.play_together(&self.plugin, cue, &guarded, &runs, None).await;
        let denied = play.denied.iter().find(|denial| !plain.denied.contains(denial)).map(ToString::to_string);
        let flaw = denied.or_else(|| of_headers(&self.player.secrets, &plain.seen, &play.seen));
        self.player.note(Check::SecretsUntouched, &play, flaw);
    }

    async fn unknown_fields(&mut self, cue: Cue<'_>, arguments: &Arguments, plain: &Play) {
        let mut arguments = arguments.clone();
        let unknown = NamedValue { name: "of_a_later_version".to_owned(), value: Value::Boolean(true) };
        arguments.connection.push(unknown.clone());
        arguments.parameters.push(unknown);
        let play = self.play(cue.played("with fields that it does not know"), &arguments).await;
        let flaw = changed(cue.script, plain, &play);
        self.player.note(Check::UnknownIgnored, &play, flaw);
    }

    async fn defaults(&mut self, cue: Cue<'_>, arguments: &Arguments, plain: &Play) {
        let Some(descriptor) = &self.player.descriptor else { return };
        let arguments = with_defaults(descriptor, arguments);
        let play = self.play(cue.played("with every default given"), &arguments).await;
        let flaw = changed(cue.script, plain, &play);
        self.player.note(Check::InputChecked, &play, flaw);
    }

    /// Plays the situation without each field that describe does not require. What is then requested may be anything, so
    /// only the answer counts.
    async fn omissions(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let Some(descriptor) = &self.player.descriptor else { return };
        let refused = |other: &&Situation| other.result == Expected::Failed(ErrorKind::InvalidInput);
        let others = self.player.kit.situations.iter().filter(|other| other.name != situation.name && !refused(other));
        let others: Vec<_> = others.map(|other| self.arguments(Some(other))).collect();
        let omissions = omissions(descriptor, arguments, &others);
        if omissions.is_empty() {
            self.player.ledger.excuse(Check::OmissionAccepted, "describe requires every field");
        }
        for Omission { field, arguments } in omissions {
            let Some(arguments) = arguments else {
                self.player.ledger.note(Check::OmissionAccepted, &Scene::at(cue.place), None);
                continue;
            };
            let played = format!("without {field}");
            let cue = Cue { field: Some(&field), ..cue.played(&played) };
            let play = self.player.try_out(&self.plugin, cue, &arguments).await;
            let flaw = of_omission(&field, &play.outcome);
            self.player.note(Check::OmissionAccepted, &play, flaw);
        }
    }

    /// Plays the script with its exchanges repeated without end.
    async fn endless(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let script = endlessly(&situation.exchanges);
        self.play(Cue { script: &script, ..cue.played("with every answer repeated") }, arguments).await;
    }

    /// Plays the script once for each answer and fault.
    async fn response_faults(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        for (at, fault) in faults(situation, cue.script) {
            let played = format!("where the answer to {} {fault}", cue.script[at].request.text);
            let patient = self.patient(fault);
            let play = self.player.play(&patient, cue.played(&played), arguments, Some((at, fault))).await;
            let Some(spoiled) = FaultyResponse::of(fault, cue.call, cue.script, at, &play.seen) else { continue };
            let flaw = spoiled.flaw(&play.outcome);
            self.player.note(Check::AnswersSpoiled, &play, flaw);
        }
    }

    /// The plugin, with little patience for an answer that never comes.
    fn patient(&self, fault: ResponseFault) -> Plugin {
        match fault {
            ResponseFault::Late => self.plugin.with_request_timeout(PATIENCE),
            _ => self.plugin.clone(),
        }
    }

    /// Makes the calls that must be refused before anything is sent.
    async fn refusals(&mut self) {
        let right = self.arguments(None);
        let own = self.runs.get("started").cloned().unwrap_or_default();
        let wrong = self.player.descriptor.as_ref().map(|descriptor| wrong_inputs(descriptor, &right));
        let wrong = wrong.unwrap_or_default();
        if self.plugin.offers(Function::PollMany) {
            self.refusals_together(&wrong, &own).await;
        }
        let format = &self.player.kit.run_format;
        self.player.ledger.note(Check::KitComplete, &Scene::at("kit"), of_format(&own, format));
        let foreign = foreign_runs(&own, format);
        for call in Called::ALL.into_iter().filter(|call| self.plugin.offers(call.function())).collect::<Vec<_>>() {
            let place = call.to_string();
            let cue = Cue::of(&place, call, &own, &[]);
            for input in &wrong {
                let played = format!("where {} is {}", input.field, input.what);
                let cue = Cue { field: Some(&input.field), ..cue.played(&played) };
                self.refused(Check::InputChecked, cue, &input.arguments, &input.field).await;
            }
            if call == Called::Settle {
                let cue = Cue { ages: &[], field: Some("ages"), ..cue.played("where there is no age") };
                self.refused(Check::InputChecked, cue, &right, "ages").await;
            }
            for run in foreign.iter().filter(|_| call.takes_a_run()) {
                let played = format!("where the run is {run:?}");
                let cue = Cue { run, field: Some("run"), ..cue.played(&played) };
                self.refused(Check::RunChecked, cue, &right, "run").await;
            }
        }
    }

    /// Polls a run by `poll-many` with wrong input: its result is refused as its own poll would be.
    async fn refusals_together(&mut self, wrong: &[WrongInput], own: &str) {
        let place = Function::PollMany.to_string();
        for input in wrong {
            let played = format!("where {} is {}", input.field, input.what);
            let cue = Cue { field: Some(&input.field), ..Cue::of(&place, Called::Poll, own, &[]).played(&played) };
            let play = self.player.play_together(&self.plugin, cue, &input.arguments, &[own], None).await;
            let flaw = match &play.outcome {
                _ if !play.seen.is_empty() || !play.denied.is_empty() => Some(SENT.to_owned()),
                Ok(results) => results.iter().find_map(|result| of_refusal(&input.field, result)),
                Err(error) => Some(error.to_string()),
            };
            self.player.note(Check::InputChecked, &play, flaw);
        }
    }

    /// Makes a call that must be refused because of `name`.
    async fn refused(&mut self, check: Check, cue: Cue<'_>, arguments: &Arguments, name: &str) {
        let play = self.play(cue, arguments).await;
        let sent = !play.seen.is_empty() || !play.denied.is_empty();
        let flaw = if sent { Some(SENT.to_owned()) } else { of_refusal(name, &play.outcome) };
        self.player.note(check, &play, flaw);
    }
}

/// The flaw of a call that was to be refused.
const SENT: &str = "it sent a request";

/// The ways in which a situation is played that are told in more than one place.
const PLACEHOLDERS: &str = "with placeholders for the secrets";
const TOGETHER: &str = "polled by poll-many";

/// The faults of each answer that change the call's result.
fn faults(situation: &Situation, script: &[Exchange]) -> Vec<(usize, ResponseFault)> {
    let fails = matches!(situation.result, Expected::Failed(_) | Expected::Problem);
    let of =
        |exchange| ResponseFault::ALL.into_iter().filter(move |fault: &ResponseFault| fault.spoils(exchange, fails));
    script.iter().enumerate().flat_map(|(at, exchange)| of(exchange).map(move |fault| (at, fault))).collect()
}

/// The script with its exchanges repeated without end.
fn endlessly(script: &[Exchange]) -> Vec<Exchange> {
    script.iter().map(|exchange| Exchange { repeats: true, ..exchange.clone() }).collect()
}

/// The difference of a second call, in requests and answer.
fn changed(script: &[Exchange], first: &Play, second: &Play) -> Option<String> {
    differs(&first.outcome, &second.outcome).or_else(|| of_requests(script, &first.seen, &second.seen))
}
