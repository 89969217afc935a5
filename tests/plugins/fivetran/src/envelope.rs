//! The envelope of Fivetran's answers.

use plugin_guest::json::RawValue;
use serde::Deserialize;

/// An answer with data.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    /// The data.
    #[serde(borrow)]
    pub(crate) data: &'a RawValue,
}
