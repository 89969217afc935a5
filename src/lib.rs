//! Triggers a Stitch sync, watches it, and reports truthfully how it ended: a plugin for an orchestrator, as a
//! `wasm32-wasip2` component that exports the interfaces of `wit/`.
//!
//! The core is pure except for one seam, [`plugin_guest::http::Http`], and runs natively; only `component` needs the
//! sandbox, and is compiled for wasm alone. Each call of the contract has a file: [`trigger`], [`poll`],
//! [`poll_many`], [`cancel`], [`check`] and [`settle`]; [`descriptor`] is the answer to `describe`. Stitch's API is in [`stitch`].
//!
//! Invariants:
//!
//! - A call makes at most [`page_search::MOST_LOOKS`] + 2 requests (with loads: [`loading::MOST_PAGES`] + 2; [`poll_many`]: each
//!   page of a list at most twice), never sleeps, and reads no clock: times are Stitch's, elapsed time is the sum of the requested waits, and the seam measures
//!   how long an answer took.
//! - A request that starts or stops something is sent once.
//! - [`Verdict::Succeeded`](plugin_guest::contract::Verdict::Succeeded) is returned in two places, `poll` and `loading`,
//!   each only with all statuses at 0.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod cancel;
pub mod check;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod connection;
pub mod descriptor;
pub mod loading;
#[cfg(test)]
mod odd_answers;
pub mod pace;
pub mod page_search;
pub mod parameters;
pub mod poll;
pub mod poll_many;
pub mod report;
#[cfg(test)]
mod rhythm_tests;
pub mod run;
#[cfg(test)]
mod scripted;
pub mod settle;
pub mod stitch;
pub mod trigger;
pub mod watch;
