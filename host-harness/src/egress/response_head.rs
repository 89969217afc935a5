//! Raw response heads, to diagnose one that cannot be read (RFC 9112, sections 4 and 5).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderName;
use zeroize::Zeroizing;

use crate::sanitize;

/// The number of bytes of a head that are kept.
const MOST: usize = 8 << 10;

/// The most characters of it that are shown.
const SHOWN: usize = 40;

/// The first bytes that came on a connection since the last request. They may echo a secret.
#[derive(Clone, Debug)]
pub(super) struct ResponseHead(Arc<Mutex<Zeroizing<Vec<u8>>>>);

impl Default for ResponseHead {
    /// At full capacity from the start: growing would leave copies behind that nobody overwrites.
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Zeroizing::new(Vec::with_capacity(MOST)))))
    }
}

impl ResponseHead {
    /// Empties it for the next request.
    pub(super) fn clear(&self) {
        self.bytes().clear();
    }

    /// Appends bytes that came.
    pub(super) fn extend(&self, bytes: &[u8]) {
        let mut head = self.bytes();
        let room = MOST - head.len();
        head.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    /// True if it keeps no more bytes.
    pub(super) fn is_full(&self) -> bool {
        self.bytes().len() == MOST
    }

    /// The reason why the head cannot be read, where it shows.
    pub(super) fn problem(&self) -> Option<String> {
        problem(&String::from_utf8_lossy(&self.bytes()))
    }

    fn bytes(&self) -> MutexGuard<'_, Zeroizing<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn problem(head: &str) -> Option<String> {
    let mut lines = head.lines();
    let status = lines.next()?;
    let code = status.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    if code.is_none_or(|code| code.len() != 3 || !code.bytes().all(|digit| digit.is_ascii_digit())) {
        return Some(format!("it begins with `{}`", shown(status)));
    }
    let mut lengths = BTreeSet::new();
    let mut is_chunked = false;
    // A line that begins with a blank continues the one before (RFC 9112, section 5.2).
    for line in lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with([' ', '\t'])) {
        let Some((name, value)) = line.split_once(':') else {
            return Some(format!("its header line `{}` has no colon", shown(line)));
        };
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Some(format!("its header `{}` has a name that is not one word", shown(name)));
        }
        if value.contains(|c: char| c.is_control() && c != '\t') {
            return Some(format!("its header `{}` holds a control character", shown(name)));
        }
        if name.eq_ignore_ascii_case("content-length") {
            lengths.insert(value.trim());
        }
        is_chunked |= name.eq_ignore_ascii_case("transfer-encoding");
    }
    if lengths.len() > 1 {
        return Some("its header `content-length` is there more than once, and not the same".to_owned());
    }
    match lengths.first() {
        Some(length) if length.parse::<u64>().is_err() => {
            Some(format!("its header `content-length` is not a number: `{}`", shown(length)))
        }
        Some(_) if is_chunked => Some("it has both a `content-length` and a `transfer-encoding`".to_owned()),
        _ => None,
    }
}

fn shown(text: &str) -> String {
    let text = sanitize(text.trim());
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_head_is_named() {
        let head = |lines: &str| problem(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n"));
        for (lines, expected) in [
            ("x-rate limit: 5", "its header `x-rate limit` has a name that is not one word"),
            ("no colon here", "its header line `no colon here` has no colon"),
            ("x-odd: a\u{1}b", "its header `x-odd` holds a control character"),
            (
                "content-length: 1\r\nContent-Length: 2",
                "its header `content-length` is there more than once, and not the same",
            ),
            ("content-length: many", "its header `content-length` is not a number: `many`"),
            (
                "content-length: 1\r\ntransfer-encoding: chunked",
                "it has both a `content-length` and a `transfer-encoding`",
            ),
        ] {
            assert_eq!(head(lines).as_deref(), Some(expected), "{lines}");
        }
        for lines in
            ["", "a: b\r\n c: d", "a:\tb\u{e9}", "content-length: 1\r\ncontent-length: 1", "transfer-encoding: chunked"]
        {
            assert_eq!(head(lines), None, "{lines}");
        }
        assert_eq!(problem("HTTP/1.1 2x0 OK\r\n").as_deref(), Some("it begins with `HTTP/1.1 2x0 OK`"));
        assert_eq!(problem("SSH-2.0-OpenSSH_9.6\r\n").as_deref(), Some("it begins with `SSH-2.0-OpenSSH_9.6`"));
        assert_eq!(problem(&"\u{1b}".repeat(50)), Some(format!("it begins with `{}…`", "\u{fffd}".repeat(40))));
        assert_eq!(problem(""), None);
    }

    #[test]
    fn no_more_is_kept_than_is_looked_at() {
        let head = ResponseHead::default();
        head.extend(&vec![b'x'; MOST - 1]);
        head.extend(b"yz");
        let kept = head.bytes().clone();
        assert_eq!((kept.len(), kept.last()), (MOST, Some(&b'y')));
        assert!(head.is_full());
        head.clear();
        assert_eq!((head.problem(), head.is_full()), (None, false));
    }
}
