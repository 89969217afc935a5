//! A run of a pipeline: the schedule, the tasks' state machines, and the rate limits of the accounts that they share.

pub(crate) mod account_polls;
pub(crate) mod due_runs;
pub(crate) mod event;
pub(crate) mod journal;
pub(crate) mod lease;
pub(crate) mod next_call;
pub(crate) mod pipeline;
pub(crate) mod rate_limit;
#[cfg(test)]
mod rate_limit_tests;
pub(crate) mod rate_limiter;
pub(crate) mod runner;
pub(crate) mod schedule;
pub(crate) mod task_run;
pub(crate) mod task_state;
pub(crate) mod wall_time;
pub(crate) mod watched_run;
