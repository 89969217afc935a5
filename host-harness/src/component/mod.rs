//! Components: loaded, inspected and measured before any part of them is compiled or trusted.
//!
//! Nothing of a component runs here. What validating and compiling it will cost is known before either begins.

pub(crate) mod cache;
pub(crate) mod compile_cost;
pub(crate) mod content_digest;
pub(crate) mod imports;
pub(crate) mod inspect;
pub(crate) mod load;
pub(crate) mod metadata;
pub(crate) mod typecheck;
