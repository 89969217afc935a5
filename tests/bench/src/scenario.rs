//! The account of every figure.

/// Its id.
pub(crate) const CLIENT_ID: u64 = 116_078;
/// Its token.
pub(crate) const TOKEN: &str = "tok-3b1f0c9d-never-to-be-shown";
