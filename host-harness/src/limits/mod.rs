//! Limits: what one call of a plugin may take, and the signal that a limit was passed.

pub(crate) mod limit_signal;
pub(crate) mod table;
