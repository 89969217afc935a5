//! The watch of one run: a state machine that decides, and a watch loop that triggers, polls and waits.

pub(crate) mod after_start;
pub(crate) mod backoff;
pub(crate) mod clock;
pub(crate) mod poll_policy;
pub(crate) mod shutdown;
pub(crate) mod starts;
pub(crate) mod state_machine;
pub(crate) mod trigger_record;
pub(crate) mod watch_loop;
pub(crate) mod watcher;
