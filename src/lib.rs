//! Triggers a Stitch sync, watches it, and reports truthfully how it ended: a plugin for an orchestrator, as a
//! `wasm32-wasip2` component that exports the interfaces of `wit/`.
//!
//! The core is pure but for one seam, [`plugin_guest::http::Http`], and runs natively. What needs the sandbox, `component`, is
//! compiled for wasm alone. The calls of the contract have a file each: [`trigger`], [`poll`],
//! [`cancel`], [`check`] and [`settle`]; [`descriptor`] is the answer to `describe`. What is Stitch's lies in [`stitch`].
//!
//! What holds everywhere:
//!
//! - A call makes at most [`page_search::MOST_LOOKS`] + 2 requests (with loads: [`loading::MOST_PAGES`] + 2), never sleeps,
//!   and reads no clock: times come from Stitch, the time that passes from what the plugin asked the host to wait, and how long
//!   an answer took from the seam, which measures it.
//! - A request that starts or stops something is sent once.
//! - [`Verdict::Succeeded`](plugin_guest::contract::Verdict::Succeeded) is said in two places, `poll` and `loading`, each with
//!   all statuses at 0 before it.

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
pub mod report;
pub mod run;
#[cfg(test)]
mod scripted;
pub mod settle;
pub mod stitch;
pub mod trigger;
pub mod watch;
