//! Triggers a Fivetran sync, watches it, and reports truthfully how it ended: a plugin for an orchestrator, small enough
//! to be the template for the next one. Its assumptions about Fivetran are in `API.md`.
//!
//! Each call of the contract has a file: [`trigger`], [`poll`], [`check`] and [`settle`]; [`descriptor`] is the answer to
//! `describe`. There is no `cancel`: Fivetran stops a sync only if its connection is paused or another sync is forced.
//!
//! Invariants:
//!
//! - A call makes one request or two, or three to settle, and a few more for a long history. It reads no clock: times are
//!   Fivetran's, and only compared with each other.
//! - The request that starts a sync is sent once, and never with force.
//! - [`Verdict::Succeeded`](plugin_guest::contract::Verdict::Succeeded) is returned in one place, [`standing`], where the
//!   history says that the sync completed, or `succeeded_at` moved and `failed_at` did not.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod account;
pub mod api;
pub mod api_profile;
pub mod check;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod connection;
pub mod descriptor;
mod envelope;
pub mod evidence;
pub mod history;
pub mod moment;
pub mod parameters;
pub mod poll;
pub mod report;
pub mod run;
#[cfg(test)]
mod scenario;
pub mod seen;
pub mod settle;
pub mod standing;
pub mod sync;
pub mod trigger;
