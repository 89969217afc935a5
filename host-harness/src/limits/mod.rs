//! Limits: what one call of a plugin may take, and the signal that a limit was passed.
//!
//! Every limit is a row of one table, which makes names, defaults and descriptions; a test holds the README to it.

pub(crate) mod limit_signal;
pub(crate) mod table;
