//! A host for plugins of the `orchestrator:plugin` contract: WebAssembly components that start runs of some tool and
//! report how they ended. The host knows no tool.
//!
//! A [`Host`] is built once, with its [`Limits`]. It loads [`Plugin`]s, which reach what a [`Grant`] allows. Each of
//! their functions is called with [`Arguments`], in a sandbox of its own, and returns a [`Call`]: the answer and what
//! the plugin did. [`Watcher`] triggers a run and polls it until it has ended.
//!
//! The example `embed` shows all of it in some thirty lines.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod component;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod contract;
pub mod document;
mod egress;
mod engine;
mod inputs;
mod limits;
#[cfg(feature = "pipeline")]
pub mod pipeline;
mod secrets;
mod spans;
#[cfg(feature = "pipeline")]
pub mod store;
mod watch;

pub use component::cache::{CacheError, CompileCache};
pub use component::content_digest::sha256;
pub use component::imports::Offer;
pub use component::inspect::ComponentInfo;
pub use component::load::{LoadError, PassedLimit};
pub use component::metadata::ComponentMetadata;
pub use contract::function::Function;
pub use contract::origin::{Origin, OriginError};
pub use contract::validate_descriptor::validate_descriptor;
pub use egress::policy::address_class::AddressClass;
pub use egress::policy::denial::{Denial, SecretPlace};
pub use egress::policy::grant::{Grant, GrantError};
pub use egress::{Request, TlsError};
pub use engine::account_key::AccountKey;
pub use engine::call::{Call, CallError, StartEffect};
pub use engine::host::{Host, HostError};
pub use engine::plugin::Plugin;
pub use inputs::arguments::Arguments;
pub use inputs::input_error::{InputError, List};
pub use inputs::resolve::Inputs;
pub use limits::table::{Exceeded, Limit, LimitError, LimitValue, Limits, Size};
pub use secrets::encoded_text::decoded;
pub use secrets::redact::Redactor;
pub use secrets::reference::{ParseSecretReferenceError, SecretError, SecretReference};
pub use secrets::sanitize::{is_control_like, sanitize};
pub use secrets::secret::Secret;
pub use secrets::stored_text::Misstored;
pub use watch::after_start::{AfterStart, Recourse};
pub use watch::backoff::start_backoff;
pub use watch::clock::{Clock, SystemClock, Uptime};
pub use watch::poll_policy::PollPolicy;
pub use watch::shutdown::Shutdown;
pub use watch::starts::Starts;
pub use watch::state_machine::{Watch, WatchAction, WatchEnd};
pub use watch::trigger_record::TriggerRecord;
pub use watch::watcher::{WatchEvent, WatchOutcome, Watcher};
