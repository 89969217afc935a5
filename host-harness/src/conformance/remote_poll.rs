//! Who polls a run where nothing is known of it but its text.

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
    /// The origin that plays the tool, on this machine.
    pub server: String,
    /// The run.
    pub run: String,
}

/// Another place to poll a run from: another process, or another host at least.
pub trait RemotePoll {
    /// Polls the run by what the errand says, and tells what was answered. The error says why nobody could be asked. `here` is
    /// the plugin that is examined.
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
