//! Write timeout: breaks off a connection whose peer reads nothing.

use std::future::Future;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{self, Connected};
use tokio::time::{Sleep, sleep};

use super::response_head::ResponseHead;

/// The size of the read buffer, in bytes.
const CHUNK: usize = 8 << 10;

/// A connection that breaks off when the peer takes nothing for too long, and that keeps the latest response head.
/// Without the timeout, a client that waits to write does not notice that nobody awaits the response any more, and
/// keeps the request, with the secrets in it, for ever. It is closed at once for the same reason: an orderly TLS
/// shutdown must first send what is buffered.
#[derive(Debug)]
pub(super) struct Connection<S> {
    stream: S,
    limit: Duration,
    writing: Stall,
    flushing: Stall,
    head: ResponseHead,
}

impl<S> Connection<S> {
    /// A connection with this write timeout.
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, writing: Stall::default(), flushing: Stall::default(), head: ResponseHead::default() }
    }
}

/// The timer of attempts that make no progress. It runs while one is pending.
#[derive(Debug, Default)]
struct Stall(Option<Pin<Box<Sleep>>>);

impl Stall {
    /// The attempt's result, or an error once attempts have been pending for too long.
    fn bound<T>(
        &mut self,
        limit: Duration,
        context: &mut Context<'_>,
        attempt: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if attempt.is_ready() {
            self.0 = None;
            return attempt;
        }
        ready!(self.0.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer reads nothing")))
    }
}

impl<S: connect::Connection> connect::Connection for Connection<S> {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.head.clone())
    }
}

impl<S: Read + Unpin> Read for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // Bytes after the head need not be kept.
        if self.head.is_full() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let mut bytes = [MaybeUninit::uninit(); CHUNK];
        let most = buffer.remaining().min(CHUNK);
        let mut read = ReadBuf::uninit(&mut bytes[..most]);
        ready!(Pin::new(&mut self.stream).poll_read(context, read.unfilled()))?;
        self.head.extend(read.filled());
        buffer.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: Write + Unpin> Write for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.head.clear();
        this.writing.bound(this.limit, context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, pieces);
        this.head.clear();
        this.writing.bound(this.limit, context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        this.flushing.bound(this.limit, context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Ready(closed) => Poll::Ready(closed),
            // Nothing more can be sent: dropping the stream does the rest.
            Poll::Pending => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::Instant;

    use super::*;

    /// A stream to a peer that takes nothing.
    struct Stuck;

    impl Write for Stuck {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn what_a_peer_does_not_take_is_given_up_at_the_limit() {
        let limit = Duration::from_millis(50);
        let mut stuck = Connection::new(Stuck, limit);
        let start = Instant::now();
        let written = poll_fn(|context| Pin::new(&mut stuck).poll_write(context, b"x")).await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= limit);
        let flushed = poll_fn(|context| Pin::new(&mut stuck).poll_flush(context)).await;
        assert_eq!(flushed.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn closing_waits_for_nobody() {
        let mut stuck = Connection::new(Stuck, Duration::MAX);
        assert!(poll_fn(|context| Pin::new(&mut stuck).poll_shutdown(context)).await.is_ok());
    }
}
