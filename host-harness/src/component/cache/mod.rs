//! The compile cache: compiled components, kept in a folder that processes share.
//!
//! Loading compiled code trusts it. So an entry is used only if no other user could have written it, its digest holds, and it was
//! compiled from these very bytes by this very engine; anything else is compiled afresh. wasmtime's own cache checks neither
//! owner nor digest, and keeps no [`ComponentInfo`](crate::ComponentInfo), by which a hit is held to the limits.

mod compile_cache;
#[cfg(all(test, unix))]
mod compile_cache_tests;
mod default_folder;
mod entry;
#[cfg(unix)]
mod folder;
#[cfg(not(unix))]
#[path = "no_folder.rs"]
mod folder;
mod key;

pub use compile_cache::{CacheError, CompileCache};
