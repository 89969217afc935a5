//! Secrets that come back: overwritten before the plugin sees them.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::Error;
use zeroize::Zeroizing;

use crate::Secret;
use crate::placeholder::Placeholders;
use crate::secret_matcher::{SHORTEST, SecretMatcher};

/// The response with every secret in its headers, body and trailers overwritten by `*`, so that nothing changes its length.
///
/// A secret is seen in all spellings that [`SecretMatcher`] knows. Whatever else a server makes of it (a hash, a compressed
/// body, pieces) is the server's to keep, and so is a secret of less than eight bytes, which honest bodies may hold by chance.
pub(crate) fn overwrite<B>(placeholders: &Placeholders, response: Response<B>) -> Response<Overwritten<B>> {
    let echo = Echo::new(placeholders.iter().map(|placeholder| placeholder.secret.clone()));
    let (mut head, body) = response.into_parts();
    echo.headers(&mut head.headers);
    Response::from_parts(head, Overwritten { body, echo, trailers: None })
}

/// A response body without secrets.
pub(crate) struct Overwritten<B> {
    body: B,
    echo: Echo,
    /// What came after the body, while the rest of the body is handed on.
    trailers: Option<Frame<Bytes>>,
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Overwritten<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if let Some(trailers) = this.trailers.take() {
            return Poll::Ready(Some(Ok(trailers)));
        }
        loop {
            let frame = ready!(Pin::new(&mut this.body).poll_frame(context)).transpose()?;
            let data = match frame.map(Frame::into_data) {
                Some(Ok(piece)) => this.echo.pass(piece),
                Some(Err(mut last)) => {
                    if let Some(trailers) = last.trailers_mut() {
                        this.echo.headers(trailers);
                    }
                    let rest = this.echo.rest();
                    if rest.is_empty() {
                        return Poll::Ready(Some(Ok(last)));
                    }
                    this.trailers = Some(last);
                    rest
                }
                None => {
                    let rest = this.echo.rest();
                    return Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))));
                }
            };
            // A piece may be held back as a whole.
            if !data.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && self.trailers.is_none() && self.echo.seen.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.echo.seen.len() as u64;
        let inner = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(held));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(held));
        }
        hint
    }
}

/// How much of a piece is looked at at once, in bytes.
const STRIDE: usize = 8 << 10;

/// Overwrites secrets in bytes that come in pieces. As much as can be of one is held back until more is known, whatever it
/// is: were it held back only where it is one, the pieces would tell a plugin which guess is right.
struct Echo {
    secrets: SecretMatcher,
    /// What is held back, as it came. As large from the beginning as it can be: growing would leave copies behind that nobody
    /// overwrites.
    seen: Zeroizing<Vec<u8>>,
    /// How many bytes at the beginning of what is held back are of a secret that began before.
    hidden: usize,
}

impl Echo {
    fn new(secrets: impl Iterator<Item = Secret>) -> Self {
        let secrets = SecretMatcher::new(secrets.filter(|secret| secret.expose().len() >= SHORTEST));
        let most = if secrets.is_empty() { 0 } else { secrets.longest() + STRIDE };
        Self { secrets, seen: Zeroizing::new(Vec::with_capacity(most)), hidden: 0 }
    }

    /// What can be shown after this piece.
    fn pass(&mut self, piece: Bytes) -> Bytes {
        if self.secrets.is_empty() {
            return piece;
        }
        let mut shown = Vec::with_capacity(piece.len() + self.seen.len());
        for part in piece.chunks(STRIDE) {
            self.seen.extend_from_slice(part);
            // Whatever begins here is whole.
            let known = (self.seen.len() + 1).saturating_sub(self.secrets.longest());
            self.show(known, &mut shown);
        }
        shown.into()
    }

    /// What is held back when nothing more comes. The beginning of a secret at its very end is shown: to overwrite it would
    /// tell a plugin that knows how a secret begins which guess goes on rightly.
    fn rest(&mut self) -> Bytes {
        let mut shown = Vec::with_capacity(self.seen.len());
        self.show(self.seen.len(), &mut shown);
        shown.into()
    }

    /// Shows so many bytes, each of which is looked at once as the beginning of a secret.
    fn show(&mut self, bytes: usize, shown: &mut Vec<u8>) {
        for at in 0..bytes {
            let end = self.secrets.end(&self.seen, at).unwrap_or_default();
            self.hidden = self.hidden.max(end);
            shown.push(if at < self.hidden { b'*' } else { self.seen[at] });
        }
        self.seen.drain(..bytes);
        self.hidden = self.hidden.saturating_sub(bytes);
    }

    fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(starred) = self.secrets.starred(value.as_bytes()) {
                *value = HeaderValue::from_bytes(&starred).unwrap_or_else(|_| HeaderValue::from_static("***"));
            }
        }
        let starred = |name: &HeaderName| self.secrets.starred(name.as_str().as_bytes());
        if headers.keys().any(|name| starred(name).is_some()) {
            let mut last = None;
            for (name, value) in std::mem::take(headers) {
                // Of several values the first alone comes with their name.
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

    use super::*;
    use crate::placeholder::Placeholder;

    /// What these pieces look like to the plugin.
    fn shown(secrets: &[&str], pieces: &[&str]) -> String {
        let mut echo = Echo::new(secrets.iter().copied().map(Secret::new));
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
        let mut echo = Echo::new([Secret::new("1234567")].into_iter());
        let piece = Bytes::from_static(b"{\"status\": 200}");
        assert_eq!(echo.pass(piece.clone()).as_ptr(), piece.as_ptr());
    }

    #[test]
    fn what_is_held_back_does_not_tell_whether_it_is_the_beginning_of_a_secret() {
        let held = |body: &str| {
            let mut echo = Echo::new([Secret::new("hunter2-hunter2")].into_iter());
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

        let (head, body) = overwrite(&placeholders, response).into_parts();
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
