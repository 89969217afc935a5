//! What each of Fivetran's answers comes in.

use plugin_guest::json::RawValue;
use serde::Deserialize;

/// An answer that tells something.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    /// What it tells.
    #[serde(borrow)]
    pub(crate) data: &'a RawValue,
}
