//! Request bodies of limited size.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::Limit;
use crate::limits::limit_signal::LimitSignal;

/// A request body that ends its call when it grows too large, and that breaks off when its call ends first: the peer
/// must not take an unfinished body for a whole one.
pub(super) struct RequestBody {
    body: WasiBody,
    limit: usize,
    left: usize,
    limit_signal: LimitSignal,
}

impl RequestBody {
    pub(super) fn new(body: WasiBody, limit: usize, limit_signal: LimitSignal) -> Self {
        Self { body, limit, left: limit, limit_signal }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(frame) = ready!(Pin::new(&mut this.body).poll_frame(context)).transpose()? else {
            return Poll::Ready(this.limit_signal.is_over().then_some(Err(Error::HttpRequestDenied)));
        };
        let size = frame.data_ref().map_or(0, Bytes::len);
        let Some(left) = this.left.checked_sub(size) else {
            this.limit_signal.note(Limit::RequestBody);
            return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(this.limit as u64)))));
        };
        this.left = left;
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::{BodyExt, Full};

    use super::*;
    use crate::Limits;

    #[tokio::test]
    async fn a_body_that_outlives_its_call_is_not_whole() {
        let limit_signal = LimitSignal::new(Arc::new(Limits::default()));
        let body = || {
            RequestBody::new(
                Full::new(Bytes::from_static(b"{}")).map_err(|e| match e {}).boxed_unsync(),
                2,
                limit_signal.clone(),
            )
        };
        assert_eq!(body().collect().await.unwrap().to_bytes(), "{}");
        limit_signal.close();
        assert!(matches!(body().collect().await, Err(Error::HttpRequestDenied)));
    }
}
