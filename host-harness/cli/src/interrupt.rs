//! Interrupts: Ctrl-C (SIGINT), SIGTERM and SIGHUP.
//!
//! They are handled from the start of the program, since process 1 of a container has no default action. Until a run
//! may have been started, the first one ends the program at once; after that they are counted, and each command decides
//! what they mean.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::exit::Exit;

/// The interrupts so far, counted from [`count`](Self::count) on.
#[derive(Clone, Debug)]
pub(crate) struct Interrupts {
    counted: Arc<AtomicBool>,
    seen: watch::Receiver<u32>,
}

impl Interrupts {
    /// Handles interrupts from here on.
    pub(crate) fn listen() -> Self {
        let (sender, seen) = watch::channel(0);
        let counted = Arc::new(AtomicBool::new(false));
        let mut signals = signals();
        #[cfg(unix)]
        let_writes_fail();
        let is_counted = Arc::clone(&counted);
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if !is_counted.load(Ordering::SeqCst) {
                    _ = writeln!(io::stderr(), "interrupted");
                    std::process::exit(Exit::Interrupted as i32);
                }
                sender.send_modify(|count| *count += 1);
            }
            // Without signals nothing interrupts, and the channel of the count must stay open.
            std::future::pending::<()>().await;
        });
        Self { counted, seen }
    }

    /// Counts interrupts from here on, instead of ending the program: a run may have been started.
    pub(crate) fn count(&self) {
        self.counted.store(true, Ordering::SeqCst);
    }

    /// True if there was one.
    pub(crate) fn any(&self) -> bool {
        *self.seen.borrow() > 0
    }

    /// Waits for the `count`th.
    pub(crate) async fn reach(mut self, count: u32) {
        _ = self.seen.wait_for(|seen| *seen >= count).await;
    }
}

/// Ignores SIGXFSZ, so that a write beyond the file size limit (`ulimit -f`) is an error. The signal would end the
/// program, and a run would be lost.
#[cfg(unix)]
fn let_writes_fail() {
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// The interrupting signals, as they come.
#[cfg(unix)]
fn signals() -> tokio::sync::mpsc::UnboundedReceiver<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    let hangup = (!is_ignored(SignalKind::hangup())).then_some(SignalKind::hangup());
    for kind in [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup) {
        // A signal that cannot be handled keeps its default action, which ends the program.
        let Ok(mut signal) = signal(kind) else { continue };
        let sender = sender.clone();
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(()).is_ok() {} });
    }
    received
}

/// True if a signal was ignored when the program was started, as `nohup` ignores SIGHUP: then it stays ignored.
#[cfg(unix)]
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: with no new action `sigaction` changes nothing, and it fills in the old one where it returns 0.
    unsafe {
        libc::sigaction(kind.as_raw_value(), std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// The Ctrl-C events, as they come.
#[cfg(not(unix))]
fn signals() -> tokio::sync::mpsc::UnboundedReceiver<()> {
    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {} });
    received
}
