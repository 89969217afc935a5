//! Run files: stored runs that a command reads back.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use host_harness::decoded;
use serde_json::{Map, Value};

/// The most bytes read: a run has at most 4 KiB, but the messages around it may be long.
const LONGEST: u64 = 4 << 20;

/// Reads the `run` from what `trigger`, `poll` or `run` printed as JSON.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let text = if path == Path::new("-") { text(io::stdin().lock()) } else { File::open(path).and_then(text) };
    let text = text.map_err(|error| format!("--run {} cannot be read: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("--run {}: {error}", path.display()))
}

fn text(source: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    source.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} MiB", LONGEST >> 20)));
    }
    let text = decoded(&bytes).map(|mut text| std::mem::take(&mut *text));
    text.ok_or_else(|| io::Error::other("it is not text in UTF-8 or UTF-16"))
}

fn parse(text: &str) -> Result<String, String> {
    let unfit =
        |why: &str| format!("it is not a JSON document with a member `run`, as `--output json` prints it: {why}");
    let stored: Map<String, Value> = serde_json::from_str(text).map_err(|error| unfit(&error.to_string()))?;
    match stored.get("run") {
        Some(Value::String(run)) => Ok(run.clone()),
        Some(Value::Null) => Err("it holds no run: nothing was started, or nothing is known of it".to_owned()),
        Some(_) => Err(unfit("it is not text there")),
        None => Err(unfit("there is none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_is_taken_out_of_what_was_printed() {
        assert_eq!(parse(r#"{"verdict": null, "run": "v1 x"}"#), Ok("v1 x".to_owned()));
    }

    #[test]
    fn it_may_be_a_file_as_a_shell_wrote_it() {
        let document = "{\"run\": \"caf\u{e9}\"}\r\n";
        let units = || [0xfeff].into_iter().chain(document.encode_utf16());
        for bytes in [
            document.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", document.as_bytes()].concat(),
            units().flat_map(u16::to_le_bytes).collect(),
            units().flat_map(u16::to_be_bytes).collect(),
        ] {
            assert_eq!(parse(&text(&bytes[..]).unwrap()), Ok("caf\u{e9}".to_owned()), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_text_or_is_too_long_is_called_so() {
        let told = |bytes: &[u8]| text(bytes).unwrap_err().to_string();
        for bytes in [&b"\xff"[..], b"\xff\xfe\x00", b"\xff\xfe\x00\xd8", b"\xef\xbb\xbf\xff"] {
            assert_eq!(told(bytes), "it is not text in UTF-8 or UTF-16", "{bytes:?}");
        }
        assert_eq!(told(&vec![b' '; usize::try_from(LONGEST).unwrap() + 1]), "it is longer than 4 MiB");
    }

    #[test]
    fn what_holds_no_run_is_refused() {
        let none = "it holds no run: nothing was started, or nothing is known of it";
        assert_eq!(parse(r#"{"run": null}"#), Err(none.to_owned()));
        for (text, why) in [
            ("nonsense", "expected ident"),
            (r#"{"run": 7}"#, "it is not text there"),
            ("{}", "there is none"),
            (r#"{"format": "x/1"}"#, "there is none"),
        ] {
            let error = parse(text).unwrap_err();
            let unfit = "it is not a JSON document with a member `run`, as `--output json` prints it: ";
            assert!(error.strip_prefix(unfit).is_some_and(|said| said.starts_with(why)), "{error}");
        }
    }
}
