//! Remote polls: polling a run where nothing but its text is known.

use crate::conformance::checks::summary::Summary;
use crate::conformance::checks::verdicts::Answered;
use crate::{Arguments, Grant, Plugin, Secret};

/// A poll to make elsewhere.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The arguments, with placeholders for the secrets unless the kit exposes them.
    pub arguments: Arguments,
    /// The secrets among them, by the names of their fields.
    pub secrets: Vec<(String, Secret)>,
    /// The origin of the mock server, on this machine.
    pub server: String,
    /// The run.
    pub run: String,
}

/// A place to poll a run from that is another process, or at least another host.
pub trait RemotePoll {
    /// Makes the poll, and returns its summary. The error says why the poll could not be made. `here` is the plugin
    /// under examination.
    fn answer(&self, here: &Plugin, errand: Errand) -> impl Future<Output = Result<Summary, String>> + Send;
}

/// The same plugin, loaded by another host.
impl RemotePoll for Plugin {
    async fn answer(&self, _: &Plugin, errand: Errand) -> Result<Summary, String> {
        let grant: Grant = errand.server.parse().map_err(|error| format!("{error}"))?;
        let call = self.allow([grant.internal()]).poll(&errand.arguments, &errand.run).await;
        Ok(Summary::of(&call.outcome.map(Answered::Progress)))
    }
}
