use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// The body of an answer, whole or truncated.
pub(crate) struct Payload {
    bytes: Option<Bytes>,
    announced: u64,
    cut: Cut,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The body ends with the bytes.
    Never,
    /// Once what was sent so far is on the wire.
    WhenFlushed,
    Now,
}

impl Payload {
    pub(crate) fn whole(bytes: Vec<u8>) -> Self {
        Self { announced: bytes.len() as u64, bytes: Some(bytes.into()), cut: Cut::Never }
    }

    /// Announces the whole length (at least 1) and sends half of the bytes.
    pub(crate) fn truncated(mut bytes: Vec<u8>) -> Self {
        let announced = bytes.len().max(1) as u64;
        bytes.truncate(bytes.len() / 2);
        Self { announced, bytes: Some(bytes.into()), cut: Cut::WhenFlushed }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.bytes.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.cut {
            Cut::Never => Poll::Ready(None),
            Cut::WhenFlushed => {
                // An immediate error would take the bytes with it: hyper writes them while the body is pending.
                self.cut = Cut::Now;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Cut::Now => Poll::Ready(Some(Err(io::Error::other("the answer is cut here on purpose")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.cut == Cut::Never && self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
