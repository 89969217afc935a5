//! Response body pieces: gathered, and with secrets redacted.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use wasmtime_wasi_http::Error;

use crate::egress::response_redaction::ResponseRedactor;

/// The size from which a piece is passed on, in bytes.
const ENOUGH: usize = 8 << 10;
/// How long a smaller piece waits for more: too short to be noticed, and long enough that a peer which sends single
/// bytes as fast as it can costs the plugin fifty reads a second.
const HOLD: Duration = Duration::from_millis(20);

/// A response body in pieces worth reading, however small its peer cuts them.
///
/// A task of its own gathers them and looks for secrets: done in the plugin's own wait, this would count as its
/// processor time, which its peer could use up.
pub(crate) struct ResponsePieces {
    pieces: mpsc::Receiver<Piece>,
    ended: bool,
    gathering: JoinHandle<()>,
}

/// A frame, an error, or the end.
type Piece = Option<Result<Frame<Bytes>, Error>>;

impl ResponsePieces {
    /// The response as the plugin gets it.
    pub(crate) fn response(
        response: Response<impl Body<Data = Bytes, Error = Error> + Send + Unpin + 'static>,
        echo: ResponseRedactor,
    ) -> Response<Self> {
        let (mut head, body) = response.into_parts();
        echo.headers(&mut head.headers);
        Response::from_parts(head, Self::new(body, echo))
    }

    fn new(body: impl Body<Data = Bytes, Error = Error> + Send + Unpin + 'static, echo: ResponseRedactor) -> Self {
        let (sender, pieces) = mpsc::channel(1);
        let gathering = tokio::spawn(async move {
            // An error means that nobody reads the body any more.
            _ = gather(body, echo, &sender).await;
        });
        Self { pieces, ended: false, gathering }
    }
}

/// Passes on the pieces of a body and its end.
async fn gather(
    mut body: impl Body<Data = Bytes, Error = Error> + Unpin,
    mut echo: ResponseRedactor,
    pieces: &mpsc::Sender<Piece>,
) -> Result<(), SendError<Piece>> {
    loop {
        let (data, behind) = piece(&mut body).await;
        hand_over(echo.pass(data), pieces).await?;
        let Some(mut behind) = behind else { continue };
        // If the body broke off, the bytes held back are dropped.
        if !matches!(behind, Some(Err(_))) {
            hand_over(echo.rest(), pieces).await?;
        }
        if let Some(trailers) = behind.as_mut().and_then(|frame| frame.as_mut().ok()?.trailers_mut()) {
            echo.headers(trailers);
        }
        let is_last = !matches!(behind, Some(Ok(_)));
        pieces.send(behind).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// Passes on bytes, if there are any.
async fn hand_over(data: Bytes, pieces: &mpsc::Sender<Piece>) -> Result<(), SendError<Piece>> {
    if data.is_empty() { Ok(()) } else { pieces.send(Some(Ok(Frame::data(data)))).await }
}

/// The next bytes, and the frame, error or end that followed them.
async fn piece(body: &mut (impl Body<Data = Bytes, Error = Error> + Unpin)) -> (Bytes, Option<Piece>) {
    let mut gathered = Vec::new();
    let mut hold = pin!(sleep(HOLD));
    while gathered.len() < ENOUGH {
        let next = tokio::select! {
            biased;
            next = body.frame() => next,
            () = &mut hold, if !gathered.is_empty() => break,
        };
        let data = match next {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => data,
                Err(trailers) => return (gathered.into(), Some(Some(Ok(trailers)))),
            },
            last => return (gathered.into(), Some(last)),
        };
        if gathered.is_empty() {
            if data.len() >= ENOUGH {
                return (data, None);
            }
            hold.as_mut().reset(Instant::now() + HOLD);
        }
        gathered.extend_from_slice(&data);
    }
    (gathered.into(), None)
}

impl Body for ResponsePieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // A body without a sign of its end is incomplete.
        let piece = ready!(self.pieces.poll_recv(context)).unwrap_or(Some(Err(Error::HttpResponseIncomplete)));
        self.ended = !matches!(piece, Some(Ok(_)));
        Poll::Ready(piece)
    }
}

impl Drop for ResponsePieces {
    fn drop(&mut self) {
        self.gathering.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::Future;

    use http::HeaderMap;
    use tokio::time::Sleep;

    use super::*;

    type Step = (Duration, Result<Frame<Bytes>, Error>);

    /// A body whose frames come after these delays.
    struct Timed(VecDeque<Step>, Option<Pin<Box<Sleep>>>);

    impl Body for Timed {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            let Some((wait, _)) = self.0.front() else { return Poll::Ready(None) };
            let wait = *wait;
            if !wait.is_zero() {
                let sleep = self.1.get_or_insert_with(|| Box::pin(sleep(wait)));
                ready!(sleep.as_mut().poll(context));
            }
            self.1 = None;
            Poll::Ready(self.0.pop_front().map(|(_, frame)| frame))
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "to stand beside errors")]
    fn data(bytes: &str) -> Result<Frame<Bytes>, Error> {
        Ok(Frame::data(Bytes::copy_from_slice(bytes.as_bytes())))
    }

    const AT_ONCE: Duration = Duration::ZERO;

    /// A body without secrets, gathered.
    fn gathered(body: impl Body<Data = Bytes, Error = Error> + Send + Unpin + 'static) -> ResponsePieces {
        ResponsePieces::new(body, ResponseRedactor::new(std::iter::empty()))
    }

    /// The pieces that these frames become: texts, `trailers` and errors.
    async fn handed_over(frames: impl IntoIterator<Item = Step>) -> Vec<String> {
        let mut body = gathered(Timed(frames.into_iter().collect(), None));
        let mut handed_over = Vec::new();
        while let Some(frame) = body.frame().await {
            handed_over.push(match frame.map(Frame::into_data) {
                Ok(Ok(data)) => String::from_utf8(data.to_vec()).unwrap(),
                Ok(Err(_)) => "trailers".to_owned(),
                Err(error) => error.to_string(),
            });
        }
        assert!(body.frame().await.is_none());
        handed_over
    }

    #[tokio::test]
    async fn single_bytes_are_gathered_until_there_are_enough() {
        let handed_over = handed_over((0..20_000).map(|_| (AT_ONCE, data("x")))).await;
        let sizes: Vec<_> = handed_over.iter().map(String::len).collect();
        assert_eq!(sizes, [ENOUGH, ENOUGH, 20_000 - 2 * ENOUGH]);
    }

    #[tokio::test]
    async fn bytes_that_follow_each_other_quickly_are_handed_over_together() {
        let handed_over = handed_over((0..300).map(|_| (Duration::from_millis(1), data("x")))).await;
        assert_eq!(handed_over.concat().len(), 300);
        assert!(handed_over.len() <= 100, "{}", handed_over.len());
    }

    #[tokio::test]
    async fn what_nothing_follows_for_a_while_is_handed_over() {
        let frames = [(AT_ONCE, data("ab")), (Duration::from_hours(9), data("c"))];
        let mut body = gathered(Timed(frames.into(), None));
        let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.unwrap();
        assert_eq!(frame.unwrap().unwrap().into_data().unwrap(), "ab");
    }

    #[tokio::test]
    async fn a_body_that_nobody_reads_any_more_is_let_go() {
        let (held, mut let_go) = mpsc::channel::<()>(1);
        let body = Timed([(Duration::from_hours(9), data("c"))].into(), None).map_frame(move |frame| {
            _ = &held;
            frame
        });
        drop(gathered(body));
        assert_eq!(tokio::time::timeout(Duration::from_secs(5), let_go.recv()).await, Ok(None));
    }

    #[tokio::test]
    async fn a_body_whose_end_is_not_told_is_not_whole() {
        let mut body = gathered(Timed([(Duration::from_hours(9), data("c"))].into(), None));
        body.gathering.abort();
        let frame = body.frame().await.unwrap();
        assert!(matches!(frame, Err(Error::HttpResponseIncomplete)), "{frame:?}");
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn large_pieces_and_all_that_comes_behind_stay_as_they_are() {
        let large = "x".repeat(ENOUGH);
        let trailers = || Ok(Frame::trailers(HeaderMap::new()));
        let frames = [data("a"), data(""), data("b"), trailers()].map(|frame| (AT_ONCE, frame));
        assert_eq!(handed_over(frames).await, ["ab", "trailers"]);
        let frames = [data(&large), data("b"), Err(Error::ConnectionTerminated)].map(|frame| (AT_ONCE, frame));
        let broken = Error::ConnectionTerminated.to_string();
        assert_eq!(handed_over(frames).await, [&large, "b", &broken]);
        assert_eq!(handed_over([(AT_ONCE, Err(Error::ConnectionTerminated))]).await, [broken]);
        assert_eq!(handed_over([]).await, [""; 0]);
    }
}
