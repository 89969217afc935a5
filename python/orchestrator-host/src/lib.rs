//! The native module of the Python package `orchestrator_host`: [`host_harness`] for an interpreter.
//!
//! Calls are made on a runtime of the process, never on Python's thread, and answer with the library's JSON documents, of which the
//! package makes dataclasses. What decides stays in the library. Only modules that know no Python are tested here: tests that do
//! are in `tests/`, since a test program would have to be linked with an interpreter.

mod outcome;
mod per_process;

#[cfg(not(test))]
mod attaching;
#[cfg(not(test))]
mod call;
#[cfg(not(test))]
mod exceptions;
#[cfg(not(test))]
mod host;
#[cfg(not(test))]
mod inputs;
#[cfg(not(test))]
mod module;
#[cfg(not(test))]
mod plugin;
#[cfg(not(test))]
mod poll_policy;
#[cfg(not(test))]
mod rate_limiter;
#[cfg(not(test))]
mod runtime;
#[cfg(not(test))]
mod secret;
#[cfg(not(test))]
mod starts;
#[cfg(not(test))]
mod task;
#[cfg(not(test))]
mod trigger_record;
#[cfg(not(test))]
mod watch;
