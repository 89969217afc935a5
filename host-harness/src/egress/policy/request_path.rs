//! Request paths, as servers may interpret them.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::secrets::sanitize::is_control_like;

/// The number of times that a path is decoded before it counts as deceptive.
const DEEPEST: usize = 4;

/// True if some server may take the path for another one, after decoding it any number of times.
///
/// RFC 3986 (section 3.3) defines only `.` and `..`. Some servers decode before they split, decode twice, know
/// `%u002e`, accept overlong UTF-8, split at backslashes, end a path at a zero, drop controls, blanks and what follows
/// a semicolon, or fold characters into ASCII.
pub(crate) fn may_lead_elsewhere(path: &str) -> bool {
    let mut path = Cow::Borrowed(path.as_bytes());
    for _ in 0..DEEPEST {
        if str::from_utf8(&path).ok().is_none_or(is_ambiguous) {
            return true;
        }
        match Cow::from(percent_decode(&path)) {
            Cow::Owned(decoded) => path = Cow::Owned(decoded),
            Cow::Borrowed(_) => return false,
        }
    }
    true
}

/// True if a path, decoded so far, can be read in more than one way.
fn is_ambiguous(path: &str) -> bool {
    path.contains(|c: char| c.is_whitespace() || is_control_like(c) || is_lookalike(c))
        || path.split('/').any(|segment| has_odd_percent_sign(segment) || begins_with_dots(segment))
}

/// True if a segment has a percent sign that neither begins a code (RFC 3986, section 2.1) nor ends the segment.
fn has_odd_percent_sign(segment: &str) -> bool {
    segment.match_indices('%').map(|(at, _)| &segment[at + 1..]).any(|behind| {
        let digits = behind.get(..2).unwrap_or("-");
        !behind.is_empty() && !digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// True if a segment is `.` or `..` once part of it is dropped: a name has a letter or a digit after its first dot.
fn begins_with_dots(segment: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let segment = segment.trim_start_matches(|c| c != '.' && !is_of_name(c));
    segment.strip_prefix('.').is_some_and(|tail| !tail.starts_with(is_of_name))
}

/// True for a backslash, and for what servers that fold characters turn into a dot, slash, backslash or percent sign:
/// by compatibility (Unicode Standard Annex 15, NFKC) or for an old code page (Windows' "best fit").
fn is_lookalike(c: char) -> bool {
    matches!(c,
        '\\' | '\u{a5}' | '\u{20a9}' | '\u{2024}'..='\u{2026}' | '\u{2044}' | '\u{2100}' | '\u{2101}' | '\u{2105}' | '\u{2106}'
        | '\u{2215}' | '\u{2216}' | '\u{29f5}' | '\u{29f8}' | '\u{29f9}' | '\u{fe19}' | '\u{fe52}' | '\u{fe68}' | '\u{fe6a}'
        | '\u{ff00}'..='\u{ff5e}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_dot_segment_is_found_however_it_is_spelled() {
        for path in [
            "/v4/..",
            "/v4/../admin",
            "/v4/./x",
            // Encoded, partly, twice, four times, and with a part of the code encoded.
            "/v4/%2e%2e/admin",
            "/v4/%2E./admin",
            "/v4/x%2f..%2f..%2fadmin",
            "/v4/%252e%252e/admin",
            "/v4/%%32%65%%32%65/admin",
            "/v4/%2525252525252e",
            // In the form of some Microsoft servers, once and twice.
            "/v4/%u002e%u002e/admin",
            "/v4/%U002E%u002E/admin",
            "/v4/%25u002e%25u002e/admin",
            // Overlong UTF-8 of two, three and four bytes, and twice.
            "/v4/%c0%ae%c0%ae/admin",
            "/v4/%c0%2e%c0%2e/admin",
            "/v4/%e0%80%ae%e0%80%ae/admin",
            "/v4/%f0%80%80%ae./admin",
            "/v4/%25c0%25ae%25c0%25ae/admin",
            "/v4/..%c0%afadmin",
            // With backslashes.
            "/v4/..\\admin",
            "/v4/..%5cadmin",
            "/v4/x%5c..%255cadmin",
            "/v4/x%c1%9c..",
            // With parameters.
            "/v4/..;/admin",
            "/v4/..;a=b/admin",
            "/v4/..%3b/admin",
            "/v4/.;x/x",
            // With characters that are dropped, or end the text.
            "/v4/.%09./admin",
            "/v4/.%0d%0a./admin",
            "/v4/%09../admin",
            "/v4/..%00",
            "/v4/..%00.html",
            "/v4/..%2500/admin",
            "/v4/..%20/admin",
            "/v4/%20../admin",
            "/v4/..+/admin",
            "/v4/+../admin",
            "/v4/..%c2%a0/admin",
            "/v4/%e2%80%8b../admin",
            "/v4/%ef%bb%bf../admin",
            "/v4/.%c2%ad./admin",
            "/v4/..%/admin",
            "/v4/%../admin",
            "/v4/%25../admin",
            "/v4/.%zz./admin",
            // With a suffix.
            "/v4/...",
            "/v4/.../admin",
            "/v4/....//admin",
            "/v4/..././admin",
            "/v4/..%2f",
            "/v4/..%2f%00",
            "/v4/..%2f%20x",
            "/v4/..%3fx",
            "/v4/..%23x",
            "/v4/..:$DATA/admin",
            "/v4/..x/admin",
            "/v4/%22..%22/admin",
            "/v4/'../admin",
            // Characters that a server may fold into dots and slashes.
            "/v4/%ef%bc%8e%ef%bc%8e/admin",
            "/v4/%e2%80%a4%e2%80%a4/admin",
            "/v4/%e2%80%a5/admin",
            "/v4/x%ef%bc%8f%2e%2e",
            "/v4/..%ef%bc%bcadmin",
            "/v4/..%c2%a5admin",
            "/v4/%ef%bc%852e%ef%bc%852e/admin",
        ] {
            assert!(may_lead_elsewhere(path), "{path}");
        }
    }

    #[test]
    fn controls_blanks_and_bytes_that_are_not_utf_8_are_read_in_many_ways() {
        for path in [
            "/v4/a%00b",
            "/v4/a%1f",
            "/v4/a%7f",
            "/v4/a%c2%85",
            "/v4/a%20b",
            "/v4/%20",
            "/v4/a%e3%80%80b",
            "/v4/a%ff",
            "/v4/caf%e9",
            "/v4/%ed%a0%80",
            "/v4/a%2500",
            "/v4/a%4",
            "/v4/a%gg",
            "/v4/a%%2e",
            "/v4/used%25used",
            "/v4/%2525+2e.",
        ] {
            assert!(may_lead_elsewhere(path), "{path}");
        }
    }

    #[test]
    fn an_ordinary_path_leads_where_it_says() {
        for path in [
            "/v4",
            "/v4/",
            "/v4//x",
            "/v4/sources/123456",
            "/v4/a.b/.well-known/.c/d..e/f.",
            "/v4/100%25",
            "/v4/caf%C3%A9/%E6%BC%A2",
            "/v4/group%2Fproject",
            "/v4/a;b=c/d,e+f=g:h@i~j_k-l!m$n&o'p(q)*",
        ] {
            assert!(!may_lead_elsewhere(path), "{path}");
        }
    }

    /// One transformation that some server applies to a path before it looks at the segments.
    type Reading = fn(Vec<u8>) -> Vec<u8>;

    const READINGS: [Reading; 14] = [
        |path| percent_decode(&path).collect(),
        |path| overlong(&path),
        |path| percent_u(&path),
        |path| path.into_iter().filter(|byte| *byte >= b' ' && *byte != 0x7f).collect(),
        |path| path.into_iter().filter(|byte| *byte != b' ').collect(),
        |path| path.into_iter().filter(|byte| *byte != b'%').collect(),
        |path| replaced(&path, "+", " "),
        |path| replaced(&path, "\\", "/"),
        |path| replaced(&path, "../", ""),
        |path| path.split(|byte| *byte == 0).next().unwrap_or_default().to_vec(),
        |path| each_segment(&path, |segment| segment.split(|byte| *byte == b';').next().unwrap_or_default()),
        |path| each_segment(&path, |segment| segment.trim_ascii()),
        |path| each_segment(&path, |segment| if segment.starts_with(b"...") { b".." } else { segment }),
        |path| folded(&path),
    ];

    /// Decodes UTF-8 of any length, overlong too.
    fn overlong(path: &[u8]) -> Vec<u8> {
        let mut read = Vec::new();
        let mut rest = path;
        while let Some((first, behind)) = rest.split_first() {
            let length = match first {
                0xc0 | 0xc1 => 1,
                0xe0 => 2,
                0xf0 => 3,
                _ => 0,
            };
            let value = behind.get(..length).map(|bytes| {
                bytes.iter().fold(u32::from(first & 1), |value, byte| value << 6 | u32::from(byte & 0x3f))
            });
            let value = value.and_then(|value| u8::try_from(value).ok());
            if let Some(value) = value.filter(|value| length > 0 && value.is_ascii()) {
                read.push(value);
                rest = &behind[length..];
            } else {
                read.push(*first);
                rest = behind;
            }
        }
        read
    }

    /// Decodes `%uXXXX` for ASCII characters.
    fn percent_u(path: &[u8]) -> Vec<u8> {
        let path = str::from_utf8(path).unwrap_or_default().to_lowercase();
        let (first, rest) = path.split_once("%u00").unwrap_or((&path, ""));
        match rest.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => format!("{first}{}{}", char::from(code), &rest[2..]).into_bytes(),
            None => path.into_bytes(),
        }
    }

    fn folded(path: &[u8]) -> Vec<u8> {
        let folds =
            [("．", "."), ("․", "."), ("‥", ".."), ("…", "..."), ("／", "/"), ("＼", "\\"), ("％", "%"), ("¥", "\\")];
        folds.iter().fold(path.to_vec(), |path, (from, to)| replaced(&path, from, to))
    }

    fn replaced(path: &[u8], from: &str, to: &str) -> Vec<u8> {
        let mut read = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            if let Some(behind) = rest.strip_prefix(from.as_bytes()) {
                read.extend_from_slice(to.as_bytes());
                rest = behind;
            } else {
                read.push(rest[0]);
                rest = &rest[1..];
            }
        }
        read
    }

    fn each_segment(path: &[u8], read: fn(&[u8]) -> &[u8]) -> Vec<u8> {
        let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').map(read).collect();
        segments.join(&b'/')
    }

    /// The segments after dot segments are resolved. A root has nothing above it.
    fn followed(path: &[u8]) -> Vec<&[u8]> {
        let mut at: Vec<&[u8]> = Vec::new();
        for segment in path.split(|byte| *byte == b'/').skip(1) {
            match segment {
                b"" | b"." => {}
                b".." => _ = at.pop(),
                segment => at.push(segment),
            }
        }
        at
    }

    /// The path, and every result of these transformations in sequence, any number of times.
    fn readings(path: &str) -> BTreeSet<Vec<u8>> {
        let mut all = BTreeSet::new();
        let mut next = vec![path.as_bytes().to_vec()];
        while let Some(path) = next.pop().filter(|_| all.len() < 1_000) {
            if all.insert(path.clone()) {
                next.extend(READINGS.iter().map(|reading| reading(path.clone())));
            }
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_path_below_another_leaves_it_under_any_lenient_reading(
            parts in prop::collection::vec(prop::sample::select(PARTS), 1..6),
        ) {
            let path = format!("/v4/{}", parts.concat());
            if !may_lead_elsewhere(&path) {
                for read in readings(&path) {
                    let shown = String::from_utf8_lossy(&read);
                    prop_assert!(followed(&read).starts_with(&[b"v4"]), "{} is read as {}", path, shown);
                }
            }
        }
    }

    /// Parts of deceptive paths, and of harmless ones around them.
    const PARTS: &[&str] = &[
        ".",
        ".",
        ".",
        "..",
        "../",
        "/..",
        "/../",
        "/",
        "/",
        "a",
        "u",
        "2e",
        "x=1",
        "+",
        ";",
        ";",
        ":",
        "~",
        "\\",
        "%",
        "%25",
        "%2e",
        "%2e",
        "%2E",
        "%2f",
        "%5c",
        "%3b",
        "%u002e",
        "%u002f",
        "%252e",
        "%252f",
        "%25u002e",
        "%2525",
        "%c0%ae",
        "%c0%af",
        "%c1%9c",
        "%e0%80%ae",
        "%f0%80%80%ae",
        "%c0",
        "%00",
        "%09",
        "%0a",
        "%20",
        "%7f",
        "%ef%bc%8e",
        "%e2%80%a4",
        "%e2%80%a5",
        "%ef%bc%8f",
        "%ef%bc%bc",
        "%ef%bc%85",
        "%c2%a5",
        "%c2%a0",
        "%c3%a9",
    ];
}
