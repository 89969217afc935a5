//! Components: loaded, inspected and measured before any part of them is compiled or trusted.

pub(crate) mod compile_cost;
pub(crate) mod content_digest;
pub(crate) mod imports;
pub(crate) mod inspect;
pub(crate) mod load;
pub(crate) mod typecheck;
