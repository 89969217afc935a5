//! A run that was stored.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

/// The most that is read: a run has at most 4 KiB, what is printed around it can hold long messages.
const LONGEST: u64 = 4 << 20;

#[derive(Deserialize)]
struct Stored {
    run: Option<String>,
}

/// Reads the `run` out of what `trigger`, `poll` or `run` printed as JSON.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let text = if path == Path::new("-") { text(io::stdin().lock()) } else { File::open(path).and_then(text) };
    let text = text.map_err(|error| format!("--run {} cannot be read: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("--run {}: {error}", path.display()))
}

fn text(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn parse(text: &str) -> Result<String, String> {
    let stored: Stored =
        serde_json::from_str(text).map_err(|error| format!("it is no JSON document with a member `run`: {error}"))?;
    stored.run.ok_or_else(|| "it holds no run: nothing was started, or nothing is known of it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_is_taken_out_of_what_was_printed() {
        assert_eq!(parse(r#"{"verdict": null, "run": "v1 x"}"#), Ok("v1 x".to_owned()));
    }

    #[test]
    fn what_holds_no_run_is_refused() {
        for text in [r#"{"run": null}"#, "{}"] {
            assert_eq!(parse(text), Err("it holds no run: nothing was started, or nothing is known of it".to_owned()));
        }
        let error = parse("nonsense").unwrap_err();
        assert!(error.starts_with("it is no JSON document with a member `run`: "), "{error}");
    }
}
