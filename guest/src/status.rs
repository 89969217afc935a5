//! The status of an answer.

use core::fmt;

/// An HTTP status code, `100` to `999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// No or no valid token.
    pub const UNAUTHORIZED: Self = Self(401);
    /// No such resource.
    pub const NOT_FOUND: Self = Self(404);
    /// The server gave up waiting for the request.
    pub const TIMEOUT: Self = Self(408);
    /// The server does not want the request yet.
    pub const TOO_EARLY: Self = Self(425);
    /// The rate limit is used up.
    pub const TOO_MANY_REQUESTS: Self = Self(429);

    /// Whether the request succeeded.
    pub fn is_success(self) -> bool {
        (200..300).contains(&self.0)
    }

    /// Whether the server, not the request, is at fault.
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
    /// Writes the reason of a status that is no success, or its number where no reason is registered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            Some(reason) => f.write_str(reason),
            None => write!(f, "HTTP status {}", self.0),
        }
    }
}
