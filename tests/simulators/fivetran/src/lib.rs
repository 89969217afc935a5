//! A simulator of the part of the [Fivetran REST API](https://fivetran.com/docs/rest-api) that starts syncs and watches
//! them, served over real HTTP on the loopback address: for end-to-end tests, for demos and for trying things by hand.
//!
//! The core is pure: an [`Account`] holds connections, is told the time and answers parsed requests. Only the
//! [`Simulator`] knows sockets and a clock.
//!
//! ```
//! use std::time::Duration;
//! use fivetran_simulator::{Account, Plan, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let mut account = Account::new("a-key", "a-secret");
//! account.connection("speak_inexpensive").plan(Plan::fails("reconnect the source").lasting(Duration::from_mins(1)));
//!
//! let simulator = Simulator::start(account, 0).await?;
//! // ... drive a client against `simulator.url()` ...
//! simulator.advance(Duration::from_mins(1));
//! assert_eq!(simulator.with(|account| account.connection("speak_inexpensive").started()), 0);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod connection;
pub mod demo_account;
mod plan;

pub use account::Account;
pub use connection::{Connection, SetupState};
pub use plan::Plan;

/// A served account.
pub type Simulator = tool_simulator::Simulator<Account>;
