//! What the host does about each hostile plugin: `<guest>_<what_the_host_does>`.
//!
//! [`scenario::Scenario`] owns the set-up, and after each call proves that the host goes on; [`artifact`] builds the guests,
//! once; [`pack`] sees to it that none is without a test.

mod answers;
mod artifact;
mod batch;
mod computing;
mod description;
mod egress;
mod environment;
mod output;
mod pack;
mod requests;
mod scenario;
mod secrets;
mod spans;
