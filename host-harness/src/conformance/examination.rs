//! An examination: a kit's situations played one after the other, each well and in every bad way.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::check::{Check, Conformance, Ledger};
use super::exchange::Exchange;
use super::kit::Kit;
use super::situation::{Expected, Situation};
use super::spoil::Spoil;
use super::stage::{Seen, Stage};
use super::verdicts::{Answered, Outcome, of_result, of_speech, of_spoiled, told};
use super::wrong_input::wrong_inputs;
use crate::contract::{Descriptor, ErrorKind, NamedValue, Progress, Value};
use crate::{
    Anatomy, Arguments, Call, CallError, Denial, Function, Grant, GrantError, Host, HostError, LoadError, Mask, Offer,
    Plugin, Secret, descriptor_flaws,
};

/// The situations that every tool can be in.
const SITUATIONS: [&str; 8] =
    ["started", "running", "succeeded", "failed", "unauthorized", "not_found", "server_error", "rate_limited"];

/// The most requests that a call may send: "a small, bounded number", says the contract.
const MOST_REQUESTS: usize = 30;

/// How long a call waits for an answer that never comes.
const PATIENCE: Duration = Duration::from_millis(300);

/// Runs that no plugin wrote.
const FOREIGN_RUNS: [&str; 5] = ["", "x", "{}", "[]", r#"{"format":"another-plugin/1"}"#];

/// Why a plugin cannot be examined.
#[derive(Debug, thiserror::Error)]
pub enum ExaminationError {
    /// It cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is no second host to poll its runs from.
    #[error(transparent)]
    Host(#[from] HostError),
    /// There is no server that plays the tool.
    #[error("no server could be opened on this machine: {0}")]
    Server(#[from] io::Error),
    /// That server cannot be granted.
    #[error(transparent)]
    Grant(#[from] GrantError),
}

/// Examines a component with its kit. Takes some seconds: answers that never come are waited for.
pub async fn examine(host: &Host, bytes: &[u8], kit: &Kit) -> Result<Conformance, ExaminationError> {
    let stage = Stage::open().await?;
    let grant = || stage.url.parse::<Grant>().map(Grant::internal);
    let plugin = host.load_bytes(bytes)?.allow([grant()?]);
    let elsewhere = Host::new(host.limits().clone())?.load_bytes(bytes)?.allow([grant()?]);
    let mask = Mask::new(kit.secrets().map(|(_, secret)| Secret::new(secret)));
    let (ledger, runs) = (Ledger::new(), BTreeMap::new());
    let mut examination = Examination { kit, plugin, elsewhere, stage, mask, ledger, runs };
    let descriptor = examination.describe().await;
    examination.kit_complete(descriptor.as_ref());
    for situation in &kit.situations {
        examination.situation(situation).await;
    }
    if let Some(descriptor) = &descriptor {
        examination.wrong_input(descriptor).await;
    }
    let imports = Anatomy::read(bytes)?.imports.into_iter().map(|import| {
        let offer = Offer::of(&import);
        (import, offer)
    });
    Ok(Conformance {
        plugin: descriptor.map(|descriptor| (descriptor.name, descriptor.version)),
        bytes: bytes.len(),
        imports: imports.collect(),
        checks: examination.ledger.close(),
    })
}

struct Examination<'a> {
    kit: &'a Kit,
    plugin: Plugin,
    /// The same plugin in a host that shares nothing with the first.
    elsewhere: Plugin,
    stage: Stage,
    mask: Mask,
    ledger: Ledger,
    /// The runs that the situations handed back.
    runs: BTreeMap<&'a str, String>,
}

/// A call to make.
#[derive(Clone, Copy)]
struct Cue<'a> {
    place: &'a str,
    call: Function,
    run: &'a str,
    age: Duration,
    script: &'a [Exchange],
}

/// What came of a call.
struct Play {
    outcome: Outcome,
    seen: Vec<Seen>,
    /// The requests of the script that never came.
    left: Vec<String>,
    denied: Vec<Denial>,
    exchanges: Vec<String>,
}

impl<'a> Examination<'a> {
    async fn describe(&mut self) -> Option<Descriptor> {
        let place = "describe";
        let (first, second) = (self.plugin.describe().await, self.elsewhere.describe().await);
        let asked = first.denied.first().map(ToString::to_string);
        self.ledger.note(Check::DescribeOffline, place, &[], asked);
        let differs = first.outcome != second.outcome;
        let flaw = differs.then(|| "it answered something else in another instance".to_owned());
        self.ledger.note(Check::DescribePure, place, &[], flaw);
        let flaw = match &first.outcome {
            Ok(descriptor) => descriptor_flaws(descriptor).into_iter().next().or_else(|| incomplete(descriptor)),
            Err(error) => Some(error.to_string()),
        };
        self.ledger.note(Check::DescribeComplete, place, &[], flaw);
        first.outcome.ok()
    }

    fn kit_complete(&mut self, descriptor: Option<&Descriptor>) {
        for name in SITUATIONS {
            let there = self.kit.situations.iter().any(|situation| situation.name == name);
            let flaw = (!there).then(|| format!("the kit has no situation {name}: say what the tool answers in it"));
            self.ledger.note(Check::KitComplete, "kit", &[], flaw);
        }
        let Some(descriptor) = descriptor else { return };
        let given = self.kit.arguments(None, &self.stage.url);
        for (fields, values) in
            [(&descriptor.connection, &given.connection), (&descriptor.parameters, &given.parameters)]
        {
            for value in values {
                let known = fields.iter().any(|field| field.name == value.name);
                let flaw = (!known).then(|| format!("the plugin has no field {}, which the kit fills", value.name));
                self.ledger.note(Check::KitComplete, "kit", &[], flaw);
            }
        }
    }

    async fn situation(&mut self, situation: &'a Situation) {
        let after = situation.after.as_deref();
        let run = after.map_or_else(|| Some(String::new()), |after| self.runs.get(after).cloned());
        let Some(run) = run else {
            let flaw = after.map(|after| format!("it cannot be played: {after} gave no run"));
            return self.ledger.note(Check::Situations, &situation.name, &[], flaw);
        };
        let cue = Cue {
            place: &situation.name,
            call: situation.call,
            run: &run,
            age: Duration::from_secs(situation.age),
            script: &situation.exchanges,
        };
        let arguments = self.kit.arguments(Some(situation), &self.stage.url);
        let play = self.play(&self.plugin.clone(), cue, &arguments, None).await;
        let unexpected = play.seen.iter().find(|seen| seen.at.is_none());
        let flaw = of_result(situation, &play.outcome)
            .or_else(|| unexpected.map(|seen| format!("the kit has no {} {} here", seen.method, seen.target)))
            .or_else(|| play.left.first().map(|request| format!("it never sent {request}")));
        self.ledger.note(Check::Situations, &situation.name, &play.exchanges, flaw);
        self.speech(situation, &play);
        if let Ok(Answered::Progress(Progress::Running(running))) = &play.outcome {
            self.runs.insert(&situation.name, running.run.clone());
        }
        if situation.call == Function::Poll {
            self.poll_again(situation, cue, &arguments, &play).await;
        }
        if situation.name == "started" {
            self.guarded(situation, cue, &play).await;
            self.unknown_fields(cue, &arguments, &play).await;
        }
        if situation.call != Function::Check {
            self.spoil(situation, cue, &arguments).await;
        }
    }

    fn speech(&mut self, situation: &Situation, play: &Play) {
        let last = play.seen.last().and_then(|seen| situation.exchanges.get(seen.at?));
        let Some(exchange) = last.filter(|exchange| exchange.status >= 400) else { return };
        if let Err(CallError::Task(error)) = &play.outcome {
            let flaw = of_speech(situation, exchange.status, error);
            self.ledger.note(Check::ErrorsSpeak, &situation.name, &play.exchanges, flaw);
        }
    }

    async fn poll_again(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments, first: &Play) {
        let changing = first.seen.iter().find(|seen| {
            let exchange = seen.at.and_then(|at| situation.exchanges.get(at));
            !["GET", "HEAD"].contains(&&*seen.method) && !exchange.is_some_and(|exchange| exchange.reads)
        });
        let second = self.play(&self.plugin.clone(), cue, arguments, None).await;
        let flaw = match changing {
            Some(seen) => Some(format!("a poll sent {} {}, which may change something", seen.method, seen.target)),
            None => differs(&first.outcome, &second.outcome),
        };
        self.ledger.note(Check::PollsRepeatable, &situation.name, &second.exchanges, flaw);
        let third = self.play(&self.elsewhere.clone(), cue, arguments, None).await;
        let flaw = of_result(situation, &third.outcome).or_else(|| differs(&first.outcome, &third.outcome));
        self.ledger.note(Check::RunPortable, &situation.name, &third.exchanges, flaw);
    }

    /// The same with placeholders for the secrets.
    async fn guarded(&mut self, situation: &Situation, cue: Cue<'_>, plain: &Play) {
        if self.kit.expose_secrets {
            return;
        }
        let arguments = self.kit.guarded(situation, &self.stage.url);
        let play = self.play(&self.plugin.clone(), cue, &arguments, None).await;
        let denied = play.denied.first().map(ToString::to_string);
        let flaw =
            denied.or_else(|| differs(&plain.outcome, &play.outcome)).or_else(|| changed(&plain.seen, &play.seen));
        self.ledger.note(Check::SecretsUntouched, cue.place, &play.exchanges, flaw);
    }

    async fn unknown_fields(&mut self, cue: Cue<'_>, arguments: &Arguments, plain: &Play) {
        let mut arguments = arguments.clone();
        let unknown = NamedValue { name: "of_a_later_version".to_owned(), value: Value::Boolean(true) };
        arguments.connection.push(unknown.clone());
        arguments.parameters.push(unknown);
        let play = self.play(&self.plugin.clone(), cue, &arguments, None).await;
        let flaw = differs(&plain.outcome, &play.outcome);
        self.ledger.note(Check::UnknownIgnored, cue.place, &play.exchanges, flaw);
    }

    /// Spoils each answer of the script in each way.
    async fn spoil(&mut self, situation: &Situation, cue: Cue<'_>, arguments: &Arguments) {
        let fails = matches!(situation.result, Expected::Failed(_));
        for (at, exchange) in cue.script.iter().enumerate() {
            for spoil in Spoil::ALL {
                let status_came = !matches!(spoil, Spoil::Late | Spoil::Closed);
                // The status alone may be all that a plugin wants to know of such an answer.
                if exchange.status >= 400 && !fails && status_came {
                    continue;
                }
                let plugin =
                    if spoil == Spoil::Late { self.plugin.with_patience(PATIENCE) } else { self.plugin.clone() };
                let play = self.play(&plugin, cue, arguments, Some((at, spoil))).await;
                if !play.seen.iter().any(|seen| seen.at == Some(at)) {
                    continue;
                }
                let kinds = spoil.right_kinds(exchange.starts, exchange.status >= 400);
                let flaw = of_spoiled(cue.call, spoil, kinds, &play.outcome);
                self.ledger.note(Check::AnswersSpoiled, cue.place, &play.exchanges, flaw);
            }
        }
    }

    async fn wrong_input(&mut self, descriptor: &Descriptor) {
        let kit = self.kit;
        let right = kit.arguments(None, &self.stage.url);
        let run = self.runs.values().next().cloned().unwrap_or_default();
        let plugin = self.plugin.clone();
        let functions = Function::ALL.into_iter().filter(|call| *call != Function::Describe && plugin.offers(*call));
        for call in functions.clone() {
            let place = call.to_string();
            let cue = Cue { place: &place, call, run: &run, age: Duration::ZERO, script: &[] };
            for wrong in wrong_inputs(descriptor, &right) {
                let play = self.play(&plugin, cue, &wrong.arguments, None).await;
                let flaw =
                    refused(&play, &wrong.field).map(|flaw| format!("where {} is {}, {flaw}", wrong.field, wrong.what));
                self.ledger.note(Check::InputChecked, &place, &play.exchanges, flaw);
            }
        }
        for call in functions.filter(|call| [Function::Poll, Function::Cancel].contains(call)) {
            let place = call.to_string();
            for run in FOREIGN_RUNS {
                let cue = Cue { place: &place, call, run, age: Duration::ZERO, script: &[] };
                let play = self.play(&plugin, cue, &right, None).await;
                let flaw = refused(&play, "run").map(|flaw| format!("where the run is {run:?}, {flaw}"));
                self.ledger.note(Check::RunChecked, &place, &play.exchanges, flaw);
            }
        }
    }

    /// Makes one call, and the checks that are made of every call.
    async fn play(
        &mut self,
        plugin: &Plugin,
        cue: Cue<'_>,
        arguments: &Arguments,
        spoiled: Option<(usize, Spoil)>,
    ) -> Play {
        self.stage.set(self.kit, cue.script, spoiled);
        let (outcome, denied, stderr) = match cue.call {
            Function::Check => parts(plugin.check(arguments).await, Answered::Findings),
            Function::Poll => parts(plugin.poll(arguments, cue.run).await, Answered::Progress),
            Function::Cancel => parts(plugin.cancel(arguments, cue.run).await, Answered::Progress),
            Function::Settle => parts(plugin.settle(arguments, cue.age).await, Answered::Progress),
            Function::Trigger | Function::Describe => parts(plugin.trigger(arguments).await, Answered::Progress),
        };
        let (seen, left) = self.stage.end();
        let exchanges: Vec<String> = seen.iter().map(|seen| self.mask.text(&seen.line())).collect();
        let said = format!("{outcome:?} {stderr}");
        let urls = seen.iter().any(|seen| self.kit.secrets().any(|(_, secret)| seen.target.contains(secret)));
        let leaked = self.kit.secrets().find(|(_, secret)| said.contains(secret)).map(|(name, _)| name);
        let leak = match (leaked, urls) {
            (Some(name), _) => Some(format!("the secret {name} is in what the plugin answered or wrote")),
            (None, true) => Some("a secret is in the URL of a request".to_owned()),
            (None, false) => None,
        };
        let starts = |seen: &&Seen| {
            let mut starting = cue.script.iter().filter(|exchange| exchange.starts);
            starting.any(|exchange| exchange.request.fits(&seen.method, &seen.target))
        };
        let started = seen.iter().filter(starts).count();
        let many = (seen.len() > MOST_REQUESTS)
            .then(|| format!("it sent {} requests in one call, more than {MOST_REQUESTS}", seen.len()));
        let astray = denied.first().map(ToString::to_string);
        let twice = (started > 1).then(|| format!("it sent the request that starts a run {started} times"));
        for (check, flaw) in [
            (Check::SecretsKept, leak),
            (Check::OriginsKept, astray),
            (Check::RequestsBounded, many),
            (Check::StartedOnce, twice),
        ] {
            self.ledger.note(check, cue.place, &exchanges, flaw);
        }
        Play { outcome, seen, left, denied, exchanges }
    }
}

fn parts<T>(call: Call<T>, answered: fn(T) -> Answered) -> (Outcome, Vec<Denial>, String) {
    (call.outcome.map(answered), call.denied, call.stderr)
}

/// What a form would miss.
fn incomplete(descriptor: &Descriptor) -> Option<String> {
    let fields = descriptor.connection.iter().chain(&descriptor.parameters);
    let undescribed = fields.clone().find(|field| field.description.trim().is_empty());
    let required =
        descriptor.parameters.iter().find(|field| field.required && field.example.is_none() && !field.secret);
    undescribed
        .map(|field| format!("{} has no description", field.name))
        .or_else(|| required.map(|field| format!("{} is required and has no example", field.name)))
        .or_else(|| descriptor.origins.is_empty().then(|| "it names no origin that it wants to reach".to_owned()))
}

/// What is wrong where a call should have refused `name` and sent nothing.
fn refused(play: &Play, name: &str) -> Option<String> {
    match &play.outcome {
        _ if !play.seen.is_empty() || !play.denied.is_empty() => Some("it sent a request".to_owned()),
        Err(CallError::Task(error)) if error.kind != ErrorKind::InvalidInput => {
            Some(format!("expected the error invalid_input, found {}", told(&play.outcome)))
        }
        Err(CallError::Task(error)) if !error.message.contains(name) => {
            Some(format!("the message does not name {name}: {:?}", error.message))
        }
        Err(CallError::Task(_)) => None,
        other => Some(format!("expected the error invalid_input, found {}", told(other))),
    }
}

/// Whether headers came otherwise when the plugin had placeholders.
fn changed(plain: &[Seen], guarded: &[Seen]) -> Option<String> {
    let headers = |seen: &[Seen]| seen.iter().flat_map(|seen| seen.headers.clone()).collect::<Vec<_>>();
    let guarded = headers(guarded);
    let lost = headers(plain).into_iter().find(|header| !guarded.contains(header));
    lost.map(|(name, _)| format!("with a placeholder in place of the secret it sent another {name}"))
}

fn differs(first: &Outcome, second: &Outcome) -> Option<String> {
    (first != second).then(|| format!("first it answered {}, then {}", told(first), told(second)))
}
