//! What a plugin's author brings to have the plugin examined.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::situation::Situation;
use crate::contract::{NamedValue, Value};
use crate::{Arguments, Function, Secret};

/// A kit, read and understood. `Debug` may show its secrets, which are nobody's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kit {
    #[serde(default)]
    connection: BTreeMap<String, Plain>,
    secrets: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) expose_secrets: bool,
    #[serde(default)]
    parameters: BTreeMap<String, Plain>,
    #[serde(default, rename = "situation")]
    pub(super) situations: Vec<Situation>,
    #[serde(skip, default = "Timestamp::now")]
    now: Timestamp,
}

/// A value of a field, as TOML has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Plain {
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(String),
}

/// Why a kit cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Its file cannot be read.
    #[error("the kit {} cannot be read: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is not what a kit has to be.
    #[error("the kit {}: {problem}", .file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
}

impl Kit {
    /// The file of a kit, in its folder.
    pub const FILE: &str = "kit.toml";

    /// The shortest secret, in bytes: what is found in an answer must not be there by chance.
    const SHORTEST_SECRET: usize = 12;

    /// Reads the kit in a folder.
    pub fn read(folder: &Path) -> Result<Self, KitError> {
        let file = folder.join(Self::FILE);
        match fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text).map_err(|problem| KitError::Wrong { file, problem }),
            Err(error) => Err(KitError::Unreadable { file, error }),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let kit: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for (name, secret) in &kit.secrets {
            if secret.len() < Self::SHORTEST_SECRET {
                return Err(format!("the secret {name} is too short to be searched for: make up a longer one"));
            }
        }
        for (at, situation) in kit.situations.iter().enumerate() {
            let name = &situation.name;
            if kit.situations[..at].iter().any(|earlier| earlier.name == *name) {
                return Err(format!("the situation {name} is there twice"));
            }
            let after = |after: &String| kit.situations[..at].iter().any(|earlier| earlier.name == *after);
            match (situation.call, &situation.after) {
                (Function::Poll | Function::Cancel, None) => {
                    return Err(format!("the situation {name} needs `after`: the situation whose run is handed in"));
                }
                (_, Some(earlier)) if !after(earlier) => {
                    return Err(format!("the situation {name} is after {earlier}, which is none of those before it"));
                }
                _ => {}
            }
        }
        Ok(kit)
    }

    /// The values that a situation is played with. The secrets stand among the others, so that nothing hides them.
    pub(super) fn arguments(&self, situation: Option<&Situation>, server: &str) -> Arguments {
        let mut arguments = self.without_secrets(situation, server);
        arguments.connection.extend(self.secrets.iter().map(|(name, secret)| text(name, secret)));
        arguments
    }

    /// The same as a host gives them to a plugin that it does not trust: with placeholders for the secrets.
    pub(super) fn guarded(&self, situation: &Situation, server: &str) -> Arguments {
        let arguments = self.without_secrets(Some(situation), server);
        self.secrets.iter().fold(arguments, |arguments, (name, secret)| arguments.secret(name, Secret::new(secret)))
    }

    fn without_secrets(&self, situation: Option<&Situation>, server: &str) -> Arguments {
        let own = situation.map(|situation| &situation.parameters);
        let parameters = self.parameters.iter().filter(|(name, _)| own.is_none_or(|own| !own.contains_key(*name)));
        let parameters = parameters.chain(own.into_iter().flatten());
        let value = |(name, value): (&String, &Plain)| match value {
            Plain::Boolean(truth) => NamedValue { name: name.clone(), value: Value::Boolean(*truth) },
            Plain::Integer(number) => NamedValue { name: name.clone(), value: Value::Integer(*number) },
            Plain::Decimal(number) => NamedValue { name: name.clone(), value: Value::Decimal(*number) },
            Plain::Text(words) => text(name, &self.fill(words).replace("{server}", server)),
        };
        Arguments::new(self.connection.iter().map(value).collect(), parameters.map(value).collect())
    }

    /// The values of the secrets.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.secrets.iter().map(|(name, secret)| (&**name, &**secret))
    }

    /// Puts times in the place of `{now}`, `{now-90s}` and `{now+90s}`: RFC 3339, in UTC, to the second. It is the same now for
    /// as long as the kit is used.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("{now") {
            let (before, found) = rest.split_at(at);
            filled.push_str(before);
            let end = found.find('}').map_or(found.len(), |end| end + 1);
            let seconds = found[..end].strip_prefix("{now").and_then(|shift| match shift.strip_suffix('}')? {
                "" => Some(0),
                shift => shift.strip_suffix('s')?.parse::<i64>().ok(),
            });
            match seconds.and_then(|seconds| self.now.checked_add(SignedDuration::from_secs(seconds)).ok()) {
                Some(time) => filled.push_str(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
                None => filled.push_str(&found[..end]),
            }
            rest = &found[end..];
        }
        filled + rest
    }

    /// The moment that is now.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }
}

fn text(name: &str, text: &str) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Text(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[secrets]\ntoken = 'made-up-for-the-kit'\n[connection]\nbase_url = '{server}'\n";

    fn refused(text: &str) -> String {
        Kit::parse(&format!("{HEAD}{text}")).unwrap_err()
    }

    #[test]
    fn a_kit_names_what_is_wrong_with_it() {
        let started = "[[situation]]\nname = 'started'\ncall = 'trigger'\nresult = 'running'\n";
        for (text, problem) in [
            (format!("{started}{started}"), "the situation started is there twice"),
            (
                started.replace("'trigger'", "'poll'"),
                "the situation started needs `after`: the situation whose run is handed in",
            ),
            (
                format!("{started}after = 'begun'"),
                "the situation started is after begun, which is none of those before it",
            ),
        ] {
            assert_eq!(refused(&text), problem);
        }
        for (text, part) in [
            (
                started.replace("'trigger'", "'describe'"),
                "`describe` is no call: one of trigger, poll, cancel, check, settle",
            ),
            (started.replace("'running'", "'good'"), "`good` is no result: one of running, succeeded, failed, "),
            (format!("{started}[[situation.exchange]]\nrequest = 'GET'"), "`GET` is no request"),
            (format!("{started}colour = 1"), "unknown field `colour`"),
        ] {
            let problem = refused(&text);
            assert!(problem.contains(part) && problem.contains("line"), "{problem}");
        }
        let short = Kit::parse("[secrets]\ntoken = 'short'").unwrap_err();
        assert_eq!(short, "the secret token is too short to be searched for: make up a longer one");
    }

    #[test]
    fn now_is_filled_in_to_the_second_and_may_be_shifted() {
        let mut kit = Kit::parse(HEAD).unwrap();
        kit.now = "2026-01-05T10:00:00.7Z".parse().unwrap();
        assert_eq!(kit.fill("a {now} b"), "a 2026-01-05T10:00:00Z b");
        assert_eq!(kit.fill("{now-90s}{now+1s}"), "2026-01-05T09:58:30Z2026-01-05T10:00:01Z");
        assert_eq!(kit.fill("{nowhere} {now-x} {now"), "{nowhere} {now-x} {now");
    }
}
