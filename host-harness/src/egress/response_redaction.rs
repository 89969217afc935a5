//! Response redaction: overwrites secrets that a server echoes, before the plugin sees them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::Secret;
use crate::secrets::matcher::{SHORTEST, SecretMatcher};
use crate::secrets::placeholder::Placeholders;

/// The number of bytes of a piece that are searched at once.
const STRIDE: usize = 8 << 10;

/// Overwrites every secret in the headers, the body and the trailers of a response with `*`, which keeps its length.
///
/// A secret is found in all spellings that [`SecretMatcher`] knows. Other forms (a hash, a compressed body, pieces)
/// pass, and so do secrets of less than eight bytes, which honest bodies may hold by chance.
///
/// A body comes in pieces. From each, as many bytes as a secret can have are held back until more comes, whether they
/// are of a secret or not: held back only then, they would tell a plugin which guess is right.
pub(crate) struct ResponseRedactor {
    secrets: SecretMatcher,
    /// The bytes held back, unchanged. At full capacity from the start: growing would leave copies behind that nobody
    /// overwrites.
    seen: Zeroizing<Vec<u8>>,
    /// The number of bytes at the beginning of those held back that belong to a secret which began earlier.
    hidden: usize,
}

impl ResponseRedactor {
    /// A redactor of the secrets that a call may send.
    pub(crate) fn of(placeholders: &Placeholders) -> Self {
        Self::new(placeholders.iter().map(|placeholder| placeholder.secret.clone()))
    }

    pub(super) fn new(secrets: impl Iterator<Item = Secret>) -> Self {
        let secrets = SecretMatcher::new(secrets.filter(|secret| secret.expose().len() >= SHORTEST));
        let most = if secrets.is_empty() { 0 } else { secrets.longest() + STRIDE };
        Self { secrets, seen: Zeroizing::new(Vec::with_capacity(most)), hidden: 0 }
    }

    /// The bytes that can be shown after this piece.
    pub(super) fn pass(&mut self, piece: Bytes) -> Bytes {
        if self.secrets.is_empty() {
            return piece;
        }
        let mut shown = Vec::with_capacity(piece.len() + self.seen.len());
        for part in piece.chunks(STRIDE) {
            self.seen.extend_from_slice(part);
            // A secret that begins before this is whole.
            let known = (self.seen.len() + 1).saturating_sub(self.secrets.longest());
            self.show(known, &mut shown);
        }
        shown.into()
    }

    /// The bytes held back, once no more come. The beginning of a secret at the very end is shown: overwriting it would
    /// tell a plugin that knows how a secret begins which guess continues it.
    pub(super) fn rest(&mut self) -> Bytes {
        let mut shown = Vec::with_capacity(self.seen.len());
        self.show(self.seen.len(), &mut shown);
        shown.into()
    }

    /// Shows so many bytes. Each is tried once as the beginning of a secret.
    fn show(&mut self, bytes: usize, shown: &mut Vec<u8>) {
        let before = shown.len();
        shown.extend_from_slice(&self.seen[..bytes]);
        let shown = &mut shown[before..];
        shown[..self.hidden.min(bytes)].fill(b'*');
        for at in 0..bytes {
            if let Some(end) = self.secrets.end(&self.seen, at) {
                shown[at..end.min(bytes)].fill(b'*');
                self.hidden = self.hidden.max(end);
            }
        }
        self.seen.drain(..bytes);
        self.hidden = self.hidden.saturating_sub(bytes);
    }

    /// Redacts headers or trailers, names included.
    pub(super) fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(starred) = self.secrets.starred(value.as_bytes()) {
                *value = HeaderValue::from_bytes(&starred).unwrap_or_else(|_| HeaderValue::from_static("***"));
            }
        }
        let starred = |name: &HeaderName| self.secrets.starred(name.as_str().as_bytes());
        if headers.keys().any(|name| starred(name).is_some()) {
            let mut last = None;
            for (name, value) in std::mem::take(headers) {
                // Of several values only the first comes with their name.
                last = name
                    .map(|name| starred(&name).and_then(|name| HeaderName::from_bytes(&name).ok()).unwrap_or(name))
                    .or(last);
                if let Some(name) = &last {
                    headers.append(name, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use http_body_util::{BodyExt, Full};

    use http::Response;

    use super::*;
    use crate::egress::response_pieces::ResponsePieces;
    use crate::secrets::placeholder::Placeholder;

    /// The pieces as the plugin sees them.
    fn shown(secrets: &[&str], pieces: &[&str]) -> String {
        let mut echo = ResponseRedactor::new(secrets.iter().copied().map(Secret::new));
        let mut shown = Vec::new();
        for piece in pieces {
            shown.extend(echo.pass(Bytes::copy_from_slice(piece.as_bytes())));
        }
        shown.extend(echo.rest());
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn a_secret_is_overwritten_wherever_it_is_cut() {
        let body = "no such token: hunter2-hunter2, or was it hunter2-hunt";
        let expected = "no such token: ***************, or was it hunter2-hunt";
        for at in 0..=body.len() {
            assert_eq!(shown(&["hunter2-hunter2"], &[&body[..at], &body[at..]]), expected, "{at}");
        }
        let bytes: Vec<_> = (0..body.len()).map(|at| &body[at..=at]).collect();
        assert_eq!(shown(&["hunter2-hunter2"], &bytes), expected);
    }

    #[test]
    fn a_secret_in_basic_credentials_is_overwritten_whatever_is_before_it() {
        for user in ["", "a", "ab", "abc"] {
            let credentials = STANDARD.encode(format!("{user}:hunter2-hunter2"));
            let shown = shown(&["hunter2-hunter2"], &[&credentials[..9], &credentials[9..]]);
            let left = String::from_utf8_lossy(&STANDARD_NO_PAD.decode(shown.replace('*', "")).unwrap_or_default())
                .into_owned();
            assert!(shown.contains("*****************") && !left.contains("unter"), "{shown} {left}");
        }
    }

    #[test]
    fn secrets_that_overlap_leave_nothing_behind() {
        let body = "<abcdefghijkl>";
        for at in 0..=body.len() {
            let pieces = [&body[..at], &body[at..]];
            assert_eq!(shown(&["abcdefgh", "efghijkl"], &pieces), "<************>");
            assert_eq!(shown(&["abcdefghijklm", "cdefghij"], &pieces), "<ab********kl>");
        }
        assert_eq!(shown(&["aaaaaaaa"], &["aaaaaa", "aaaaaa"]), "************");
    }

    #[test]
    fn a_short_secret_garbles_no_body() {
        assert_eq!(shown(&["1234567", ""], &["1234567"]), "1234567");
    }

    #[test]
    fn a_piece_is_handed_on_as_it_is_where_there_is_no_secret() {
        let mut echo = ResponseRedactor::new([Secret::new("1234567")].into_iter());
        let piece = Bytes::from_static(b"{\"status\": 200}");
        assert_eq!(echo.pass(piece.clone()).as_ptr(), piece.as_ptr());
    }

    #[test]
    fn what_is_held_back_does_not_tell_whether_it_is_the_beginning_of_a_secret() {
        let held = |body: &str| {
            let mut echo = ResponseRedactor::new([Secret::new("hunter2-hunter2")].into_iter());
            (echo.pass(Bytes::copy_from_slice(body.as_bytes())).len(), echo.rest().len())
        };
        assert_eq!(held("a guess: hunter2-"), held("a guess: hunter3-"));
        assert_eq!(held("h"), held("x"));
    }

    #[tokio::test]
    async fn a_secret_is_overwritten_in_headers_body_and_trailers() {
        let placeholders = [Placeholder::new("token", &Secret::new("hunter2-hunter2")).unwrap()].into_iter().collect();
        let mut headers = HeaderMap::new();
        headers.insert("x-echo", HeaderValue::from_static("Bearer hunter2-hunter2"));
        headers.insert("x-other", HeaderValue::from_static("hunter2"));
        headers.append("x-hunter2-hunter2", HeaderValue::from_static("1"));
        headers.append("x-hunter2-hunter2", HeaderValue::from_static("2"));
        let body = Full::new(Bytes::from_static(b"<hunter2-hunter2>")).map_err(|e| match e {});
        let mut response = Response::new(body.with_trailers(ready(Some(Ok(headers.clone())))));
        *response.headers_mut() = headers;

        let (head, body) = ResponsePieces::response(response, ResponseRedactor::of(&placeholders)).into_parts();
        let body = body.collect().await.unwrap();
        for headers in [&head.headers, body.trailers().unwrap()] {
            assert_eq!(headers["x-echo"], "Bearer ***************");
            assert_eq!(headers["x-other"], "hunter2");
            assert_eq!(headers.get_all("x-***************").iter().collect::<Vec<_>>(), ["1", "2"]);
            assert_eq!(headers.keys_len(), 3);
        }
        assert_eq!(body.to_bytes(), "<***************>");
    }
}
