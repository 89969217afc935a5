//! A simulator of the [Stitch Connect API](https://www.stitchdata.com/docs/developers/stitch-connect/api), served over real
//! HTTP on the loopback address: for end-to-end tests, for demos and for trying things by hand.
//!
//! The core is pure: a [`World`] holds accounts, sources and jobs, is told the time and answers parsed requests. Around it
//! a [`Service`] records requests and injects what a test asks for beyond the documentation: faults, hooks and rewritten
//! answers. Only the [`Simulator`] knows sockets.
//!
//! ```
//! use std::time::Duration;
//! use stitch_simulator::{Phase, Plan, Route, Simulator, World};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let mut world = World::new();
//! let account = world.account(116_078, "an-access-token");
//! account.with_sources((0..250).map(|n| 100_000 + 37 * n));
//! account.source(120_643).plan(Plan::fails(Phase::Tap, 1, "401 from the source"));
//!
//! let simulator = Simulator::start(world).await?;
//! // ... drive a client against `simulator.url()` ...
//! simulator.advance(Duration::from_mins(1));
//! assert_eq!(simulator.count(Route::StartJob), 0);
//! assert!(!simulator.budget(116_078).is_exceeded());
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod access_token;
mod account;
mod answer;
mod budget;
mod clock;
pub mod demo_world;
pub mod departures;
mod error_body;
mod extractions;
mod fault;
mod hook;
mod id;
mod job;
mod job_name;
mod loads;
mod page;
mod payload;
mod plan;
mod recorded_request;
mod request;
mod route;
mod schedule;
mod server;
mod service;
mod simulator;
mod source;
mod stream;
mod world;

pub use access_token::AccessToken;
pub use account::Account;
pub use answer::{Answer, Body};
pub use budget::Budget;
pub use clock::Clock;
pub use error_body::ErrorBody;
pub use fault::{Delivery, Fault};
pub use id::{ClientId, SourceId};
pub use job::Job;
pub use job_name::JobName;
pub use plan::{Phase, Plan};
pub use recorded_request::RecordedRequest;
pub use request::Request;
pub use route::{Route, Target};
pub use service::{Reply, Service};
pub use simulator::Simulator;
pub use source::{AlreadyRunning, Source};
pub use stream::{Loading, Stream, load_error_state};
pub use world::World;
