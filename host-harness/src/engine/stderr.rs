//! A plugin's stderr and stdout.

use std::fmt::Write;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::{Redactor, sanitize};

/// Captures stderr and stdout of one call up to a limit. Writes beyond it succeed and are only counted: a plugin must
/// not fail by its logging.
#[derive(Clone, Debug)]
pub(crate) struct Stderr {
    /// The most of it that is shown, in bytes.
    limit: usize,
    redactor: Redactor,
    caught: Arc<Mutex<Caught>>,
}

#[derive(Debug, Default)]
struct Caught {
    kept: Vec<u8>,
    written: usize,
}

impl Stderr {
    pub(crate) fn new(limit: usize, redactor: Redactor) -> Self {
        Self { limit, redactor, caught: Arc::default() }
    }

    /// The text captured so far, redacted and sanitised, with a note where some of it was dropped.
    pub(crate) fn text(&self) -> String {
        let caught = self.caught();
        let mut text = sanitize(&self.redactor.cut(&caught.kept, self.limit));
        let dropped = caught.written.saturating_sub(self.limit);
        if dropped > 0 {
            _ = writeln!(text, "\n[{dropped} more bytes were dropped]");
        }
        text
    }

    fn catch(&self, bytes: &[u8]) {
        let mut caught = self.caught();
        // A secret at the end is recognised only as a whole.
        let most = self.limit.saturating_add(self.redactor.longest());
        let room = most.saturating_sub(caught.kept.len()).min(bytes.len());
        caught.kept.extend_from_slice(&bytes[..room]);
        caught.written = caught.written.saturating_add(bytes.len());
    }

    fn caught(&self) -> MutexGuard<'_, Caught> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Stderr {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stderr {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stderr {
    async fn ready(&mut self) {}
}

impl OutputStream for Stderr {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.catch(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        // The most that a plugin may write at once, not the most that is kept.
        Ok(64 << 10)
    }
}

impl AsyncWrite for Stderr {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.catch(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_kept_as_it_is() {
        let stderr = Stderr::new(10, Redactor::default());
        stderr.clone().write(Bytes::from_static(b"12345")).unwrap();
        stderr.clone().write(Bytes::from_static(b"67890")).unwrap();
        assert_eq!(stderr.text(), "1234567890");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let stderr = Stderr::new(4, Redactor::default());
        stderr.clone().write(Bytes::from_static(b"123456")).unwrap();
        stderr.clone().write(Bytes::from_static(b"78")).unwrap();
        assert_eq!(stderr.text(), "1234\n[4 more bytes were dropped]\n");
    }

    #[test]
    fn a_secret_that_is_cut_shows_no_beginning() {
        let stderr = Stderr::new(8, Redactor::new([crate::Secret::new("hunter2-hunter2")]));
        stderr.clone().write(Bytes::from_static(b"<hunter2-hunter2>")).unwrap();
        assert_eq!(stderr.text(), "<***\n[9 more bytes were dropped]\n");
    }

    #[test]
    fn text_cut_inside_a_character_stays_text() {
        let stderr = Stderr::new(1, Redactor::default());
        stderr.clone().write(Bytes::from_static("é".as_bytes())).unwrap();
        assert_eq!(stderr.text(), "\u{fffd}\n[1 more bytes were dropped]\n");
    }
}
