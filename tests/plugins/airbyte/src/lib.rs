//! Triggers an Airbyte sync, watches it, and reports truthfully how it ended: a plugin for an orchestrator. Its
//! assumptions about Airbyte are in `API.md`.
//!
//! Each call of the contract has a file: [`trigger`], [`poll`], [`cancel`], [`check`] and [`settle`]; [`descriptor`] is
//! the answer to `describe`.
//!
//! Invariants:
//!
//! - A call makes at most five requests, one of them for a token, and reads no clock: times are Airbyte's.
//! - The request that starts a job is sent once.
//! - [`Verdict::Succeeded`](plugin_guest::contract::Verdict::Succeeded) is returned in one place, [`job`], where Airbyte
//!   says `succeeded`.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod api;
pub mod api_profile;
pub mod cancel;
pub mod check;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod connection;
pub mod descriptor;
pub mod door;
pub mod job;
pub mod parameters;
pub mod poll;
pub mod report;
pub mod root;
pub mod run;
#[cfg(test)]
mod scenario;
pub mod settle;
pub mod trigger;
