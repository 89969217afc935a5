//! How long each part of one request may take.

use std::time::Duration;

use wasmtime_wasi_http::RequestOptions;

use crate::Limits;

/// The host's limits, lowered to what the plugin asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) connect: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) idle: Duration,
}

impl Times {
    pub(crate) fn new(limits: &Limits, asked: Option<RequestOptions>) -> Self {
        let asked = asked.unwrap_or_default();
        let lower = |limit: Duration, asked: Option<Duration>| asked.map_or(limit, |a| a.min(limit));
        Self {
            connect: lower(limits.connect, asked.connect_timeout),
            first_byte: lower(limits.first_byte, asked.first_byte_timeout),
            idle: lower(limits.idle, asked.between_bytes_timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_can_lower_a_limit_and_not_raise_it() {
        let asked = RequestOptions {
            connect_timeout: Some(Duration::from_secs(1)),
            first_byte_timeout: Some(Duration::from_hours(1)),
            between_bytes_timeout: None,
        };
        assert_eq!(
            Times::new(&Limits::default(), Some(asked)),
            Times {
                connect: Duration::from_secs(1),
                first_byte: Duration::from_secs(30),
                idle: Duration::from_secs(30),
            }
        );
    }
}
