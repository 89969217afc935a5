//! Response bodies of limited size and time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;
use wasmtime_wasi_http::Error;

use crate::egress::error_code;
use crate::egress::timeouts::Timeouts;

/// A response body with limits for its size, for the silence between two pieces and for its time.
pub(crate) struct ResponseBody {
    incoming: Incoming,
    limit: usize,
    left: usize,
    idle: Duration,
    /// Runs only while the peer is awaited, so that a slow reader is not held against the peer.
    silence: Option<Pin<Box<Sleep>>>,
    /// The time by which the whole body must have come, however steadily it comes.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl ResponseBody {
    /// Rejects at once a body whose announced size is above the limit.
    pub(crate) fn new(incoming: Incoming, limit: usize, times: Timeouts) -> Result<Self, Error> {
        let deadline = times.deadline.map(|deadline| Box::pin(tokio::time::sleep_until(deadline)));
        let body = Self { incoming, limit, left: limit, idle: times.idle, silence: None, deadline };
        if body.incoming.size_hint().lower() > limit as u64 {
            return Err(body.too_large());
        }
        Ok(body)
    }

    fn too_large(&self) -> Error {
        Error::HttpResponseBodySize(Some(self.limit as u64))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(Error::HttpResponseTimeout)));
        }
        let Poll::Ready(frame) = Pin::new(&mut this.incoming).poll_frame(context) else {
            let idle = this.idle;
            let silence = this.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
            ready!(silence.as_mut().poll(context));
            return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
        };
        this.silence = None;
        Poll::Ready(frame.map(|frame| {
            let frame = frame.map_err(|error| error_code::body(&error))?;
            let size = frame.data_ref().map_or(0, Bytes::len);
            this.left = this.left.checked_sub(size).ok_or_else(|| this.too_large())?;
            Ok(frame)
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
