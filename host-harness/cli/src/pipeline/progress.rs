//! Progress lines: one for each event of a task.

use std::time::Duration;

use host_harness::pipeline::What;

use crate::terminal::{mark, unmarked};

/// The line for an event of a task.
pub(crate) fn line(task: &str, what: &What<'_>) -> String {
    let said = match what {
        What::Intended { attempt: 1 } => "starting".to_owned(),
        What::Intended { attempt } => format!("starting, attempt {attempt}"),
        What::Running(report) => report.message.clone(),
        What::Queued { ahead: 0, wait } => format!("waiting {} for the account's rate limit", time(*wait)),
        What::Queued { ahead, .. } => format!("waiting for the account's rate limit, {ahead} ahead of it"),
        What::Stalled { error, wait } => format!("{error}; retrying the write in {}", time(*wait)),
        What::Unwritten { .. } => "its run could not be stored; poll it by hand with the line below".to_owned(),
        What::Retrying { error, wait } => format!("{error}; trying again in {}", time(*wait)),
        What::Unsettled { error, wait } => format!("{error}; settling it in {}", time(*wait)),
        What::Cancelling => "asking the tool to stop the run; Ctrl-C again to leave at once".to_owned(),
        What::NotOurs { error } => (*error).to_owned(),
        What::Ended { outcome, message } => {
            let message = unmarked(message);
            return format!("{task}: {}: {message}", mark(&outcome.as_str().replace('_', " ")));
        }
        What::Left { error: None } => "left as it stands: `host-harness resume` goes on with it".to_owned(),
        What::Left { error: Some(error) } => {
            format!("{error}; left as it stands: fix that, and `host-harness resume` goes on with it")
        }
    };
    format!("{task}: {}", unmarked(&said))
}

fn time(time: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(time.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)))
}
