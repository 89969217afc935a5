use anyhow::Context;
use serde_json::Value;

/// How a run is expected to end.
pub(super) struct Expected {
    /// The verdict or, where the call fails, the kind of its error.
    pub(super) verdict: &'static str,
    exit_code: i32,
    /// What Stitch itself must be quoted with.
    quote: &'static str,
}

/// How a run ended, as `host-harness` tells it.
pub(super) struct Outcome {
    /// The verdict or, where the call failed, the kind of its error.
    pub(super) verdict: String,
    /// The line for the engine's user and, where they are others, the tool's own words.
    pub(super) message: String,
    /// A line for each step.
    pub(super) steps: Vec<String>,
    /// Every word of the tool that is told: the line, the raw message, the steps' messages.
    told: String,
    /// How many requests it took.
    pub(super) requests: u64,
    exit_code: Option<i32>,
}

impl Expected {
    /// The run ends with this verdict.
    pub(super) const fn verdict(verdict: &'static str, exit_code: i32, quote: &'static str) -> Self {
        Self { verdict, exit_code, quote }
    }

    /// A call fails with an error of this kind.
    pub(super) const fn error(kind: &'static str, quote: &'static str) -> Self {
        Self { verdict: kind, exit_code: 3, quote }
    }

    /// Whether the run ended so and, if not, what is different.
    pub(super) fn compare(&self, outcome: &Outcome) -> Result<(), String> {
        if outcome.verdict != self.verdict {
            return Err(format!("expected {}, found {}", self.verdict, outcome.verdict));
        }
        if outcome.exit_code != Some(self.exit_code) {
            let found = outcome.exit_code.map_or("none".to_owned(), |code| code.to_string());
            return Err(format!("expected exit code {}, found {found}", self.exit_code));
        }
        if !outcome.told.contains(self.quote) {
            return Err(format!("nothing tells `{}`", self.quote));
        }
        Ok(())
    }
}

impl Outcome {
    /// Reads what `host-harness run --output json` printed and exited with.
    pub(super) fn parse(document: &str, exit_code: Option<i32>) -> anyhow::Result<Self> {
        let document: Value =
            serde_json::from_str(document).with_context(|| format!("host-harness printed no JSON: {document:?}"))?;
        let error = &document["error"];
        let (verdict, message) = if error.is_object() {
            (&error["kind"], &error["message"])
        } else {
            (&document["verdict"], &document["message"])
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let steps = document["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
        let told = [message, &error["raw_message"]].into_iter().chain(steps.iter().map(|step| &step["message"]));
        Ok(Self {
            verdict: verdict.as_str().context("host-harness gave neither a verdict nor an error")?.to_owned(),
            message: match text(&error["raw_message"]) {
                raw if raw.is_empty() || raw == text(message) => text(message),
                raw => format!("{} ({raw})", text(message)),
            },
            steps: steps.iter().map(|step| format!("{:10} {}", text(&step["name"]), text(&step["status"]))).collect(),
            told: told.map(text).collect::<Vec<_>>().join("\n"),
            requests: document["requests"].as_u64().context("host-harness did not count its requests")?,
            exit_code,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = r#"{
        "verdict": "failed", "message": "the tap failed", "requests": 7,
        "steps": [
            {"name": "discovery", "status": "succeeded", "exit_code": 0, "message": null},
            {"name": "tap", "status": "failed", "exit_code": 1, "message": "the key was revoked"}
        ]
    }"#;
    const REFUSED: &str = r#"{
        "error": {"kind": "unauthorized", "code": "http_401", "message": "bad token", "raw_message": "raw words"},
        "run": null, "requests": 1
    }"#;

    fn compared(document: &str, exit_code: i32, expected: &Expected) -> Result<(), String> {
        expected.compare(&Outcome::parse(document, Some(exit_code)).expect("it is a report"))
    }

    #[test]
    fn a_run_that_ends_as_expected_passes() {
        assert_eq!(compared(FAILED, 1, &Expected::verdict("failed", 1, "the key was revoked")), Ok(()));
        assert_eq!(compared(REFUSED, 3, &Expected::error("unauthorized", "raw words")), Ok(()));
    }

    #[test]
    fn whatever_is_different_is_said() {
        for (exit_code, expected, difference) in [
            (1, Expected::verdict("succeeded", 0, ""), "expected succeeded, found failed"),
            (0, Expected::verdict("failed", 1, ""), "expected exit code 1, found 0"),
            (1, Expected::verdict("failed", 1, "no route"), "nothing tells `no route`"),
        ] {
            assert_eq!(compared(FAILED, exit_code, &expected), Err(difference.to_owned()));
        }
    }

    #[test]
    fn a_report_is_read() {
        let outcome = Outcome::parse(FAILED, Some(1)).expect("it is a report");
        assert_eq!((outcome.message.as_str(), outcome.requests), ("the tap failed", 7));
        assert_eq!(outcome.steps, ["discovery  succeeded", "tap        failed"]);
    }

    #[test]
    fn the_tools_own_words_stand_beside_the_message() {
        let outcome = Outcome::parse(REFUSED, Some(3)).expect("it is a report");
        assert_eq!(outcome.message, "bad token (raw words)");
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (document, problem) in [
            ("", r#"host-harness printed no JSON: """#),
            ("{}", "host-harness gave neither a verdict nor an error"),
            (r#"{"verdict": "failed"}"#, "host-harness did not count its requests"),
        ] {
            assert_eq!(Outcome::parse(document, None).err().expect(document).to_string(), problem);
        }
    }
}
