//! What sort of address a name leads to.

/// An address that is not simply one of the public internet's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum AddressClass {
    /// This machine (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3).
    #[error("a loopback address")]
    Loopback,
}
