//! Deserialization of JSON by serde, with errors that name the path of the field.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use anyhow::{Result, anyhow};
use serde::de::value::MapDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{MOST_SHOWN, repaired};
use crate::report::shorten;

/// The fields of an object, each as raw JSON. Of two fields with the same name the later counts, as with most parsers.
pub type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// Checks that a text is JSON, and borrows it as one raw value. The error names what came instead: a web page, or a body that is
/// compressed or empty.
pub fn value(text: &str) -> Result<&RawValue> {
    serde_json::from_str(text).map_err(|error| match text.trim_start() {
        "" => anyhow!("its body is empty"),
        page if page.starts_with('<') => {
            anyhow!("it is a web page (HTML), not JSON: see whether base_url is right, and what signs in or stands in between")
        }
        // The magic number of RFC 1952, section 2.3.1, of which the second byte is not UTF-8.
        gzip if gzip.starts_with("\u{1f}\u{fffd}") => anyhow!("it is compressed (gzip), which was not asked for"),
        _ => anyhow!("it is not JSON: {error}"),
    })
}

/// Repairs a body and deserializes the object that it holds into a struct that borrows nothing.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    object(value(&repaired(body))?)
}

/// Deserializes an object into a struct. Fields that the struct does not name are not looked at.
pub fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T> {
    let fields = fields(raw).ok_or_else(|| anyhow!("not an object: {}", shorten(raw.get(), MOST_SHOWN)))?;
    let fields = MapDeserializer::<_, serde_json::Error>::new(fields.into_iter());
    serde_path_to_error::deserialize(fields).map_err(|error| {
        let path = error.path().to_string();
        let problem = without_place(error.inner());
        if path == "." { anyhow!(problem) } else { anyhow!("{path}: {problem}") }
    })
}

/// The fields of an object. None where the value is something else.
pub fn fields(raw: &RawValue) -> Option<Fields<'_>> {
    // A list may hold millions of other values: the first byte rules most of them out.
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok()).flatten()
}

/// The value at a path of field names, from the outside in.
pub fn at<'a>(raw: &'a RawValue, names: &[&str]) -> Option<&'a RawValue> {
    names.iter().try_fold(raw, |raw, name| fields(raw)?.remove(*name))
}

/// Calls `each` with the index and the raw JSON of each row of a list. Rows are not kept, so that a long list takes no memory.
pub fn rows<'a>(list: &'a RawValue, each: impl FnMut(usize, &'a RawValue)) -> Result<()> {
    let not_a_list = || anyhow!("not a list: {}", shorten(list.get(), MOST_SHOWN));
    if !list.get().starts_with('[') {
        return Err(not_a_list());
    }
    serde_json::Deserializer::from_str(list.get()).deserialize_seq(Rows(each)).map_err(|_| not_a_list())
}

struct Rows<F>(F);

impl<'de, F: FnMut(usize, &'de RawValue)> Visitor<'de> for Rows<F> {
    type Value = ();

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(row) = rows.next_element()? {
            (self.0)(index, row);
            index += 1;
        }
        Ok(())
    }
}

/// serde's message without the line and the column, which are relative to a small part of the answer.
fn without_place(error: &serde_json::Error) -> String {
    let (problem, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
    problem.strip_suffix(&place).unwrap_or(&problem).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::lenient;
    use alloc::vec;
    use alloc::vec::Vec;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Job {
        #[serde(deserialize_with = "lenient::required_text_field")]
        name: String,
        #[serde(default, deserialize_with = "lenient::integer_field")]
        status: Option<i64>,
    }

    fn job(json: &str) -> Result<Job, String> {
        object(value(json).expect("JSON")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_object_is_read_and_what_is_not_asked_for_is_not_looked_at() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        let read = job(&format!(r#"{{"name": 7, "deep": {deep}, "status": "1", "odd": {{"name": []}}}}"#));
        assert_eq!(read, Ok(Job { name: "7".to_owned(), status: Some(1) }));
        assert_eq!(job(r#"{"name": "a", "status": 1, "name": "b", "status": null}"#).map(|job| job.status), Ok(None));
    }

    #[test]
    fn an_error_names_the_field_and_shows_a_little_of_it() {
        for (json, problem) in [
            ("{}", "missing field `name`"),
            (r#"{"name": null}"#, "name: not text: null"),
            (r#"{"name": "a", "status": 0.5}"#, "status: not a whole number: 0.5"),
            ("[]", "not an object: []"),
            ("null", "not an object: null"),
        ] {
            assert_eq!(job(json), Err(problem.to_owned()), "{json}");
        }
        let long = job(&format!(r#"{{"name": "a", "status": "{}"}}"#, "x".repeat(50))).expect_err("not a status");
        assert_eq!(long, format!("status: not a whole number: \"{}…", "x".repeat(38)));
    }

    #[test]
    fn a_list_is_walked_row_by_row_whatever_is_in_it() {
        let text = repaired(b"[{\"id\": 1, \"x\": \"\xff\\ud83d\"}, 7, [[]], {\"id\": 2}]");
        let mut ids = Vec::new();
        rows(value(&text).expect("JSON"), |index, row| ids.push((index, at(row, &["id"]).and_then(lenient::id))))
            .expect("a list");
        assert_eq!(ids, vec![(0, Some(1)), (1, None), (2, None), (3, Some(2))]);
        let error = rows(value("{}").expect("JSON"), |_, _| ()).expect_err("not a list");
        assert_eq!(error.to_string(), "not a list: {}");
    }

    #[test]
    fn a_value_is_found_by_the_names_that_lead_to_it() {
        let json = value(r#"{"error": {"type": "gone"}, "data": [1]}"#).expect("JSON");
        assert_eq!(at(json, &["error", "type"]).map(RawValue::get), Some("\"gone\""));
        assert_eq!(at(json, &["data", "0"]).map(RawValue::get), None);
        assert_eq!(at(json, &["error", "type", "more"]).map(RawValue::get), None);
        assert_eq!(at(json, &[]).map(RawValue::get), Some(json.get()));
    }

    #[test]
    fn what_is_not_json_is_called_what_it_is() {
        let page =
            "it is a web page (HTML), not JSON: see whether base_url is right, and what signs in or stands in between";
        for (body, problem) in [
            (&b"{\"a\": }"[..], "it is not JSON: expected value at line 1 column 7"),
            (b"\n <!DOCTYPE html><html>", page),
            (b"\xef\xbb\xbf<html>", page),
            (b"\x1f\x8b\x08\x00", "it is compressed (gzip), which was not asked for"),
            (b"", "its body is empty"),
            (b" \r\n", "its body is empty"),
        ] {
            assert_eq!(value(&repaired(body)).expect_err("not JSON").to_string(), problem);
        }
    }
}
