//! A simulator of the part of the [Airbyte API](https://reference.airbyte.com) that starts syncs and watches them, served over
//! real HTTP on the loopback address: for end-to-end tests, for demos and for trying things by hand.
//!
//! The core is pure: an [`Account`] holds connections and their jobs, is told the time and answers parsed requests.
//!
//! ```
//! use airbyte_simulator::{Account, Plan, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let mut account = Account::new("a-token");
//! account.connection("e3b1ce92-547c-436f-b1e8-23b6936c12cd").plan(Plan::fails());
//!
//! let simulator = Simulator::start(account, 0).await?;
//! // ... drive a client against `simulator.url()` ...
//! assert!(simulator.with(|account| account.started().values().all(|started| *started == 0)));
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod connection;
pub mod demo_account;
mod job;
mod plan;

pub use account::Account;
pub use connection::Connection;
pub use job::{Job, JobType};
pub use plan::Plan;

/// A served account.
pub type Simulator = tool_simulator::Simulator<Account>;
