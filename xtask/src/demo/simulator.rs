use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};

/// The simulator, running. It ends when this is dropped, or when this process ends in whatever way: its standard input
/// closes then.
pub(super) struct Simulator {
    child: Child,
    pub(super) url: String,
    pub(super) access_token: String,
    sources: BTreeMap<String, u64>,
}

/// What the simulator says of itself when it starts.
#[derive(Debug, Default, PartialEq)]
struct Introduction {
    url: String,
    access_token: String,
    sources: BTreeMap<String, u64>,
}

impl Simulator {
    /// Starts it with these options and waits until it listens.
    pub(super) fn start(program: &Path, options: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg("--until-stdin-closes").args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the simulator has no output")?;
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        let Introduction { url, access_token, sources } = Introduction::read(lines);
        if url.is_empty() || access_token.is_empty() {
            bail!("the simulator did not say where it listens and with which token");
        }
        Ok(Self { child, url, access_token, sources })
    }

    /// The id of the source of this name.
    pub(super) fn source(&self, name: &str) -> anyhow::Result<u64> {
        self.sources.get(name).copied().with_context(|| format!("the simulator lists no source named {name}"))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // A simulator that has ended by itself was noticed by then: its runs failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Introduction {
    /// Reads to the line about every other source, which is the last.
    fn read(lines: impl Iterator<Item = String>) -> Self {
        let mut introduction = Self::default();
        for line in lines.take_while(|line| !line.starts_with("every other source")) {
            if let Some(url) = line.strip_prefix("listening on ") {
                url.clone_into(&mut introduction.url);
            } else if let Some(token) = line.strip_prefix("access token ") {
                token.clone_into(&mut introduction.access_token);
            } else if let Some((id, name)) = source(&line) {
                introduction.sources.insert(name.to_owned(), id);
            }
        }
        introduction
    }
}

/// The id and the name in a line such as `source 120643  hubspot     succeeds after 90 s`.
fn source(line: &str) -> Option<(u64, &str)> {
    let mut words = line.strip_prefix("source ")?.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulator_is_understood() {
        let said = "listening on http://127.0.0.1:4711\naccess token not-a-token\n\
            source 120643  hubspot     succeeds after 90 s\nsource 123456  recurly     its tap fails\n\
            every other source succeeds after 60 s (simulated)\nnever read";
        let introduction = Introduction::read(said.lines().map(str::to_owned));
        let expected = Introduction {
            url: "http://127.0.0.1:4711".to_owned(),
            access_token: "not-a-token".to_owned(),
            sources: [("hubspot".to_owned(), 120_643), ("recurly".to_owned(), 123_456)].into(),
        };
        assert_eq!(introduction, expected);
    }
}
