//! Secret scan: keeps placeholders out of request bodies.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

use super::RequestLog;
use crate::egress::secret_injection::{check_trailers, misplaced};
use crate::secrets::placeholder::{LENGTH, Placeholder, Placeholders};
use crate::{Denial, Origin, SecretPlace};

/// A request body that breaks off before its end when it holds a placeholder. The peer is left with an incomplete
/// request, on which it does not act (RFC 9112, section 8); for the plugin the request was denied.
pub(super) struct SecretScan {
    body: WasiBody,
    scanner: Scanner,
    origin: Origin,
    request_log: RequestLog,
}

impl SecretScan {
    pub(super) fn new(body: WasiBody, placeholders: Placeholders, origin: Origin, request_log: RequestLog) -> Self {
        Self { body, scanner: Scanner { placeholders, tail: Vec::new() }, origin, request_log }
    }

    fn check(&mut self, frame: &Frame<Bytes>) -> Result<(), Denial> {
        if let Some(placeholder) = frame.data_ref().and_then(|data| self.scanner.see(data)) {
            return Err(misplaced(placeholder, SecretPlace::Body, &self.origin));
        }
        match frame.trailers_ref() {
            Some(trailers) => check_trailers(&self.scanner.placeholders, &self.origin, trailers),
            None => Ok(()),
        }
    }
}

impl Body for SecretScan {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(frame) = ready!(Pin::new(&mut this.body).poll_frame(context)).transpose()? else {
            return Poll::Ready(None);
        };
        Poll::Ready(Some(this.check(&frame).map(|()| frame).map_err(|denial| {
            this.request_log.deny(denial);
            Error::HttpRequestDenied
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Looks for placeholders in a sequence of pieces.
struct Scanner {
    placeholders: Placeholders,
    /// The end of the bytes seen: as many as an incomplete placeholder can have.
    tail: Vec<u8>,
}

impl Scanner {
    /// The placeholder that this piece completes.
    fn see(&mut self, piece: &[u8]) -> Option<&Placeholder> {
        self.tail.extend_from_slice(&piece[..piece.len().min(LENGTH - 1)]);
        let found = self.placeholders.find(&self.tail).or_else(|| self.placeholders.find(piece));
        if piece.len() >= LENGTH {
            self.tail.clear();
            self.tail.extend_from_slice(&piece[piece.len() - (LENGTH - 1)..]);
        } else {
            self.tail.drain(..self.tail.len().saturating_sub(LENGTH - 1));
        }
        found.map(|(_, placeholder)| placeholder)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http::{HeaderMap, Request};
    use http_body_util::BodyExt;
    use rustls::RootCertStore;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;
    use crate::egress::Client;
    use crate::egress::policy::grant::AddressScope;
    use crate::egress::timeouts::Timeouts;
    use crate::{Limits, Secret};

    /// A body of these frames.
    struct Frames(VecDeque<Frame<Bytes>>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            Poll::Ready(self.0.pop_front().map(Ok))
        }
    }

    /// A request with these frames, made from one placeholder: its error, the bytes that arrive, and the denials.
    async fn posted(frames: impl FnOnce(&str) -> Vec<Frame<Bytes>>) -> (Error, String, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let peer = tokio::spawn(async move {
            let mut arrived = Vec::new();
            listener.accept().await.unwrap().0.read_to_end(&mut arrived).await.unwrap();
            String::from_utf8(arrived).unwrap()
        });
        let placeholder = Placeholder::new("token", &Secret::new("hunter2")).unwrap();
        let body = Frames(frames(&placeholder.text).into()).boxed_unsync();
        let (placeholders, request_log) = ([placeholder].into_iter().collect(), RequestLog::default());
        let body = SecretScan::new(body, placeholders, url.parse().unwrap(), request_log.clone()).boxed_unsync();
        let limits = Limits::default();
        let request = Request::post(format!("{url}/")).body(body).unwrap();
        let client = Client::new(&limits, RootCertStore::empty()).unwrap();
        let sent = client.send(request, AddressScope::Internal, Timeouts::new(&limits, None, Instant::now())).await;
        let denied = request_log.close().denied.iter().map(ToString::to_string).collect();
        (sent.err().unwrap().into(), peer.await.unwrap(), denied)
    }

    #[tokio::test]
    async fn a_request_whose_body_holds_a_placeholder_is_denied_and_never_whole() {
        let frame = |text: &str| Frame::data(Bytes::copy_from_slice(text.as_bytes()));
        let (error, arrived, denied) = posted(|text| vec![frame("a="), frame(&text[..20]), frame(&text[20..])]).await;
        assert!(matches!(error, Error::HttpRequestDenied), "{error:?}");
        assert_eq!(denied.len(), 1);
        assert!(
            denied[0].starts_with("the plugin put the secret `token` into the body of a request to "),
            "{denied:?}"
        );
        assert!(!arrived.ends_with("0\r\n\r\n"), "{arrived}");
    }

    #[tokio::test]
    async fn a_request_whose_trailers_hold_a_placeholder_is_denied_and_never_whole() {
        let trailers = |text: &str| {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-sum", text.parse().unwrap());
            Frame::trailers(trailers)
        };
        let (error, arrived, denied) = posted(|text| vec![Frame::data(Bytes::from_static(b"a")), trailers(text)]).await;
        assert!(matches!(error, Error::HttpRequestDenied), "{error:?}");
        assert!(
            denied[0].starts_with("the plugin put the secret `token` into a trailer of a request to "),
            "{denied:?}"
        );
        assert!(!arrived.contains("placeholder") && !arrived.ends_with("0\r\n\r\n"), "{arrived}");
    }

    /// True if the placeholder in these pieces, each made from the same one, is found.
    fn found(pieces: impl FnOnce(&str) -> Vec<String>) -> bool {
        let placeholder = Placeholder::new("token", &Secret::new("hunter2")).unwrap();
        let text = placeholder.text.clone();
        let mut scanner = Scanner { placeholders: [placeholder].into_iter().collect(), tail: Vec::new() };
        pieces(&text).iter().any(|piece| scanner.see(piece.as_bytes()).is_some())
    }

    #[test]
    fn a_placeholder_is_found_wherever_it_is_cut() {
        for at in 0..=LENGTH {
            for around in [0, 1, 100] {
                let around = "x".repeat(around);
                assert!(
                    found(|text| vec![format!("{around}{}", &text[..at]), format!("{}{around}", &text[at..])]),
                    "{at}"
                );
            }
        }
    }

    #[test]
    fn a_placeholder_is_found_though_it_comes_byte_by_byte() {
        assert!(found(|text| format!("a placeholder {text}").chars().map(String::from).collect()));
    }

    #[test]
    fn a_body_without_a_placeholder_passes() {
        assert!(!found(|text| vec![text[..LENGTH - 1].to_owned(), "x".to_owned(), text[LENGTH - 1..].to_owned()]));
        assert!(!found(|_| vec![String::new(), "placeholder".repeat(100)]));
    }
}
