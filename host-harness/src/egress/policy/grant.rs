//! Egress grants: what a plugin may ask of the network.

use std::fmt;
use std::str::FromStr;

use http::{HeaderMap, HeaderName, Method};

use crate::contract::origin::without_user_part;
use crate::egress::policy::request_path::may_lead_elsewhere;
use crate::{Denial, Origin, OriginError};

/// The right to send requests to an origin: all of them, or those with some methods or below some path.
///
/// Written as `[METHOD[,METHOD...] ]ORIGIN[/PATH]`, such as `https://api.example.com` or `GET,POST
/// https://api.example.com/v4`. A path covers itself and what is below it: `/v4` covers `/v4/sources`, not `/v44`.
/// Where only a path is granted, a request is denied whose path a server may take for another one: with a dot segment,
/// however encoded, a control, a blank, or bytes that are not UTF-8. Where only methods or a path are granted, headers
/// that ask for another one are denied.
///
/// All addresses behind a name must be on the public internet, unless the grant is [`internal`]. An origin that is an
/// address itself is granted as it is.
///
/// [`internal`]: Self::internal
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    origin: Origin,
    /// Sorted. Empty: any.
    methods: Vec<String>,
    /// Without a slash at the end. Empty: any.
    path: String,
    reach: AddressScope,
}

/// The addresses that a granted name may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressScope {
    /// Only those of the public internet.
    Public,
    /// Any, also those of this machine and its networks.
    Internal,
}

/// An error of parsing a grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// It has no valid origin.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// It has no valid methods.
    #[error("`{0}` is not a list of methods that can be granted: write it as GET or GET,POST")]
    Methods(String),
    /// It has no valid path.
    #[error(
        "`{0}` is not a path that can be granted: it may hold letters, digits and -._~:@+,=% only, and neither a query nor \
         what a server may take for a dot segment, a control or a blank"
    )]
    Path(String),
}

impl Grant {
    /// The same grant, for a name that may lead to any address: this machine, a private network, a cloud's metadata.
    #[must_use]
    pub fn internal(self) -> Self {
        Self { reach: AddressScope::Internal, ..self }
    }

    /// The origin that it covers.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// True if it covers the whole origin.
    fn is_whole(&self) -> bool {
        self.methods.is_empty() && self.path.is_empty()
    }

    fn covers(&self, method: &Method, path: &str) -> bool {
        (self.methods.is_empty() || self.methods.iter().any(|granted| granted == method.as_str()))
            && (self.path.is_empty() || is_below(path, &self.path) && !may_lead_elsewhere(path))
    }
}

/// True for headers from which some servers take the method or the path, whatever the request line says. No list has
/// them all, so a word of the name decides: `x-http-method-override`, `x-original-url`, `x-forwarded-uri`.
/// `destination` is a copy's target (RFC 4918, section 10.3), the other place that a request writes to.
fn is_override(name: &HeaderName) -> bool {
    // Servers that turn headers into variables read `_` as `-`.
    name.as_str().split(['-', '_']).any(|word| {
        let ends = ["url", "uri", "path", "method"].iter().any(|end| word.ends_with(end));
        ends || matches!(word, "destination" | "override" | "prefix" | "rewrite" | "route" | "verb")
    })
}

/// The addresses that a request may go to under these grants, or its denial.
pub(crate) fn reach(
    grants: &[Grant],
    method: &Method,
    origin: &Origin,
    path: &str,
    headers: &HeaderMap,
) -> Result<AddressScope, Denial> {
    let mut there = grants.iter().filter(|grant| grant.origin == *origin).peekable();
    if there.peek().is_none() {
        return Err(Denial::Origin(origin.clone()));
    }
    let header = headers.keys().find(|name| is_override(name));
    let covering: Vec<_> = there.filter(|grant| grant.covers(method, path)).collect();
    let letting_out = covering.iter().filter(|grant| header.is_none() || grant.is_whole());
    // Of two grants the wider one counts.
    let reach = letting_out
        .map(|grant| grant.reach)
        .reduce(|one, other| if one == AddressScope::Internal { one } else { other });
    reach.ok_or_else(|| match header {
        Some(header) if !covering.is_empty() => Denial::Override { origin: origin.clone(), header: header.to_string() },
        _ => Denial::Request { origin: origin.clone(), method: method.to_string(), path: path.to_owned() },
    })
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn methods(text: &str) -> Option<Vec<String>> {
    // These are always denied.
    let method = |name: &str| {
        (!name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
            && !matches!(name, "CONNECT" | "TRACE"))
        .then(|| name.to_owned())
    };
    let mut methods = text.split(',').map(method).collect::<Option<Vec<_>>>()?;
    methods.sort();
    methods.dedup();
    Some(methods)
}

/// Parses a path. What is special to shells, servers or patterns is rejected: a path never means more than it says.
fn path(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~:@+,=%".contains(&byte);
    (text.bytes().all(plain) && !may_lead_elsewhere(text)).then(|| text.trim_end_matches('/').to_owned())
}

impl From<Origin> for Grant {
    fn from(origin: Origin) -> Self {
        Self { origin, methods: Vec::new(), path: String::new(), reach: AddressScope::Public }
    }
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, GrantError> {
        let (methods, place) = match text.split_once(' ') {
            Some((list, place)) => (methods(list).ok_or_else(|| GrantError::Methods(without_user_part(list)))?, place),
            None => (Vec::new(), text),
        };
        let (origin, rest) = Origin::prefix(place)?;
        let path = path(rest).ok_or_else(|| GrantError::Path(without_user_part(rest)))?;
        Ok(Self { methods, path, ..Self::from(origin) })
    }
}

/// In the form that is parsed, without whether the grant is [`internal`](Grant::internal).
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.methods.is_empty() {
            write!(f, "{} ", self.methods.join(","))?;
        }
        write!(f, "{}{}", self.origin, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://api.example.com";

    fn grant(text: &str) -> Grant {
        text.parse().unwrap()
    }

    /// True if a grant of `METHODS PATH` at [`ORIGIN`] covers a request for a path there.
    fn covers(granted: &str, method: &str, path: &str) -> bool {
        let granted = match granted.split_once(' ') {
            Some((methods, path)) => grant(&format!("{methods} {ORIGIN}{path}")),
            None => grant(&format!("{ORIGIN}{granted}")),
        };
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        reach(&[granted], &method, &ORIGIN.parse().unwrap(), path, &HeaderMap::new()).is_ok()
    }

    #[test]
    fn a_grant_has_one_form() {
        for (text, canonical) in [
            ("HTTPS://API.example.com:443", "https://api.example.com"),
            ("https://api.example.com/", "https://api.example.com"),
            ("https://api.example.com/v4/", "https://api.example.com/v4"),
            ("GET https://api.example.com", "GET https://api.example.com"),
            ("POST,GET,POST http://0x7f.1:80/v4", "GET,POST http://127.0.0.1/v4"),
            ("VERSION-CONTROL https://[::1]/a.b/~c", "VERSION-CONTROL https://[::1]/a.b/~c"),
        ] {
            assert_eq!(grant(text).to_string(), canonical);
            assert_eq!(grant(canonical), grant(text));
        }
    }

    #[test]
    fn what_is_no_grant_is_refused_with_the_reason() {
        let origin = "is not an origin: it has no scheme; write it as https://host or https://host:port";
        let methods = "is not a list of methods that can be granted: write it as GET or GET,POST";
        let path = "is not a path that can be granted: it may hold letters, digits and -._~:@+,=% only, and neither a query \
                    nor what a server may take for a dot segment, a control or a blank";
        for (text, error) in [
            ("", format!("`` {origin}")),
            ("GET", format!("`GET` {origin}")),
            ("GET,POST api.example.com", format!("`api.example.com` {origin}")),
            ("get https://host", format!("`get` {methods}")),
            ("GET, https://host", format!("`GET,` {methods}")),
            ("CONNECT https://host", format!("`CONNECT` {methods}")),
            ("GET,TRACE https://host", format!("`GET,TRACE` {methods}")),
            (" https://host", format!("`` {methods}")),
            ("https://host/v4?x=1", format!("`/v4?x=1` {path}")),
            ("https://host?x=1", format!("`?x=1` {path}")),
            ("https://host/v4#x", format!("`/v4#x` {path}")),
            ("https://host/v4/../x", format!("`/v4/../x` {path}")),
            ("https://host/v4/%2e%2E", format!("`/v4/%2e%2E` {path}")),
            ("https://host/v4/a%20b", format!("`/v4/a%20b` {path}")),
            ("https://host/v4/*", format!("`/v4/*` {path}")),
            ("https://host/it's", format!("`/it's` {path}")),
        ] {
            assert_eq!(text.parse::<Grant>().unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn a_password_in_a_user_part_is_not_repeated() {
        for text in ["GET https://me:hunter2@host/v4", "hunter2@host https://host", "https://me:hunter/2*@host"] {
            let error = text.parse::<Grant>().unwrap_err().to_string();
            assert!(!error.contains("hunter"), "{error}");
        }
    }

    #[test]
    fn an_origin_alone_covers_all_of_it() {
        for (method, path) in [("GET", "/"), ("POST", "/v4/x"), ("DELETE", "/v4/../x"), ("QUERY", "*")] {
            assert!(covers("", method, path), "{method} {path}");
        }
    }

    #[test]
    fn only_the_methods_granted_are_covered() {
        assert!(covers("GET,POST /", "POST", "/v4"));
        for method in ["HEAD", "DELETE", "get", "GETS"] {
            assert!(!covers("GET,POST /", method, "/v4"), "{method}");
        }
    }

    #[test]
    fn a_path_covers_what_is_below_it() {
        for path in ["/v4", "/v4/", "/v4/sources", "/v4//x", "/v4/a.b/.c", "/v4/100%25", "/v4/caf%C3%A9"] {
            assert!(covers("/v4", "GET", path), "{path}");
            assert!(covers("/v4/", "GET", path), "{path}");
        }
        for path in ["/", "/v", "/v44", "/v4;x", "/v4%2fx", "/V4", "//v4", "/x/v4", "/%764", "*"] {
            assert!(!covers("/v4", "GET", path), "{path}");
        }
    }

    #[test]
    fn a_path_that_may_lead_elsewhere_is_denied_where_a_path_is_granted() {
        for path in ["/v4/..", "/v4/%2e%2e/admin", "/v4/..%00/admin"] {
            assert!(!covers("/v4", "GET", path), "{path}");
            assert!(covers("GET /", "GET", path), "{path}");
        }
    }

    #[test]
    fn a_denial_says_whether_the_origin_or_the_request_was_not_granted() {
        let grants = [grant("GET https://api.example.com/v4")];
        let denial = |origin: &str| {
            reach(&grants, &Method::POST, &origin.parse().unwrap(), "/v4/x", &HeaderMap::new()).unwrap_err().to_string()
        };
        assert_eq!(
            denial("http://api.example.com"),
            "the plugin asked for http://api.example.com, which is not allowed"
        );
        assert_eq!(
            denial("https://api.example.com"),
            "the plugin asked for POST /v4/x at https://api.example.com, which is not allowed there"
        );
    }

    #[test]
    fn only_what_an_internal_grant_covers_goes_to_internal_addresses() {
        let grants = [grant(ORIGIN), grant(&format!("POST {ORIGIN}/v4")).internal(), grant(ORIGIN)];
        let reach = |method, path| reach(&grants, &method, &ORIGIN.parse().unwrap(), path, &HeaderMap::new());
        assert_eq!(reach(Method::POST, "/v4/x"), Ok(AddressScope::Internal));
        assert_eq!(reach(Method::GET, "/v4/x"), Ok(AddressScope::Public));
        assert_eq!(reach(Method::POST, "/x"), Ok(AddressScope::Public));
    }

    #[test]
    fn a_header_that_asks_for_another_method_or_path_takes_a_grant_of_the_whole_origin() {
        let mut headers = HeaderMap::new();
        headers.insert("X-HTTP-Method-Override", "DELETE".parse().unwrap());
        let origin = ORIGIN.parse().unwrap();
        let sent = |grants: &[Grant]| reach(grants, &Method::POST, &origin, "/v4/x", &headers);
        for part in ["POST https://api.example.com", "https://api.example.com/v4"] {
            assert_eq!(
                sent(&[grant(part)]).unwrap_err().to_string(),
                "the plugin sent x-http-method-override to https://api.example.com, where not all methods and paths are \
                 allowed"
            );
            assert_eq!(sent(&[grant(part), grant(ORIGIN)]), Ok(AddressScope::Public));
        }
        assert!(matches!(sent(&[grant("GET https://api.example.com")]), Err(Denial::Request { .. })));
    }

    #[test]
    fn headers_that_servers_take_for_the_method_or_the_path_are_known_by_their_words() {
        let is_sent = |name: &str| {
            let headers = [(name.parse::<HeaderName>().unwrap(), "/".parse().unwrap())].into_iter().collect();
            reach(&[grant("https://api.example.com/v4")], &Method::POST, &ORIGIN.parse().unwrap(), "/v4/x", &headers)
                .is_ok()
        };
        for name in [
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-forwarded-method",
            "x-original-method",
            "x-http-verb",
            "x-original-url",
            "x-originalurl",
            "x_original_url",
            "X-Rewrite-URL",
            "x-original-uri",
            "x-forwarded-uri",
            "x-forwarded-path",
            "x-forwarded-prefix",
            "x-rewrite",
            "x-request-uri",
            "x-envoy-original-path",
            "request-uri",
            "destination",
        ] {
            assert!(!is_sent(name), "{name}");
        }
        for name in ["authorization", "content-type", "x-amz-security-token", "x-request-id", "idempotency-key"] {
            assert!(is_sent(name), "{name}");
        }
    }
}
