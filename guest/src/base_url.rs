//! The base URL of a tool's API.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use fluent_uri::Uri;

/// A base URL: a scheme, an authority and, behind a proxy, a path, to which the path of each request is appended. It holds
/// no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// Whether the scheme is `https`; else it is `http`.
    pub is_https: bool,
    /// The host, with its port where one was given.
    pub authority: String,
    /// The path: empty, or one that begins with a slash and does not end in one.
    pub path: String,
}

impl BaseUrl {
    /// Parses an absolute `http` or `https` URL. The error says what is wrong and does not repeat the URL, since it may hold a
    /// password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "must be an absolute URL such as https://api.example.com";
        let uri = Uri::parse(text).map_err(|_| FORM)?;
        let authority = uri.authority().filter(|authority| !authority.host().is_empty()).ok_or(FORM)?;
        let is_https = match uri.scheme().as_str() {
            scheme if scheme.eq_ignore_ascii_case("https") => true,
            scheme if scheme.eq_ignore_ascii_case("http") => false,
            _ => return Err("must begin with https:// or http://"),
        };
        if authority.has_userinfo() {
            return Err("must not hold a user or a password: credentials have fields of their own");
        }
        if authority.port().is_some_and(|port| !port.as_str().parse().is_ok_and(|port: u16| port > 0)) {
            return Err("must have a port from 1 to 65535, or none");
        }
        if uri.has_query() || uri.has_fragment() {
            return Err("must not hold a query or a fragment");
        }
        let path = uri.path().as_str().trim_end_matches('/').to_owned();
        Ok(Self { is_https, authority: authority.as_str().to_owned(), path })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", if self.is_https { "https" } else { "http" }, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn refused(text: &str) -> &'static str {
        BaseUrl::parse(text).expect_err(text)
    }

    #[test]
    fn a_path_is_kept_and_trailing_slashes_are_not() {
        for (text, kept) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("HTTPS://proxy.example/api//", "https://proxy.example/api"),
            ("http://[::1]:80", "http://[::1]:80"),
        ] {
            assert_eq!(BaseUrl::parse(text).expect(text).to_string(), kept);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_with_the_reason() {
        let form = "must be an absolute URL such as https://api.example.com";
        for text in ["", "api.example.com", "/v4", "https:", "https://", "https://exa mple.com", "http://x\n"] {
            assert_eq!(refused(text), form, "{text:?}");
        }
        assert_eq!(refused("ftp://api.example.com"), "must begin with https:// or http://");
        assert_eq!(
            refused("https://me:secret@api.example.com"),
            "must not hold a user or a password: credentials have fields of their own"
        );
        for text in ["http://x:", "http://x:0", "http://x:65536"] {
            assert_eq!(refused(text), "must have a port from 1 to 65535, or none");
        }
        assert_eq!(refused("https://api.example.com/?a=b"), "must not hold a query or a fragment");
        assert_eq!(refused("https://api.example.com#top"), "must not hold a query or a fragment");
    }
}
