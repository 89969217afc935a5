//! Ctrl-C.

use tokio::sync::watch;

/// Counts the user's interrupts, from when it is made.
#[derive(Clone, Debug)]
pub(crate) struct Interrupts(watch::Receiver<u32>);

impl Interrupts {
    pub(crate) fn listen() -> Self {
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                sender.send_modify(|count| *count += 1);
            }
            // Without signals there is no interrupt to wait for, and the count must not be closed.
            std::future::pending::<()>().await;
        });
        Self(receiver)
    }

    /// Whether there was one.
    pub(crate) fn any(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Returns at the `count`th.
    pub(crate) async fn reach(mut self, count: u32) {
        _ = self.0.wait_for(|seen| *seen >= count).await;
    }
}
