//! A host for plugins of the `orchestrator:plugin` contract: WebAssembly components that start runs of some tool and tell
//! how they ended. It knows no tool.
//!
//! A [`Host`] is built once, with its [`Limits`]. It loads [`Plugin`]s, which reach what a [`Grant`] allows and whose
//! functions are called with [`Arguments`], each in a sandbox of its own; a [`Call`] holds the answer and what the plugin
//! did. [`Watcher`] triggers a run and polls it until it has ended.
//!
//! The example `embed` shows all of it in some thirty lines.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod anatomy;
mod answer;
mod arguments;
mod assembly;
mod breach;
mod call;
mod clock;
mod completion;
pub mod conformance;
mod content_digest;
pub mod contract;
mod denial;
mod descriptor;
mod egress;
mod encoded_text;
mod ended;
mod escapes;
mod function;
mod given;
mod grant;
mod harmless;
mod host;
mod input_error;
mod inputs;
mod limits;
mod load;
mod mask;
mod memory;
mod metered;
mod offer;
mod origin;
pub mod pipeline;
mod placeholder;
mod plugin;
mod policy;
mod request_path;
mod sandbox;
mod secret;
mod secret_matcher;
#[cfg(all(test, target_os = "linux"))]
mod secret_memory_tests;
mod secret_reference;
mod shape;
mod stderr;
pub mod store;
mod stored_text;
mod texts;
mod watch;

pub use address::AddressClass;
pub use anatomy::Anatomy;
pub use arguments::Arguments;
pub use call::{Call, CallError};
pub use clock::{Clock, SystemClock, Uptime};
pub use completion::{Event, Outcome, Watcher};
pub use content_digest::sha256;
pub use denial::{Denial, SecretPlace};
pub use descriptor::descriptor_flaws;
pub use egress::{Request, TlsError};
pub use encoded_text::decoded;
pub use function::Function;
pub use grant::{Grant, GrantError};
pub use harmless::{deceives, harmless};
pub use host::{Host, HostError};
pub use input_error::{InputError, List};
pub use inputs::Inputs;
pub use limits::{Exceeded, Limit, LimitError, LimitValue, Limits, Size};
pub use load::{LoadError, PassedLimit};
pub use mask::Mask;
pub use offer::Offer;
pub use origin::{Origin, OriginError};
pub use plugin::Plugin;
pub use policy::PollPolicy;
pub use secret::Secret;
pub use secret_reference::{NoReference, SecretError, SecretReference};
pub use stored_text::Misstored;
pub use watch::End;
