//! Repair of invalid JSON: one bad character in a string must not make the whole answer unreadable.

use alloc::borrow::Cow;
use alloc::string::String;

/// The replacement character, U+FFFD.
const REPLACEMENT: &str = "\u{fffd}";

/// Repairs what a strict parser of JSON (RFC 8259) would reject in the strings of a body.
///
/// - Invalid UTF-8 becomes U+FFFD, a byte order mark is left out, and UTF-16 with one is decoded.
/// - Within strings, a line break or a tab is escaped, any other control character and an unpaired surrogate become U+FFFD, and a
///   backslash that does not begin an escape is escaped.
/// - `NaN` and `Infinity`, which Python's `json` writes, become null.
///
/// The body is borrowed where it is valid.
pub fn repaired(body: &[u8]) -> Cow<'_, str> {
    let text = decoded(body);
    match repair(&text) {
        Some(repaired) => Cow::Owned(repaired),
        None => text,
    }
}

fn decoded(body: &[u8]) -> Cow<'_, str> {
    let utf16 = |unit: fn([u8; 2]) -> u16, body: &[u8]| {
        let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match body {
        [0xff, 0xfe, body @ ..] => Cow::Owned(utf16(u16::from_le_bytes, body)),
        [0xfe, 0xff, body @ ..] => Cow::Owned(utf16(u16::from_be_bytes, body)),
        body => String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)),
    }
}

/// The repaired text. None where it is valid.
fn repair(text: &str) -> Option<String> {
    let (bytes, mut repaired) = (text.as_bytes(), String::new());
    let (mut at, mut kept, mut in_text) = (0, 0, false);
    while let Some(skipped) =
        bytes[at..].iter().position(|byte| if in_text { is_odd(*byte) } else { b"\"NI-".contains(byte) })
    {
        at += skipped;
        let (length, replacement) = if in_text { within_text(text, at) } else { between_texts(text, at) };
        in_text ^= bytes[at] == b'"';
        if let Some(replacement) = replacement {
            repaired.push_str(&text[kept..at]);
            repaired.push_str(replacement);
            kept = at + length;
        }
        at += length;
    }
    (kept > 0).then(|| repaired + &text[kept..])
}

/// Whether a byte within a string ends it, begins an escape or is a control character.
fn is_odd(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// The length of the character or escape here within a string, in bytes, and its replacement, if it needs one.
fn within_text(text: &str, at: usize) -> (usize, Option<&'static str>) {
    let rest = &text.as_bytes()[at..];
    match rest {
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => (2, None),
        [b'\\', b'u', ..] => match (code_unit(rest), rest.get(6..).and_then(code_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, None),
            (Some(0xd800..=0xdfff), _) => (6, Some(REPLACEMENT)),
            (Some(_), _) => (6, None),
            (None, _) => (1, Some("\\\\")),
        },
        [b'\\', ..] => (1, Some("\\\\")),
        [b'\n', ..] => (1, Some("\\n")),
        [b'\r', ..] => (1, Some("\\r")),
        [b'\t', ..] => (1, Some("\\t")),
        [0..0x20, ..] => (1, Some(REPLACEMENT)),
        _ => (1, None),
    }
}

/// The same between strings, where only numbers need a replacement.
fn between_texts(text: &str, at: usize) -> (usize, Option<&'static str>) {
    let rest = &text.as_bytes()[at..];
    let number = ["NaN", "Infinity", "-Infinity"].into_iter().find(|number| rest.starts_with(number.as_bytes()));
    number.map_or((1, None), |number| (number.len(), Some("null")))
}

/// The UTF-16 code unit of an escape such as `\u00e9`.
fn code_unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    let digits = core::str::from_utf8(digits).ok()?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(body: &[u8]) -> Value {
        serde_json::from_str(&repaired(body)).expect("JSON")
    }

    #[test]
    fn what_is_well_formed_is_borrowed_as_it_is() {
        for body in [r#"{"a": "\ud83d\ude00 \u00e9 \\ud83d \" \/", "b": [1, -2.5e3, null]}"#, "", "\u{e9}", r#""\\""#] {
            assert!(matches!(repaired(body.as_bytes()), Cow::Borrowed(text) if text == body), "{body}");
        }
    }

    #[test]
    fn what_no_text_may_hold_is_replaced_in_it() {
        for (body, text) in [
            (&br#"["cut \ud83d"]"#[..], "cut \u{fffd}"),
            (br#"["\ud83d\u0041"]"#, "\u{fffd}A"),
            (br#"["\ude00\ud83d\ude00"]"#, "\u{fffd}\u{1f600}"),
            (b"[\"caf\xe9\"]", "caf\u{fffd}"),
            (b"[\"\xed\xa0\xbd\"]", "\u{fffd}\u{fffd}\u{fffd}"),
            (b"[\"a\nb\tc\rd\"]", "a\nb\tc\rd"),
            (b"[\"\x00\x1b[2J\"]", "\u{fffd}\u{fffd}[2J"),
            (br#"["C:\xampp\user\'"]"#, r"C:\xampp\user\'"),
            (br#"["\u12"]"#, r"\u12"),
            (br#"["\u+123"]"#, r"\u+123"),
            (b"[\"\\\xe9\"]", "\\\u{fffd}"),
            (b"\xef\xbb\xbf[\"a\"]", "a"),
            (b"\xff\xfe[\0\"\0\xe9\0\"\0]\0", "\u{e9}"),
            (b"\xfe\xff\0[\0\"\0\xe9\0\"\0]", "\u{e9}"),
        ] {
            assert_eq!(read(body), json!([text]), "{body:?}");
        }
    }

    #[test]
    fn the_numbers_that_json_has_not_are_null_but_within_texts() {
        let body = br#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN -Infinity"}"#;
        assert_eq!(read(body), json!({"a": null, "b": [null, null], "c": "NaN -Infinity"}));
    }

    #[test]
    fn what_is_cut_anywhere_is_repaired_without_a_panic() {
        let body = br#"{"a": "\ud83d\ude00 \u00e9 \x"#;
        for end in 0..=body.len() {
            repaired(&body[..end]);
        }
    }
}
