//! Stitch's ids.

use core::fmt;
use core::num::NonZeroU64;

use plugin_guest::json::{RawValue, lenient};
use serde::de::{Deserialize, Deserializer};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(NonZeroU64);

        impl $name {
            /// Takes any number but 0.
            pub fn new(number: u64) -> Option<Self> {
                NonZeroU64::new(number).map(Self)
            }

            /// The number itself.
            pub fn get(self) -> u64 {
                self.0.get()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
                let raw = <&RawValue>::deserialize(field)?;
                lenient::id(raw).and_then(Self::new).ok_or_else(|| lenient::not("an id", raw))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// The id of a source.
    SourceId
}

id! {
    /// The id of a client account, by which extractions and loads are listed.
    ClientId
}
