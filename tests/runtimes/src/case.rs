use std::time::Duration;

use anyhow::Context;
use http::StatusCode;
use serde_json::{Map, Value, json};
use stitch_simulator::{Account, Fault, Phase, Plan, Route, Simulator, World};

use crate::call::{Call, Function};
use crate::host::Host;
use crate::runtime::Runtime;

const CLIENT_ID: u64 = 116_078;
const SOURCE_ID: u64 = 120_643;
const TOKEN: &str = "tok-3b1f0c9d-never-to-be-shown";

/// Calls to a simulated account, and what the last of them must answer.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    set_up: fn(&mut Account),
    token: &'static str,
    on_already_running: &'static str,
    steps: &'static [Step],
    /// A verdict, the kind of an error, or the status of the last finding.
    ends: &'static str,
    message: &'static str,
}

/// What happens next. A poll and a cancel take the run of the call before.
#[derive(Clone, Copy)]
enum Step {
    /// Stitch starts the job, and a gateway says that it does not know.
    LosesTheAnswer,
    /// Seconds of Stitch pass.
    Wait(u64),
    Trigger,
    Poll,
    Cancel,
    Check,
    /// Asks what became of a trigger of this age, in seconds.
    Settle(u64),
}

/// Whoever makes the calls.
enum Player<'a> {
    Host(&'a Host),
    Runtime(&'a Runtime),
}

use Step::{Cancel, Check, LosesTheAnswer, Poll, Settle, Trigger, Wait};

const WATCH: &[Step] = &[Trigger, Wait(20), Poll, Wait(60), Poll];

/// A sync that succeeds: the others say what is different.
const SUCCEEDS: Case = Case {
    name: "a sync that succeeds",
    set_up: |account| _ = account.source(SOURCE_ID),
    token: TOKEN,
    on_already_running: "fail",
    steps: WATCH,
    ends: "succeeded",
    message: "source 120643: the extraction succeeded",
};

/// All cases, with what must be answered: the messages may go on.
pub(crate) static CASES: [Case; 14] = [
    SUCCEEDS,
    Case {
        name: "a tap that fails",
        set_up: |account| _ = account.source(SOURCE_ID).plan(Plan::fails(Phase::Tap, 1, "boom\n\"é\"\u{1f980}")),
        ends: "failed",
        message: "source 120643: the tap failed with exit status 1: boom",
        ..SUCCEEDS
    },
    Case {
        name: "a token that is not accepted",
        token: "another",
        steps: &[Trigger],
        ends: "unauthorized",
        message: "the access token is not valid",
        ..SUCCEEDS
    },
    Case {
        name: "a source that Stitch does not know",
        set_up: |_| (),
        steps: &[Trigger],
        ends: "not_found",
        message: "Bad Request",
        ..SUCCEEDS
    },
    Case {
        name: "already running, fail",
        set_up: runs_already,
        steps: &[Trigger],
        ends: "rejected",
        message: "a job of this source is running already",
        ..SUCCEEDS
    },
    Case {
        name: "already running, attach",
        set_up: runs_already,
        on_already_running: "attach",
        message: "source 120643 (hubspot_120643): the extraction succeeded",
        ..SUCCEEDS
    },
    Case {
        name: "already running, skip",
        set_up: runs_already,
        on_already_running: "skip",
        steps: &[Trigger],
        ends: "skipped",
        message: "source 120643: skipped: an extraction is running already",
        ..SUCCEEDS
    },
    Case {
        name: "a job that Stitch terminates",
        set_up: |account| _ = account.source(SOURCE_ID).plan(Plan::terminated()),
        ends: "cancelled",
        message: "source 120643: stitch ended the extraction before its end: Terminated",
        ..SUCCEEDS
    },
    Case {
        name: "a job that a later one supersedes",
        set_up: |account| {
            let later = Plan::fails(Phase::Tap, 1, "the later job's");
            account.source(SOURCE_ID).plan(Plan::succeeds().followed_by(Duration::ZERO, later));
        },
        steps: &[Trigger, Wait(600), Poll],
        ends: "unknown",
        message: "source 120643: how the extraction ended is not known: a later job, ",
        ..SUCCEEDS
    },
    Case {
        name: "a row on page 3",
        set_up: |account| {
            account.with_sources(
                (0..230).map(|n| 100_000 + 37 * n).chain([SOURCE_ID]).chain((0..20).map(|n| 130_000 + n)),
            );
        },
        ..SUCCEEDS
    },
    Case {
        name: "a run that is cancelled",
        steps: &[Trigger, Wait(20), Cancel, Wait(60), Poll],
        ends: "cancelled",
        message: "source 120643: stitch ended the extraction before its end: Terminated",
        ..SUCCEEDS
    },
    Case {
        name: "a check",
        set_up: |account| _ = account.source(SOURCE_ID).paused(),
        steps: &[Check],
        ends: "ok",
        message: "",
        ..SUCCEEDS
    },
    Case {
        name: "a check without a right token",
        token: "another",
        steps: &[Check],
        ends: "problem",
        message: "stitch does not accept the access token",
        ..SUCCEEDS
    },
    Case {
        name: "a trigger whose answer is lost",
        set_up: |account| _ = account.source(SOURCE_ID).paused(),
        steps: &[LosesTheAnswer, Trigger, Wait(20), Settle(20), Wait(60), Poll],
        message: "source 120643 (hubspot_120643): the extraction succeeded",
        ..SUCCEEDS
    },
];

fn runs_already(account: &mut Account) {
    account.source(SOURCE_ID).start(Plan::succeeds()).expect("nothing runs yet");
}

impl Case {
    /// Makes its calls in our host and in a runtime. `Err` says what is not as it must be.
    pub(crate) async fn compare(&self, host: &Host, runtime: &Runtime) -> anyhow::Result<Result<String, String>> {
        let ours = self.play(&Player::Host(host)).await?;
        let theirs = self.play(&Player::Runtime(runtime)).await?;
        let last = ours.last().cloned().unwrap_or_default();
        let (ends, message) = end(&last);
        if ends != self.ends || !message.starts_with(self.message) {
            return Ok(Err(format!("in our host, too, it is {ends}: {message}")));
        }
        if let Some((ours, theirs)) = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs) {
            return Ok(Err(format!("{theirs}, where our host says {ours}")));
        }
        Ok(if ours.len() == theirs.len() { Ok(format!("{ends}: {message}")) } else { Err("it broke off".to_owned()) })
    }

    /// The answers to its calls, to the first that there is none to.
    async fn play(&self, player: &Player<'_>) -> anyhow::Result<Vec<Value>> {
        let mut world = World::new();
        (self.set_up)(world.account(CLIENT_ID, TOKEN));
        let simulator = Simulator::start(world).await?;
        let connection = json!({"access_token": self.token, "base_url": simulator.url()});
        let parameters = json!({"source_id": SOURCE_ID, "on_already_running": self.on_already_running});
        let mut answers: Vec<Value> = Vec::new();
        for step in self.steps {
            let run = || answers.last().and_then(|it| it["run"].as_str()).map(str::to_owned).context("nothing runs");
            let function = match *step {
                Wait(seconds) => {
                    simulator.advance(Duration::from_secs(seconds));
                    continue;
                }
                LosesTheAnswer => {
                    simulator.fault(Fault::on(Route::StartJob).status(StatusCode::BAD_GATEWAY).with_effect());
                    continue;
                }
                Trigger => Function::Trigger,
                Poll => Function::Poll(run()?),
                Cancel => Function::Cancel(run()?),
                Check => Function::Check,
                Settle(seconds) => Function::Settle(vec![seconds * 1000]),
            };
            let call = Call { function, connection: members(&connection), parameters: members(&parameters) };
            let answer = match player {
                Player::Host(host) => Some(host.call(&call, &simulator.url()).await?),
                Player::Runtime(runtime) => runtime.call(&call, &simulator.url()).await?,
            };
            let Some(answer) = answer else { break };
            answers.push(answer);
        }
        // Each plays at a port of its own.
        let answers = Value::Array(answers).to_string().replace(&simulator.url(), "http://stitch");
        Ok(serde_json::from_str(&answers)?)
    }
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// How an answer ends, and its message.
fn end(answer: &Value) -> (&str, &str) {
    let answer = answer.as_array().and_then(|findings| findings.last()).unwrap_or(answer);
    let text = |name: &str| answer[name].as_str();
    let end = text("verdict").or(text("kind")).or(text("status")).unwrap_or("running");
    (end, text("message").unwrap_or_default())
}
