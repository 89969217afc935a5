//! Timeouts of one request.

use std::time::Duration;

use tokio::time::Instant;
use wasmtime_wasi_http::{Error, RequestOptions};

use crate::{Exceeded, Limit, Limits};

/// The host's time limits, lowered to what the plugin asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) idle: Duration,
    /// The time by which the whole must be over. None: no limit.
    pub(crate) deadline: Option<Instant>,
}

impl Timeouts {
    pub(crate) fn new(limits: &Limits, asked: Option<RequestOptions>, now: Instant) -> Self {
        let asked = asked.unwrap_or_default();
        let lower = |limit: Duration, asked: Option<Duration>| asked.map_or(limit, |a| a.min(limit));
        Self {
            connect: lower(limits.connect, asked.connect_timeout),
            first_byte: lower(limits.first_byte, asked.first_byte_timeout),
            idle: lower(limits.idle, asked.between_bytes_timeout),
            deadline: now.checked_add(limits.request),
        }
    }

    /// The limit that the peer passed, if the request failed for that. A timeout that the plugin lowered is its own,
    /// not a limit of the host.
    pub(crate) fn exceeded(&self, limits: &Limits, error: &Error, stage: RequestPhase) -> Option<Exceeded> {
        let limit = limit(error, stage)?;
        let lowered = match limit {
            Limit::Connect => self.connect < limits.connect,
            Limit::FirstByte => self.first_byte < limits.first_byte,
            Limit::Idle => self.idle < limits.idle,
            _ => false,
        };
        (!lowered).then(|| limits.exceeded(limit))
    }
}

/// The phase of a request or its response when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestPhase {
    Head,
    Body,
}

fn limit(error: &Error, stage: RequestPhase) -> Option<Limit> {
    match (error, stage) {
        (Error::ConnectionTimeout, _) => Some(Limit::Connect),
        (Error::ConnectionReadTimeout, RequestPhase::Head) => Some(Limit::FirstByte),
        (Error::ConnectionReadTimeout, RequestPhase::Body) => Some(Limit::Idle),
        (Error::HttpResponseTimeout, _) => Some(Limit::Request),
        (Error::HttpResponseHeaderSectionSize(_), _) => Some(Limit::ResponseHeaders),
        (Error::HttpResponseBodySize(_), _) => Some(Limit::ResponseBody),
        _ => None,
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
        let now = Instant::now();
        assert_eq!(
            Timeouts::new(&Limits::default(), Some(asked), now),
            Timeouts {
                connect: Duration::from_secs(1),
                first_byte: Duration::from_secs(30),
                idle: Duration::from_secs(30),
                deadline: Some(now + Duration::from_mins(1)),
            }
        );
    }

    #[test]
    fn a_limit_that_the_plugin_lowered_is_not_the_hosts() {
        let limits = Limits::default();
        let asked = RequestOptions { first_byte_timeout: Some(Duration::from_secs(1)), ..RequestOptions::default() };
        let times = Timeouts::new(&limits, Some(asked), Instant::now());
        let exceeded = |stage| times.exceeded(&limits, &Error::ConnectionReadTimeout, stage);
        assert_eq!(exceeded(RequestPhase::Head), None);
        assert_eq!(exceeded(RequestPhase::Body), Some(limits.exceeded(Limit::Idle)));
    }

    #[test]
    fn without_a_limit_there_is_no_deadline() {
        assert_eq!(Timeouts::new(&Limits::none(), None, Instant::now()).deadline, None);
    }
}
