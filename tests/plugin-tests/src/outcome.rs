//! Outcomes of calls, each as the test expects it. Any other ends the test, with the requests of the call and what it wrote.

use std::fmt::Debug;

use host_harness::contract::{Finished, Progress, Running, TaskError};
use host_harness::{Call, CallError};

/// The progress of a call that says the run goes on.
#[track_caller]
pub fn running(call: Call<Progress>) -> Running {
    match call.outcome {
        Ok(Progress::Running(running)) => running,
        _ => panic!("not running: {}", told(&call)),
    }
}

/// The end of a call that says the run has ended.
#[track_caller]
pub fn finished(call: Call<Progress>) -> Finished {
    match call.outcome {
        Ok(Progress::Finished(finished)) => finished,
        _ => panic!("not finished: {}", told(&call)),
    }
}

/// The error that the plugin answered with.
#[track_caller]
pub fn refused<T: Debug>(call: Call<T>) -> TaskError {
    match call.outcome {
        Err(CallError::Task(error)) => error,
        _ => panic!("no error of the plugin: {}", told(&call)),
    }
}

fn told<T: Debug>(call: &Call<T>) -> String {
    format!("{:?}\n{:?}\n{:?}\n{}", call.outcome, call.requests, call.denied, call.stderr)
}
