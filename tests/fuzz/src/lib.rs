//! What every reader of outside data must keep to, for the fuzzer: see the README.

mod properties;

/// Holds `data` against the property called `name`: what a fuzz target does.
///
/// # Panics
/// Where it does not hold.
pub fn hold(name: &str, data: &[u8]) {
    properties::hold(name, data);
}
