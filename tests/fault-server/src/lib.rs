//! A server on loopback that misbehaves as told, over plain TCP and over TLS, and counts what reaches it.
//!
//! A [`Server`] does one [`Fault`] to every connection. It writes its bytes itself, as no HTTP library would send most of
//! them. What it counts shows whether a client sent a request twice or left a connection open.
//!
//! ```
//! use fault_server::{Fault, Server};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let server = Server::tls(Fault::MuteAfterRequest).await?;
//! // ... send a POST to `server.url()` with a client that trusts `fault_server::authority_pem()` ...
//! assert_eq!(server.counts().posts, 0);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod authority;
mod bomb;
mod connection;
mod counts;
mod fault;
mod request;
mod server;

pub use authority::authority_pem;
pub use bomb::GZIP_BOMB_BYTES;
pub use counts::Counts;
pub use fault::Fault;
pub use server::Server;
