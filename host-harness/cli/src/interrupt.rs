//! Interrupts: Ctrl-C (SIGINT), and SIGTERM and SIGHUP, by which a system or a terminal that closes ends a program.
//!
//! They are handled from the start of the program, since process 1 of a container has no default of its own. Until a run may have
//! been started, the first ends the program at once; from then on they are counted, and what they mean is the command's to say.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::exit::Exit;

/// Counts the user's interrupts, once they are to be [counted](Self::count).
#[derive(Clone, Debug)]
pub(crate) struct Interrupts {
    counted: Arc<AtomicBool>,
    seen: watch::Receiver<u32>,
}

impl Interrupts {
    /// Handles them from here on.
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
            // Without signals there is no interrupt to wait for, and the count must not be closed.
            std::future::pending::<()>().await;
        });
        Self { counted, seen }
    }

    /// From here on an interrupt no longer ends the program: a run may be started, or goes on.
    pub(crate) fn count(&self) {
        self.counted.store(true, Ordering::SeqCst);
    }

    /// Whether there was one.
    pub(crate) fn any(&self) -> bool {
        *self.seen.borrow() > 0
    }

    /// Returns at the `count`th.
    pub(crate) async fn reach(mut self, count: u32) {
        _ = self.seen.wait_for(|seen| *seen >= count).await;
    }
}

/// Makes a write to a file that may grow no more an error (`ulimit -f`), where a signal would end the program, and a run be lost.
#[cfg(unix)]
fn let_writes_fail() {
    // SAFETY: to ignore a signal runs no code of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// Each signal that interrupts, as it comes.
#[cfg(unix)]
fn signals() -> tokio::sync::mpsc::UnboundedReceiver<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    let hangup = (!is_ignored(SignalKind::hangup())).then_some(SignalKind::hangup());
    for kind in [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup) {
        // What cannot be handled keeps the system's default, which ends the program.
        let Ok(mut signal) = signal(kind) else { continue };
        let sender = sender.clone();
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(()).is_ok() {} });
    }
    received
}

/// Whether a signal was ignored when the program was started, as `nohup` ignores SIGHUP: then it stays so.
#[cfg(unix)]
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: with no new action `sigaction` changes nothing, and it fills in the old one where it returns 0.
    unsafe {
        libc::sigaction(kind.as_raw_value(), std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Each Ctrl-C.
#[cfg(not(unix))]
fn signals() -> tokio::sync::mpsc::UnboundedReceiver<()> {
    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {} });
    received
}
