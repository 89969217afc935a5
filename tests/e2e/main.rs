//! Stitch syncs end to end: the real component in a real sandbox, over real HTTP, against the simulator.
//!
//! [`scenario::Scenario`] owns the set-up; [`artifact`] builds what is tested, once.

mod artifact;
mod before_the_start;
mod cancel;
mod chaos;
mod check;
mod command_line;
mod compile_cache;
mod component;
mod conformance;
mod durable;
mod embed;
mod hurried_pipeline;
mod inspect;
mod loads;
mod network;
mod otlp;
mod pages;
mod pipeline_budget;
mod pipeline_check;
mod pipeline_clock;
mod pipeline_kills;
mod pipeline_resume;
mod pipeline_run;
mod pipeline_settle;
mod pipeline_store;
mod poll;
mod poll_many;
mod printing;
mod rate_limiter;
mod runs_prune;
mod scenario;
mod secrecy;
mod secrets_as_stored;
mod settle;
mod signals;
mod spans;
mod three_tools;
mod trigger;
mod waiting;
mod writing_a_plugin;
