//! The common part of simulators: an HTTP server on the loopback address, with a clock that can be moved forward,
//! around a pure [`Tool`].

mod program;
mod simulator;
mod tool;

pub use program::{Program, exit_code};
pub use simulator::Simulator;
pub use tool::{Answer, Request, Tool};
