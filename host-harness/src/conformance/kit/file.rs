//! The kit's file, and the values that its situations are played with.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::conformance::kit::body_files::BodyFiles;
use crate::conformance::kit::named_request::{self, NamedRequest};
use crate::conformance::kit::required_situations::{REQUIRED, RUNNING};
use crate::conformance::kit::run_format::RunFormat;
use crate::conformance::kit::situation::Situation;
use crate::conformance::kit::values::{Plain, text, timed};
use crate::contract::{Descriptor, Field, NamedValue};
use crate::{Arguments, Inputs, Secret};

/// A conformance kit. `Debug` may show its secrets, which are made up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kit {
    #[serde(default)]
    pub(crate) connection: BTreeMap<String, Plain>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) expose_secrets: bool,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Plain>,
    /// Where the plugin's runs hold their format.
    #[serde(default)]
    pub(crate) run_format: RunFormat,
    /// The requests that exchanges name.
    #[serde(default)]
    requests: BTreeMap<String, NamedRequest>,
    /// The situations that the tool cannot be in, with the reasons.
    #[serde(default)]
    pub(crate) cannot: BTreeMap<String, String>,
    #[serde(default, rename = "situation")]
    pub(crate) situations: Vec<Situation>,
    #[serde(skip, default = "Timestamp::now")]
    now: Timestamp,
}

/// An error of reading a kit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// The file cannot be read.
    #[error("the kit {} cannot be read: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The file is not a valid kit.
    #[error("the kit {}: {problem}", .file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The flaw and its place.
        problem: String,
    },
}

impl Kit {
    /// The name of the file in the kit's folder.
    pub const FILE: &str = "kit.toml";

    /// The largest file, in bytes.
    const LARGEST: usize = 1 << 20;

    /// The shortest secret, in bytes: a match in an answer must not be chance.
    const SHORTEST_SECRET: usize = 12;

    /// Reads the kit in a folder.
    pub fn read(folder: &Path) -> Result<Self, KitError> {
        let file = folder.join(Self::FILE);
        let mut text = String::new();
        match File::open(&file).and_then(|opened| opened.take(Self::LARGEST as u64 + 1).read_to_string(&mut text)) {
            Ok(_) => Self::parse_in(Some(folder), &text).map_err(|problem| KitError::Wrong { file, problem }),
            Err(error) => Err(KitError::Unreadable { file, error }),
        }
    }

    /// Parses a kit that has no folder.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_in(None, text)
    }

    fn parse_in(folder: Option<&Path>, text: &str) -> Result<Self, String> {
        if text.len() > Self::LARGEST {
            return Err("it is larger than 1 MiB".to_owned());
        }
        let mut kit: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        kit.fill_in(&mut BodyFiles::new(folder))?;
        let situations = kit.situations.iter().enumerate();
        let wrong = situations.map(|(at, situation)| situation.problem(&kit.situations[..at]));
        let short = kit.secrets().find(|(_, secret)| secret.len() < Self::SHORTEST_SECRET).map(|(name, _)| {
            format!(
                "the secret {name} is too short to be searched for: make up one of {} characters",
                Self::SHORTEST_SECRET
            )
        });
        let excuses = kit.cannot.iter().map(|(name, reason)| kit.excuse_problem(name, reason));
        match wrong.chain([short]).chain(excuses).flatten().next() {
            Some(problem) => Err(problem),
            None => Ok(kit),
        }
    }

    /// Puts requests in place of their names, and bodies in place of their files.
    fn fill_in(&mut self, files: &mut BodyFiles<'_>) -> Result<(), String> {
        if let Some(problem) = named_request::problem(&self.requests) {
            return Err(problem);
        }
        for Situation { name, exchanges, together, .. } in &mut self.situations {
            for exchange in exchanges.iter_mut().chain(together) {
                let filled = named_request::resolve(exchange, &self.requests).and_then(|()| exchange.read_body(files));
                filled.map_err(|problem| format!("the situation {name}: {problem}"))?;
            }
        }
        Ok(())
    }

    /// True if the tool answers a trigger at once, with the end of the run.
    pub(crate) fn answers_at_once(&self) -> bool {
        self.cannot.contains_key(RUNNING)
    }

    fn excuse_problem(&self, name: &str, reason: &str) -> Option<String> {
        let mut excusable = REQUIRED.iter().filter(|required| required.excusable).map(|required| required.name);
        if reason.trim().is_empty() {
            Some(format!("[cannot] gives no reason for {name}"))
        } else if self.situations.iter().any(|situation| situation.name == name) {
            Some(format!("[cannot] names {name}, and the kit has that situation"))
        } else if excusable.clone().all(|known| known != name) {
            let names: Vec<_> = excusable.by_ref().collect();
            Some(format!("[cannot] names {name}: only {} can be missing", names.join(", ")))
        } else {
            None
        }
    }

    /// The values that a situation is played with, the kit's where it has none. Secrets are plain values among them, so
    /// that nothing redacts them.
    pub(crate) fn arguments(
        &self,
        situation: Option<&Situation>,
        server: &str,
        descriptor: Option<&Descriptor>,
    ) -> Arguments {
        let mut arguments = self.without_secrets(situation, server, descriptor);
        for (name, secret) in self.secrets_of(situation) {
            let parameter = is_parameter(descriptor, name);
            let list = if parameter { &mut arguments.parameters } else { &mut arguments.connection };
            list.push(text(name, secret));
        }
        arguments
    }

    /// The same values as a host gives them: with placeholders for the secrets, except those of a kit that exposes
    /// them, and those of the situation's own.
    pub(crate) fn guarded(
        &self,
        situation: Option<&Situation>,
        server: &str,
        descriptor: Option<&Descriptor>,
    ) -> Arguments {
        let mut arguments = self.without_secrets(situation, server, descriptor);
        for (name, secret) in self.secrets_of(situation) {
            let secret = Secret::new(secret);
            arguments = if is_parameter(descriptor, name) {
                arguments.secret_parameter(name, secret)
            } else {
                arguments.secret(name, secret)
            };
        }
        let own = situation.is_some_and(|situation| situation.secrets.is_some());
        if self.expose_secrets || own { arguments.expose_secrets() } else { arguments }
    }

    /// The same values before they are checked against what the plugin takes.
    pub(crate) fn inputs(&self, situation: Option<&Situation>, server: &str) -> Inputs {
        let Arguments { connection, parameters, .. } = self.without_secrets(situation, server, None);
        let mut inputs = Inputs::default();
        for NamedValue { name, value } in connection {
            inputs = inputs.connection_value(name, value);
        }
        for NamedValue { name, value } in parameters {
            inputs = inputs.parameter_value(name, value);
        }
        for (name, secret) in self.secrets_of(situation) {
            inputs = inputs.secret(name, Secret::new(secret));
        }
        inputs
    }

    fn without_secrets(
        &self,
        situation: Option<&Situation>,
        server: &str,
        descriptor: Option<&Descriptor>,
    ) -> Arguments {
        let values = |fields: Option<&Vec<Field>>,
                      kit: &BTreeMap<String, Plain>,
                      own: Option<&BTreeMap<String, Plain>>|
         -> Vec<NamedValue> {
            let kept = kit.iter().filter(|(name, _)| own.is_none_or(|own| !own.contains_key(*name)));
            let fill = |text: &str| self.fill(text).replace("{server}", server);
            let kind = |name: &str| fields?.iter().find(|field| field.name == name).map(|field| field.kind);
            let all = kept.chain(own.into_iter().flatten());
            all.map(|(name, value)| value.named(name, kind(name), fill)).collect()
        };
        Arguments::new(
            values(
                descriptor.map(|descriptor| &descriptor.connection),
                &self.connection,
                situation.map(|situation| &situation.connection),
            ),
            values(
                descriptor.map(|descriptor| &descriptor.parameters),
                &self.parameters,
                situation.map(|situation| &situation.parameters),
            ),
        )
    }

    /// The secrets that a situation is played with.
    pub(crate) fn secrets_of<'a>(
        &'a self,
        situation: Option<&'a Situation>,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let own = situation.and_then(|situation| situation.secrets.as_ref());
        own.unwrap_or(&self.secrets).iter().map(|(name, secret)| (&**name, &**secret))
    }

    /// All secrets of the kit and its situations.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.situations.iter().filter_map(|situation| situation.secrets.as_ref());
        own.chain([&self.secrets]).flatten().map(|(name, secret)| (&**name, &**secret))
    }

    /// Fills in times: relative to one moment for as long as the kit is used.
    pub(crate) fn fill(&self, text: &str) -> String {
        timed(text, self.now)
    }

    /// That moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}

fn is_parameter(descriptor: Option<&Descriptor>, name: &str) -> bool {
    descriptor.is_some_and(|descriptor| descriptor.parameters.iter().any(|field| field.secret && field.name == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample;

    const HEAD: &str = "[secrets]\ntoken = 'made-up-for-the-kit'\n[connection]\nbase_url = '{server}'\n";

    fn refused(text: &str) -> String {
        Kit::parse(&format!("{HEAD}{text}")).unwrap_err()
    }

    #[test]
    fn a_kit_names_what_is_wrong_with_it() {
        let started = "[[situation]]\nname = 'started'\ncall = 'trigger'\nresult = 'running'\n";
        let failed = started.replace("'running'", "'rejected'");
        let answered = |more: &str| format!("{started}[[situation.exchange]]\nrequest = 'GET /a'\n{more}");
        for (text, problem) in [
            (format!("{started}{started}"), "the situation started is there twice"),
            (
                started.replace("'trigger'", "'poll'"),
                "the situation started needs `after`: the situation whose run is handed in",
            ),
            (
                format!("{started}after = 'begun'"),
                "the situation started is after begun, which is not one of those before it",
            ),
            (answered("status = 99"), "the situation started, GET /a: 99 is not a status: there are 100 to 599"),
            (
                format!("{started}[[situation.together]]\nrequest = 'GET /a'"),
                "the situation started has `together`, and only runs of `poll` are polled together",
            ),
            (
                format!(
                    "{started}{}[[situation.together]]\nrequest = 'GET /a'\nstatus = 99",
                    started.replace("'started'\ncall = 'trigger'", "'running'\ncall = 'poll'\nafter = 'started'")
                ),
                "the situation running, GET /a: 99 is not a status: there are 100 to 599",
            ),
            (format!("{started}code = 'no'"), "the situation started has `code`, and its result is not an error"),
            (
                format!("{failed}says = 'no'\n[[situation.exchange]]\nrequest = 'GET /a'\nbody = 'yes'"),
                "the situation started says \"no\", which stands in none of its bodies",
            ),
            (
                format!("{failed}says = ''\n[[situation.exchange]]\nrequest = 'GET /a'\nbody = 'yes'"),
                "the situation started says \"\", which stands in none of its bodies",
            ),
            (
                format!("{started}secrets = {{ key = 'short' }}"),
                "the secret key is too short to be searched for: make up one of 12 characters",
            ),
            ("[cannot]\nstopped = ' '".to_owned(), "[cannot] gives no reason for stopped"),
            (
                "[cannot]\nfailed = 'never'".to_owned(),
                "[cannot] names failed: only already_running, running, stopped, new_status, unauthorized, not_found, rate_limited can be missing",
            ),
            (
                format!("{}[cannot]\nstopped = 'never'", started.replace("started", "stopped")),
                "[cannot] names stopped, and the kit has that situation",
            ),
        ] {
            assert_eq!(refused(&text), problem);
        }
        for (text, part) in [
            (
                started.replace("'trigger'", "'describe'"),
                "`describe` is not a call: write one of trigger, poll, cancel, check, settle",
            ),
            (
                started.replace("'running'", "'good'"),
                "`good` is not a result: write one of running, succeeded, failed, ",
            ),
            (format!("{started}[[situation.exchange]]\nrequest = 'GET'"), "`GET` is not a request"),
            (format!("{started}colour = 1"), "unknown field `colour`"),
        ] {
            let problem = refused(&text);
            assert!(problem.contains(part) && problem.contains("line"), "{problem}");
        }
        assert_eq!(refused(&"#".repeat(1 << 20)), "it is larger than 1 MiB");
    }

    #[test]
    fn a_situation_has_values_of_its_own_and_secrets_in_place_of_the_kits() {
        let kit = sample::kit(
            "[connection]\nbase_url = '{server}'\nuser = 'a'\n[secrets]\ntoken = 'made-up-for-the-kit'\n[[situation]]\n\
             name = 'begun'\ncall = 'trigger'\nresult = 'running'\nconnection = { user = 'b' }\n\
             secrets = { salt = 'made-up-salt' }\n",
        );
        let arguments = kit.arguments(Some(&kit.situations[0]), "http://here", Some(&sample::descriptor()));
        let shown = |values: &[NamedValue]| -> Vec<String> {
            values.iter().map(|value| format!("{}={}", value.name, value.value)).collect()
        };
        assert_eq!(shown(&arguments.connection), ["base_url=http://here", "user=b"]);
        assert_eq!(shown(&arguments.parameters), ["salt=made-up-salt"]);
        let guarded = |situation| kit.guarded(situation, "http://here", Some(&sample::descriptor()));
        assert_eq!(guarded(Some(&kit.situations[0])).exposed().collect::<Vec<_>>(), ["salt"]);
        assert_eq!(guarded(None).exposed().count(), 0);
        let arguments = kit.arguments(None, "http://here", Some(&sample::descriptor()));
        assert_eq!(shown(&arguments.connection), ["base_url=http://here", "user=a", "token=made-up-for-the-kit"]);
    }
}
