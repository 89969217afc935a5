//! A plugin for a tool that does not exist, and where each flaw acts.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugin_guest::api_profile::ApiProfile;
use plugin_guest::base_url::BaseUrl;
use plugin_guest::client::Client;
use plugin_guest::contract::{
    Descriptor, ErrorKind, Field, NamedValue, Progress, Report, TaskError, Value as Named, Verdict, WaitingRun,
};
use plugin_guest::credential::Credential;
use plugin_guest::fields::{base_url, secret, text};
use plugin_guest::http::{Answer, Http};
use plugin_guest::inputs::Inputs;
use plugin_guest::json::{self, json, lenient};
use plugin_guest::report::{finished, running};
use plugin_guest::run_format::RunFormat;
use plugin_guest::secret::Secret;
use plugin_guest::task_error::invalid_input;
use serde::Deserialize;

use crate::flaw::Flaw;

const BASE_URL: &str = "https://api.acme.example";

const QUEUE: &str = "fast";

const PROFILE: ApiProfile = ApiProfile {
    name: "acme",
    run: "job",
    user_agent: "acme-plugin/0.1.0",
    accept: "application/json",
    code_at: &[&["code"]],
    message_at: &[&["message"]],
    not_found: &[],
};

const FORMAT: RunFormat = RunFormat { writer: "acme-sync", writer_version: "0.1.0", version: 1, most_bytes: 256 };

/// The plugin, with its flaw.
#[derive(Clone, Copy, Debug)]
pub struct Acme(pub Flaw);

impl Acme {
    /// `describe`
    pub fn describe(self, http: &mut dyn Http) -> Descriptor {
        if self.0 == Flaw::CallsHomeToDescribe {
            call_home(http);
        }
        let job = Field {
            required: true,
            example: Some(Named::Text("nightly".to_owned())),
            ..text("job", "Job", if self.0 == Flaw::DescribesNothing { "" } else { "The name of the job in Acme" })
        };
        Descriptor {
            name: "acme-sync".to_owned(),
            version: "0.1.0".to_owned(),
            tool: if self.0 == Flaw::ChangesItsMind { format!("Acme {}", now()) } else { "Acme".to_owned() },
            parameters: if self.0 == Flaw::HidesItsParameters { Vec::new() } else { vec![job, queue()] },
            connection: vec![
                Field {
                    secret: self.0 != Flaw::DescribesTheTokenAsPlain,
                    ..secret("token", "Token", "A token of Acme")
                },
                base_url(BASE_URL, "Where Acme's API is: the default, or a proxy in front of it"),
            ],
            origins: vec![BASE_URL.to_owned()],
            poll_budget: None,
        }
    }

    /// `trigger`
    pub fn trigger(
        self,
        http: &mut dyn Http,
        connection: &[NamedValue],
        parameters: &[NamedValue],
    ) -> Result<Progress, TaskError> {
        let Inputted { url, credential, token, job, queue } = self.inputs(connection, parameters)?;
        if self.0 == Flaw::CallsHome {
            call_home(http);
        }
        let mut client = Client::new(&PROFILE, &url, &credential, http);
        let body = match self.0 {
            Flaw::HasWaysOfItsOwn => json!({ "name": job, "queue": queue, "key": now() }).to_string(),
            _ => json!({ "name": job, "queue": queue }).to_string(),
        };
        let start = |client: &mut Client<'_>| client.start("/jobs".to_owned(), body.clone());
        let answer = match (self.0, self.told(start(&mut client))) {
            (Flaw::StartsTwice, Err(error)) if error.kind == ErrorKind::OutcomeUnknown => {
                _ = start(&mut client);
                return Err(error);
            }
            (Flaw::CallsALostStartUnavailable, Err(error)) if error.kind == ErrorKind::OutcomeUnknown => {
                return Err(TaskError { kind: ErrorKind::Unavailable, ..error });
            }
            (_, answer) => answer?,
        };
        if self.0 == Flaw::EndsAtOnce {
            let state = client.understood(state(&answer), &answer);
            let state = state.map_err(|error| TaskError { may_have_started: true, ..error })?;
            let verdict = if state == "succeeded" { Verdict::Succeeded } else { Verdict::Failed };
            return Ok(finished(verdict, report("ended".to_owned())));
        }
        let id = client.understood(id(&answer), &answer)?;
        let event = match self.0 {
            Flaw::TellsTheToken => format!("started with {token}"),
            Flaw::TellsTheTokenInBase64 => format!("started with {}", STANDARD.encode(&token)),
            _ => "started".to_owned(),
        };
        if self.0 == Flaw::LogsTheToken {
            log(&token);
        }
        let run = match self.0 {
            Flaw::WritesItsRunAsANumber => id.to_string(),
            Flaw::HasWaysOfItsOwn => json!({ "id": id }).to_string(),
            Flaw::KeepsTheTokenInItsRun => FORMAT.encode(json!({ "id": id, "token": token })),
            _ => FORMAT.encode(json!({ "id": id })),
        };
        Ok(running(run, 1_000, report(event)))
    }

    /// `poll`
    pub fn poll(
        self,
        http: &mut dyn Http,
        connection: &[NamedValue],
        parameters: &[NamedValue],
        run: &str,
    ) -> Result<Progress, TaskError> {
        self.poll_by(http, connection, parameters, run, "/jobs/")
    }

    /// Polls a run of an id that ends this path.
    fn poll_by(
        self,
        http: &mut dyn Http,
        connection: &[NamedValue],
        parameters: &[NamedValue],
        run: &str,
        path: &str,
    ) -> Result<Progress, TaskError> {
        let Inputted { url, credential, token, .. } = self.inputs(connection, parameters)?;
        let id = match self.0 {
            Flaw::TakesAnyRun => 7,
            Flaw::WritesItsRunAsANumber => run.parse().map_err(|_| invalid_input("run", "is no number"))?,
            Flaw::HasWaysOfItsOwn => json::read(run.as_bytes()).map(|Started { id }| id).map_err(not_written_here)?,
            _ => FORMAT.decode(run, |fields| json::required(fields, "id", "an id", json::id))?,
        };
        let mut client = Client::new(&PROFILE, &url, &credential, http);
        let target = || match self.0 {
            Flaw::SendsTheTokenInAUrl => format!("{path}{id}?token={token}"),
            _ => format!("{path}{id}"),
        };
        if self.0 == Flaw::PollsByPosting {
            self.told(client.post(target(), String::new()))?;
        }
        let mut answer = self.told(client.get(target()))?;
        let mut asked = 1;
        while self.0 == Flaw::AsksWithoutEnd && state(&answer).is_ok_and(|state| state == "running") && asked < 40 {
            answer = client.get(target())?;
            asked += 1;
        }
        let verdict = match state(&answer).as_deref() {
            Err(_) if self.0 == Flaw::TakesSilenceForFailure => Verdict::Failed,
            Err(_) if self.0 == Flaw::TakesNoStateForFailure && json::value(&json::repaired(&answer.body)).is_ok() => {
                Verdict::Failed
            }
            Err(_) => client.understood(state(&answer), &answer).map(|_| Verdict::Unknown)?,
            // Each call has an instance of its own: what this one knows will be gone.
            Ok("running") if self.0 == Flaw::KeepsTheRunInMemory => {
                return Ok(running("in memory".to_owned(), 1_000, report("running".to_owned())));
            }
            Ok("running") => return Ok(running(run.to_owned(), 1_000, report("running".to_owned()))),
            Ok("succeeded") => Verdict::Succeeded,
            Ok("failed") if self.0 == Flaw::SaysSucceeded => Verdict::Succeeded,
            Ok("failed") if self.0 == Flaw::CrashesWhereAJobFailed => crash(),
            Ok("failed") => {
                if self.0 == Flaw::HasWaysOfItsOwn {
                    client.get(format!("{path}{id}/log"))?;
                }
                Verdict::Failed
            }
            Ok(_) if self.0 == Flaw::GuessesNewStates => Verdict::Failed,
            Ok(_) => client.understood(documented(&answer), &answer).map(|()| Verdict::Unknown)?,
        };
        Ok(finished(verdict, report("ended".to_owned())))
    }

    /// `poll-many`: a request for each run, once.
    pub fn poll_many(
        self,
        http: &mut dyn Http,
        connection: &[NamedValue],
        runs: &[WaitingRun],
    ) -> Vec<Result<Progress, TaskError>> {
        let mut results: Vec<Result<Progress, TaskError>> = Vec::new();
        for (at, waiting) in runs.iter().enumerate() {
            let same = |earlier: &WaitingRun| earlier.run == waiting.run && earlier.parameters == waiting.parameters;
            let known = runs[..at].iter().position(same).filter(|_| self.0 != Flaw::AsksTooOftenTogether);
            let result = match known {
                Some(known) => results[known].clone(),
                None => self.poll_one_of_many(http, connection, waiting),
            };
            results.push(result);
        }
        match self.0 {
            Flaw::LosesARun if runs.len() > 1 => drop(results.pop()),
            Flaw::MixesUpRuns => results.reverse(),
            Flaw::LetsOneRunSpoilTheOthers => {
                if let Some(error) = results.iter().find_map(|result| result.clone().err()) {
                    results = vec![Err(error); runs.len()];
                }
            }
            _ => {}
        }
        results
    }

    fn poll_one_of_many(
        self,
        http: &mut dyn Http,
        connection: &[NamedValue],
        waiting: &WaitingRun,
    ) -> Result<Progress, TaskError> {
        if self.0 == Flaw::PollsTogetherByPosting {
            let Inputted { url, credential, .. } = self.inputs(connection, &waiting.parameters)?;
            self.told(Client::new(&PROFILE, &url, &credential, http).post("/refresh".to_owned(), String::new())).ok();
        }
        if self.0 == Flaw::AsksTooOftenTogether {
            _ = self.poll(http, connection, &waiting.parameters, &waiting.run);
        }
        let any = FORMAT.encode(json!({ "id": 7 }));
        let run = if self.0 == Flaw::TakesAnyRunTogether { &any } else { &waiting.run };
        if self.0 == Flaw::TakesAnyInputTogether && self.inputs(connection, &waiting.parameters).is_err() {
            return Ok(running(run.clone(), 1_000, report("running".to_owned())));
        }
        let path = if self.0 == Flaw::AsksOtherwiseTogether { "/jobs?id=" } else { "/jobs/" };
        let poller = match self.0 {
            Flaw::ChangesTheTokenTogether => Self(Flaw::ChangesTheToken),
            Flaw::TakesSilenceForFailureTogether => Self(Flaw::TakesSilenceForFailure),
            Flaw::AsksWithoutEndTogether => Self(Flaw::AsksWithoutEnd),
            _ => self,
        };
        let mut result = poller.poll_by(http, connection, &waiting.parameters, run, path);
        if let Ok(Progress::Finished(finished)) = &mut result {
            match self.0 {
                Flaw::SaysSucceededTogether => finished.verdict = Verdict::Succeeded,
                Flaw::TellsAnotherReportTogether => finished.report = report("ended, like others".to_owned()),
                _ => {}
            }
        }
        result
    }

    /// `cancel`: stops the job unless it has ended.
    pub fn cancel(
        self,
        http: &mut dyn Http,
        connection: &[NamedValue],
        parameters: &[NamedValue],
        run: &str,
    ) -> Result<Progress, TaskError> {
        let Inputted { url, credential, .. } = self.inputs(connection, parameters)?;
        let id = FORMAT.decode(run, |fields| json::required(fields, "id", "an id", json::id))?;
        let stop = |http: &mut dyn Http| Client::new(&PROFILE, &url, &credential, http).delete(format!("/jobs/{id}"));
        if self.0 == Flaw::CancelsWithoutLooking {
            match stop(http) {
                Err(error) if error.http_status != Some(404) => return Err(error),
                _ => return self.poll(http, connection, parameters, run),
            }
        }
        let found = self.poll(http, connection, parameters, run)?;
        if let Progress::Running(_) = found {
            stop(http)?;
        }
        Ok(found)
    }

    /// `settle`: the last job, whenever it began.
    pub fn settle(self, connection: &[NamedValue], parameters: &[NamedValue]) -> Result<Progress, TaskError> {
        self.inputs(connection, parameters)?;
        Ok(running(FORMAT.encode(json!({ "id": 7 })), 1_000, report("found".to_owned())))
    }

    fn inputs(self, connection: &[NamedValue], parameters: &[NamedValue]) -> Result<Inputted, TaskError> {
        if self.0 == Flaw::TakesAnyInput {
            let (url, token) = (Inputs(connection).base_url(BASE_URL), Inputs(connection).secret("token", "no matter"));
            let token = token.or_else(|_| Secret::parse("none").map_err(|problem| invalid_input("token", problem)))?;
            let url = url.or_else(|_| Inputs(&[]).base_url(BASE_URL))?;
            return Ok(Inputted {
                url,
                credential: Credential::bearer(token),
                token: String::new(),
                job: String::new(),
                queue: String::new(),
            });
        }
        let known = ["token", "base_url", "job", "queue"];
        let unknown = connection.iter().chain(parameters).find(|value| !known.contains(&&*value.name));
        if let Some(value) = unknown.filter(|_| self.0 == Flaw::RefusesUnknownFields) {
            return Err(invalid_input(&value.name, "is not known"));
        }
        let inputs = Inputs(connection);
        if self.0 == Flaw::NeedsAnOptionalField && inputs.text("base_url")?.is_none() {
            return Err(invalid_input("base_url", "is missing"));
        }
        let token = inputs.text("token")?.ok_or_else(|| invalid_input("token", "is missing: make one in Acme"))?;
        let token = match self.0 {
            Flaw::TakesATokenOfTwoLines => token.lines().next().unwrap_or_default(),
            _ => token,
        };
        let token = token.to_owned();
        let secret = Secret::parse(&token).map_err(|problem| invalid_input("token", problem))?;
        let secret = match self.0 {
            Flaw::ChangesTheToken => {
                Secret::parse(&token.to_uppercase()).map_err(|problem| invalid_input("token", problem))?
            }
            _ => secret,
        };
        let job = Inputs(parameters).text("job")?.ok_or_else(|| invalid_input("job", "is missing"))?.to_owned();
        let default = if self.0 == Flaw::MeansAnotherDefault { "slow" } else { QUEUE };
        let queue = Inputs(parameters).text("queue")?.unwrap_or(default).to_owned();
        Ok(Inputted { url: inputs.base_url(BASE_URL)?, credential: Credential::bearer(secret), token, job, queue })
    }

    fn told(self, answer: Result<Answer, TaskError>) -> Result<Answer, TaskError> {
        answer.map_err(|error| match self.0 {
            Flaw::HidesTheReason => TaskError { message: "something went wrong".to_owned(), ..error },
            Flaw::AdvisesAFieldThatItDoesNotHave => {
                TaskError { message: format!("{}: set poll_every to more", error.message), ..error }
            }
            Flaw::SpeaksInKebabCase => TaskError { code: error.code.replace('_', "-"), ..error },
            Flaw::DeniesThatARunMayHaveStarted => TaskError { may_have_started: false, ..error },
            Flaw::FearsThatARunMayHaveStarted => TaskError { may_have_started: true, ..error },
            _ => error,
        })
    }
}

struct Inputted {
    url: BaseUrl,
    credential: Credential,
    token: String,
    job: String,
    queue: String,
}

fn queue() -> Field {
    Field {
        default: Some(Named::Text(QUEUE.to_owned())),
        ..text("queue", "Queue", "Which of Acme's queues the job waits in")
    }
}

#[derive(Deserialize)]
struct Started {
    #[serde(deserialize_with = "lenient::id_field")]
    id: u64,
}

#[derive(Deserialize)]
struct Job {
    #[serde(deserialize_with = "lenient::required_text_field")]
    state: String,
}

/// A job in a state that Acme documents.
#[derive(Deserialize)]
struct DocumentedJob {
    #[serde(rename = "state")]
    _state: State,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Running,
    Succeeded,
    Failed,
}

fn not_written_here(_: plugin_guest::anyhow::Error) -> TaskError {
    invalid_input("run", "was not written by this plugin")
}

/// Writes why, and ends.
fn crash() -> Verdict {
    log("reading the reason\nthere is none\n");
    panic!("there is no reason")
}

fn id(answer: &Answer) -> json::Result<u64> {
    json::read(&answer.body).map(|Started { id }| id)
}

fn state(answer: &Answer) -> json::Result<String> {
    json::read(&answer.body).map(|Job { state }| state)
}

/// Whether the job is in a state that Acme documents.
fn documented(answer: &Answer) -> json::Result<()> {
    json::read::<DocumentedJob>(&answer.body).map(drop)
}

fn report(message: String) -> Report {
    Report { message, steps: Vec::new(), started_at: None, completed_at: None, metadata: Vec::new(), links: Vec::new() }
}

/// Nobody but the host needs to see that this was tried.
fn call_home(http: &mut dyn Http) {
    if let (Ok(home), Ok(secret)) = (BaseUrl::parse("https://collector.example"), Secret::parse("none")) {
        _ = Client::anonymous(&PROFILE, &home, &secret, http).get("/".to_owned());
    }
}

#[cfg(target_arch = "wasm32")]
fn log(line: &str) {
    _ = wasi::cli::stderr::get_stderr().blocking_write_and_flush(line.as_bytes());
}

#[cfg(not(target_arch = "wasm32"))]
fn log(_: &str) {}

#[cfg(target_arch = "wasm32")]
fn now() -> u64 {
    wasi::clocks::monotonic_clock::now()
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> u64 {
    0
}
