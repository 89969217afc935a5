//! HTTP status codes.

use core::fmt;

/// An HTTP status code, `100` to `999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// See Other: the result is at another URL.
    pub const SEE_OTHER: Self = Self(303);
    /// Unauthorized: the credential is missing or not valid.
    pub const UNAUTHORIZED: Self = Self(401);
    /// Not Found: the server does not know the resource.
    pub const NOT_FOUND: Self = Self(404);
    /// Request Timeout: the server gave up waiting for the request.
    pub const TIMEOUT: Self = Self(408);
    /// Conflict: another run or change is in the way.
    pub const CONFLICT: Self = Self(409);
    /// Too Early: the request has to be sent again later.
    pub const TOO_EARLY: Self = Self(425);
    /// Too Many Requests: the rate limit is exceeded.
    pub const TOO_MANY_REQUESTS: Self = Self(429);

    /// Whether the status is 2xx: the request succeeded.
    pub fn is_success(self) -> bool {
        (200..300).contains(&self.0)
    }

    /// Whether the status is a redirect to another URL (RFC 9110, section 15.4).
    pub fn is_redirect(self) -> bool {
        matches!(self.0, 301 | 302 | 303 | 307 | 308)
    }

    /// Whether the status leaves open if the request took effect: from a server that gave up waiting or failed, perhaps with the
    /// request half done, or from a gateway without a proper answer. Only 501, 503 and 505 (RFC 9110, section 15.6) say that the
    /// server did not take the request on, and 511 (RFC 6585, section 6) that a gateway did not pass it on. A 303 answers a request
    /// that was done (RFC 9110, section 15.4.4), or comes from a gateway that wants somebody to sign in.
    pub fn leaves_open_what_happened(self) -> bool {
        matches!(self, Self::TIMEOUT | Self::SEE_OTHER)
            || self.is_server_error() && !matches!(self.0, 501 | 503 | 505 | 511)
    }

    /// Whether the status is 5xx: the server, not the request, is at fault.
    pub fn is_server_error(self) -> bool {
        (500..600).contains(&self.0)
    }

    /// The reason phrase of IANA's HTTP status code registry. Only the number reaches a component.
    fn reason(self) -> Option<&'static str> {
        Some(match self.0 {
            300 => "Multiple Choices",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            305 => "Use Proxy",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            402 => "Payment Required",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            406 => "Not Acceptable",
            407 => "Proxy Authentication Required",
            408 => "Request Timeout",
            409 => "Conflict",
            410 => "Gone",
            411 => "Length Required",
            412 => "Precondition Failed",
            413 => "Content Too Large",
            414 => "URI Too Long",
            415 => "Unsupported Media Type",
            416 => "Range Not Satisfiable",
            417 => "Expectation Failed",
            421 => "Misdirected Request",
            422 => "Unprocessable Content",
            423 => "Locked",
            424 => "Failed Dependency",
            425 => "Too Early",
            426 => "Upgrade Required",
            428 => "Precondition Required",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            451 => "Unavailable For Legal Reasons",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            505 => "HTTP Version Not Supported",
            506 => "Variant Also Negotiates",
            507 => "Insufficient Storage",
            508 => "Loop Detected",
            511 => "Network Authentication Required",
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    /// Writes the registered reason phrase of an error, or the number where none is registered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            Some(reason) => f.write_str(reason),
            None => write!(f, "HTTP status {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn a_status_is_written_as_its_registered_reason_or_its_number() {
        for (status, written) in
            [(404, "Not Found"), (413, "Content Too Large"), (504, "Gateway Timeout"), (299, "HTTP status 299")]
        {
            assert_eq!(Status(status).to_string(), written);
        }
    }

    #[test]
    fn each_range_ends_where_the_next_begins() {
        for (status, is_success, is_server_error) in [
            (199, false, false),
            (200, true, false),
            (299, true, false),
            (300, false, false),
            (499, false, false),
            (500, false, true),
            (599, false, true),
            (600, false, false),
        ] {
            assert_eq!((Status(status).is_success(), Status(status).is_server_error()), (is_success, is_server_error));
        }
    }

    #[test]
    fn a_server_that_gave_up_failed_or_points_elsewhere_leaves_open_what_happened_and_one_that_refuses_does_not() {
        let open: Vec<u16> = (100..=999).filter(|status| Status(*status).leaves_open_what_happened()).collect();
        let failed = (506..600).filter(|status| *status != 511).collect();
        assert_eq!(open, [vec![303, 408, 500, 502, 504], failed].concat());
    }
}
