//! The compile cache: compiled components, kept in a folder that processes share.
//!
//! A compiled component is native code, which loading it trusts. So an entry is used only if this user alone could have
//! written it, its digest holds, and it was compiled from these very bytes by this very engine. Anything else is compiled
//! afresh.

mod compile_cache;
#[cfg(all(test, unix))]
mod compile_cache_tests;
mod entry;
#[cfg(unix)]
mod folder;
#[cfg(not(unix))]
#[path = "no_folder.rs"]
mod folder;
mod key;

pub use compile_cache::{CacheError, CompileCache};
