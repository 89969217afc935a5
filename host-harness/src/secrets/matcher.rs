//! Secret matching: finds secrets in text, for redaction and for refusals.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::Secret;
use crate::secrets::escapes::{self, Unit};

/// The shortest secret, in bytes, that is searched where a chance match would do harm: in response bodies, runs and
/// host names. It is also the least length of a secret's line, and of a piece of base64.
pub(crate) const SHORTEST: usize = 8;

/// A matcher of secrets in text.
///
/// A secret is matched after the escapes of JSON, HTML and URLs are undone, nested ones too; in upper and lower case,
/// since host names change it; in UTF-8, in Latin-1, and where one was read as the other; in base64, alone or inside
/// something longer; and by each of its lines.
#[derive(Clone)]
pub(crate) struct SecretMatcher(Arc<Search>);

struct Search {
    spellings: Vec<Secret>,
    beginnings: Beginnings,
    longest: usize,
}

/// The pairs of bytes that a match may begin with, which are few: all else is passed over without a look at any spelling.
struct Beginnings {
    /// For each first byte in ASCII, a bit for each second one.
    ascii: [u128; 128],
    /// Whether a match may begin outside of ASCII, where the encodings differ.
    others: bool,
}

impl SecretMatcher {
    /// Builds a matcher of these secrets. Empty secrets match nowhere.
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let spellings = secrets.into_iter().flat_map(|secret| spellings(&secret));
        Self::of(spellings.filter(|spelling| !spelling.expose().is_empty()).collect())
    }

    /// Matches the secrets of both.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self::of(self.0.spellings.iter().chain(&other.0.spellings).cloned().collect())
    }

    fn of(mut spellings: Vec<Secret>) -> Self {
        spellings.sort_by(|one, other| one.expose().cmp(other.expose()));
        spellings.dedup_by(|one, other| one.expose() == other.expose());
        let beginnings = Beginnings::of(&spellings);
        let longest = spellings.iter().map(|spelling| spelling.expose().len()).max().unwrap_or_default();
        Self(Arc::new(Search { spellings, beginnings, longest: longest * escapes::LONGEST }))
    }

    /// True if it has no secrets to match.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.spellings.is_empty()
    }

    /// The most bytes that a match can cover.
    pub(crate) fn longest(&self) -> usize {
        self.0.longest
    }

    /// The end of the longest match that begins at this position.
    #[inline]
    pub(crate) fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let (first, second) = (*text.get(at)?, text.get(at + 1).copied());
        if self.0.beginnings.may_be(first, second) { self.longest_match(text, at) } else { None }
    }

    /// As [`end`](Self::end), for the few positions at which a match may begin.
    #[inline(never)]
    fn longest_match(&self, text: &[u8], at: usize) -> Option<usize> {
        self.0.spellings.iter().filter_map(|spelling| end(spelling.expose().as_bytes(), text, at)).max()
    }

    /// The first range, from this position on, that matches cover: one match, or several that overlap.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let (start, mut end) = (from..text.len()).find_map(|at| Some((at, self.end(text, at)?)))?;
        let mut at = start + 1;
        while at < end {
            end = end.max(self.end(text, at).unwrap_or_default());
            at += 1;
        }
        Some(start..end)
    }

    /// All such ranges, in order.
    pub(crate) fn all<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.find(text, from)?;
            from = found.end;
            Some(found)
        })
    }

    /// True if a secret is in the text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.find(text.as_bytes(), 0).is_some()
    }

    /// The text with each byte of a secret replaced by `*`. None where no secret is in it.
    pub(crate) fn starred(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut starred = None;
        for found in self.all(text) {
            starred.get_or_insert_with(|| text.to_vec())[found].fill(b'*');
        }
        starred
    }
}

impl Beginnings {
    fn of(spellings: &[Secret]) -> Self {
        let mut ascii = [0; 128];
        let mut others = false;
        for spelling in spellings {
            let (first, second) = match *spelling.expose().as_bytes() {
                [first, second, ..] => (first, second),
                [first] => (first, 0),
                [] => continue,
            };
            let may_follow = if spelling.expose().len() > 1 { bit(second) | ESCAPED } else { u128::MAX };
            for first in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                match ascii.get_mut(usize::from(first)) {
                    Some(seconds) => *seconds |= may_follow,
                    None => others = true,
                }
            }
        }
        if !spellings.is_empty() {
            for first in (0..=0x7f).filter(|first| escapes::may_begin(*first)) {
                ascii[usize::from(first)] = u128::MAX;
            }
        }
        Self { ascii, others }
    }

    /// True if a match may begin with this byte, before that one.
    #[inline]
    fn may_be(&self, first: u8, second: Option<u8>) -> bool {
        match self.ascii.get(usize::from(first)) {
            None => self.others,
            Some(seconds) => match second {
                Some(second) if second.is_ascii() => (seconds >> second) & 1 == 1,
                _ => *seconds != 0,
            },
        }
    }
}

/// What may stand for any character: the beginnings of escapes, and the plus that stands for a blank.
const ESCAPED: u128 = (1 << b'\\') | (1 << b'%') | (1 << b'&') | (1 << b'+');

/// The bits of a letter, small and large. None outside of ASCII.
fn bit(byte: u8) -> u128 {
    if byte.is_ascii() { (1 << byte.to_ascii_lowercase()) | (1 << byte.to_ascii_uppercase()) } else { 0 }
}

impl fmt::Debug for SecretMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretMatcher").field("spellings", &self.0.spellings.len()).finish_non_exhaustive()
    }
}

/// The end of a spelling that begins at this position. All readings advance together, so the work grows with the text's
/// length only.
fn end(spelling: &[u8], text: &[u8], at: usize) -> Option<usize> {
    // Fast path: the first characters almost always decide, without an escape.
    let is_plain =
        |(known, byte): &(&u8, &u8)| known.eq_ignore_ascii_case(byte) && byte.is_ascii() && !escapes::may_begin(**byte);
    let plain = spelling.iter().zip(&text[at..]).take_while(is_plain).count();
    if plain == spelling.len() {
        return Some(at + plain);
    }
    let next = *text.get(at + plain)?;
    if next.is_ascii() && next != b'+' && !escapes::may_begin(next) {
        return None;
    }
    let mut open = vec![(plain, at + plain)];
    let mut seen = BTreeSet::new();
    let mut end = None;
    while let Some((known, at)) = open.pop() {
        let rest = &spelling[known..];
        if rest.is_empty() {
            end = end.max(Some(at));
            continue;
        }
        for (unit, next) in escapes::readings(text, at) {
            let read = lengths(rest, unit).into_iter().flatten().map(|length| (known + length, next));
            open.extend(read.filter(|state| seen.insert(*state)));
        }
    }
    end
}

/// The numbers of bytes of the secret's rest that the unit may stand for.
fn lengths(rest: &[u8], unit: Unit) -> [Option<usize>; 2] {
    let first = rest[0];
    let as_utf8 = |character: char| {
        let mut bytes = [0; 4];
        let bytes = character.encode_utf8(&mut bytes).as_bytes();
        rest.get(..bytes.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(bytes)).then_some(bytes.len())
    };
    match unit {
        // Form encoding writes a blank as a plus.
        Unit::Byte(b'+') if first == b' ' => [Some(1), None],
        Unit::Byte(byte) if byte.is_ascii() => [byte.eq_ignore_ascii_case(&first).then_some(1), None],
        // A byte of UTF-8, or a whole character in Latin-1.
        Unit::Byte(byte) => [(byte == first).then_some(1), as_utf8(char::from(byte))],
        // Latin-1 that was read as UTF-8, so the character is lost.
        Unit::Char(char::REPLACEMENT_CHARACTER) if !first.is_ascii() => [
            as_utf8(char::REPLACEMENT_CHARACTER),
            rest.utf8_chunks().next().and_then(|chunk| Some(chunk.valid().chars().next()?.len_utf8())),
        ],
        // The character itself, or a byte of UTF-8 that was read as Latin-1.
        Unit::Char(character) => [
            as_utf8(character),
            u8::try_from(character).ok().filter(|byte| !byte.is_ascii() && *byte == first).map(|_| 1),
        ],
    }
}

/// All spellings of a secret, before escapes.
fn spellings(secret: &Secret) -> Vec<Secret> {
    let text = secret.expose();
    // The boundary lines of RFC 7468 are public.
    let is_secret = |line: &&str| line.trim().len() >= SHORTEST && !line.starts_with("-----");
    let lines = text.lines().filter(is_secret).map(Secret::new).filter(|_| text.contains('\n'));
    let engines = [STANDARD_NO_PAD, URL_SAFE_NO_PAD].into_iter();
    let base64 = engines.flat_map(|engine| (0..3).map(move |before| in_base64(&engine, before, text)));
    let base64 = base64.filter(|piece| piece.expose().len() >= SHORTEST);
    [secret.clone()].into_iter().chain(lines).chain(base64).collect()
}

/// The base64 characters that the text alone decides, when it follows so many bytes (modulo 3) of something else.
fn in_base64(engine: &impl Engine, before: usize, text: &str) -> Secret {
    let mut bytes = Zeroizing::new(vec![0; before + text.len()]);
    bytes[before..].copy_from_slice(text.as_bytes());
    let encoded = Zeroizing::new(engine.encode(&*bytes));
    // A base64 character holds six bits.
    Secret::new(encoded.get((before * 8).div_ceil(6)..bytes.len() * 8 / 6).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn matcher(secrets: &[&str]) -> SecretMatcher {
        SecretMatcher::new(secrets.iter().copied().map(Secret::new))
    }

    /// The text with its secrets starred.
    fn starred(secrets: &[&str], text: &str) -> String {
        let shown = matcher(secrets).starred(text.as_bytes());
        shown.map_or_else(|| text.to_owned(), |shown| String::from_utf8_lossy(&shown).into_owned())
    }

    /// True if nothing of the text is left.
    fn is_hidden(secret: &str, text: &[u8]) -> bool {
        matcher(&[secret]).starred(text).is_some_and(|shown| shown.iter().all(|byte| *byte == b'*'))
    }

    #[test]
    fn the_escapes_of_common_servers_hide_no_secret() {
        for (secret, text) in [
            ("tok/3b1f", r"tok\/3b1f"),
            ("tok/3b1f", r"tok\\\/3b1f"),
            ("tok/3b1f==", r"tok/3b1f\u003d\u003D"),
            ("tok+3b1f", r"tok\u002B3b1f"),
            ("tok&3b1f", "tok&amp;3b1f"),
            ("tok&3b1f", "tok&amp;amp;3b1f"),
            ("tok&3b1f", r"tok\u0026amp;3b1f"),
            ("tok=3b1f", "tok&#x3D;3b1f"),
            ("tok=3b1f", "tok&#61;3b1f"),
            ("tok/3b1f", "tok%2f3b1f"),
            ("tok/3b1f", "tok%252F3b1f"),
            ("tok 3b1f", "tok+3b1f"),
            ("tok\"3b1f", r#"tok\"3b1f"#),
            ("tok\\3b1f", r"tok\\3b1f"),
            ("tok\\3b1f", r"tok\3b1f"),
            ("tok/3b1f", r"\u0074\u006f\u006B\u002f\u0033\u0062\u0031\u0066"),
            ("Tok-3b1f", "tOK-3B1F"),
        ] {
            assert!(is_hidden(secret, text.as_bytes()), "{secret} {text} {}", starred(&[secret], text));
        }
    }

    #[test]
    fn letters_outside_of_ascii_are_known_in_each_encoding() {
        let secret = "pass-wört-é";
        let latin_1: Vec<u8> = secret.chars().map(|c| u8::try_from(c).unwrap()).collect();
        assert!(is_hidden(secret, &latin_1));
        let taken_for_latin_1: String = secret.bytes().map(char::from).collect();
        assert!(is_hidden(secret, taken_for_latin_1.as_bytes()), "{taken_for_latin_1}");
        assert!(is_hidden(secret, String::from_utf8_lossy(&latin_1).as_bytes()));
        for text in [
            "pass-w%C3%B6rt-%c3%a9",
            "pass-w%F6rt-%e9",
            r"pass-w\u00f6rt-\u00E9",
            r"pass-w\u00c3\u00b6rt-\u00c3\u00a9",
            "pass-w&#246;rt-é",
        ] {
            assert!(is_hidden(secret, text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn secrets_that_overlap_are_covered_whole() {
        assert_eq!(starred(&["abcdefgh", "efghijkl"], "<abcdefghijkl>"), "<************>");
        assert_eq!(starred(&["abcdefghijklm", "cdefghij"], "<abcdefghijkl>"), "<ab********kl>");
        assert_eq!(starred(&["aaaaaaaa"], "<aaaaaaaaaaaa>"), "<************>");
    }

    #[test]
    fn each_line_of_a_secret_is_one_and_the_boundaries_of_pem_are_not() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nxyz=\n-----END PRIVATE KEY-----";
        assert_eq!(starred(&[key], "at hkiG9w0BAQEFAASC, xyz="), "at ****************, xyz=");
        assert_eq!(starred(&[key], "no -----BEGIN PRIVATE KEY-----"), "no -----BEGIN PRIVATE KEY-----");
        assert!(is_hidden(key, key.replace('\n', "\\n").as_bytes()));
        assert!(is_hidden(key, key.replace('\n', "%0A").as_bytes()));
    }

    #[test]
    fn base64_is_known_whatever_is_around_it_and_however_it_is_escaped() {
        let secret = "never-to-be-shown~~~???";
        for (before, after) in [("", ""), ("a", ":"), ("ab", "xy"), ("user:", "")] {
            let text = STANDARD.encode(format!("{before}{secret}{after}"));
            for text in [text.clone(), text.replace('/', "\\/"), text.replace('/', "%2F").replace('+', "%2B")] {
                let left = starred(&[secret], &text).replace('*', "");
                assert!(left.len() <= (before.len() + after.len()) * 2 + 4, "{text} {left}");
            }
        }
    }

    #[test]
    fn text_without_a_secret_stays_as_it_is() {
        for text in ["", "\\", "%", "&", "tok", "tok\\", "tok/3b1", "\\u0074ok", "é\u{fffd}"] {
            assert_eq!(matcher(&["tok/3b1f", ""]).starred(text.as_bytes()), None, "{text}");
        }
        assert!(matcher(&[""]).is_empty());
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", matcher(&["abc"])), "SecretMatcher { spellings: 1, .. }");
    }

    /// The character in one of its escaped forms.
    fn escaped(character: char, way: u8) -> String {
        match way {
            1 => format!("\\u{:04x}", u32::from(character)),
            2 => format!("&#x{:X};", u32::from(character)),
            3 => format!("&#{};", u32::from(character)),
            4 => format!("%{:02X}", u32::from(character)),
            5 => format!("%25{:02x}", u32::from(character)),
            6 => format!("\\\\u{:04X}", u32::from(character)),
            7 if "\"\\/".contains(character) => format!("\\{character}"),
            _ => character.to_string(),
        }
    }

    proptest! {
        #[test]
        fn a_secret_is_hidden_with_any_of_its_characters_escaped_in_any_way(
            secret in "[!-~]{8,40}",
            ways in proptest::collection::vec(0u8..8, 40),
            around in "[ -~]{0,6}",
        ) {
            let text: String = secret.chars().zip(ways).map(|(character, way)| escaped(character, way)).collect();
            let found = matcher(&[&secret]).starred(format!("{around}{text}").as_bytes()).unwrap();
            prop_assert!(found[around.len()..].iter().all(|byte| *byte == b'*'), "{}", String::from_utf8_lossy(&found));
        }

        #[test]
        fn no_bytes_at_all_make_it_panic(secret in "\\PC{1,12}", text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let matcher = matcher(&[&secret]);
            _ = matcher.starred(&text);
            _ = matcher.starred(&[&text, secret.as_bytes()].concat());
        }
    }
}
