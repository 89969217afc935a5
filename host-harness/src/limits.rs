//! What one call of a plugin may take.

use std::time::Duration;

/// What one call of a plugin may take at most. The defaults suit any tool that answers within seconds.
///
/// A plugin can ask for shorter times with its own `request-options`, never for longer ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time of one call, from instantiation to answer, whatever the plugin or its peer does. 60 s.
    pub call: Duration,
    /// Time of one request until a connection is there: name lookup, TCP and TLS together. 10 s.
    pub connect: Duration,
    /// Time from there to the head of the response. 30 s.
    pub first_byte: Duration,
    /// Time between two pieces of a response body. 30 s.
    pub idle: Duration,
    /// Bytes of one response body. 8 MiB.
    pub response_body: usize,
    /// Bytes of linear memory of the plugin, all its memories together. 32 MiB.
    pub memory: usize,
    /// Bytes kept of what the plugin writes to stderr and stdout in one call; the rest is counted and dropped. 64 KiB.
    pub stderr: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_mins(1),
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            response_body: 8 << 20,
            memory: 32 << 20,
            stderr: 64 << 10,
        }
    }
}
