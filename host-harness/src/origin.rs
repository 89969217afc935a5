//! Where requests may go.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;

/// Scheme, host and port: the unit in which egress is granted (RFC 6454).
///
/// There is one form of each: lower case, the port always known, shown only where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no origin: {reason}; write it as https://host or https://host:port")]
pub struct OriginError {
    text: String,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it has no scheme")]
    NoScheme,
    #[error("its scheme is neither http nor https")]
    OtherScheme,
    #[error("it has no host")]
    NoHost,
    #[error("it has a user part")]
    UserPart,
    #[error("its port is not between 1 and 65535")]
    Port,
    #[error("it has a path, a query or a fragment")]
    Path,
    #[error("it is not written as a URL")]
    Syntax,
}

impl Origin {
    /// The origin that a request for this URI goes to. None where the URI has none, or has a user part.
    pub fn of(uri: &Uri) -> Option<Self> {
        Self::read(uri).ok()
    }

    fn read(uri: &Uri) -> Result<Self, Reason> {
        let scheme = uri.scheme().ok_or(Reason::NoScheme)?;
        let https = *scheme == Scheme::HTTPS;
        if !https && *scheme != Scheme::HTTP {
            return Err(Reason::OtherScheme);
        }
        let authority = uri.authority().ok_or(Reason::NoHost)?;
        if authority.as_str().contains('@') {
            return Err(Reason::UserPart);
        }
        let host = canonical_host(authority.host()).ok_or(Reason::NoHost)?;
        // A port that is there and cannot be read must not pass for the default one.
        let port = match &authority.as_str()[authority.host().len()..] {
            "" | ":" => default_port(https),
            port => port[1..].parse().ok().filter(|port| *port != 0).ok_or(Reason::Port)?,
        };
        Ok(Self { https, host, port })
    }
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Addresses have one spelling (RFC 5952), names are in lower case.
fn canonical_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return Some(format!("[{}]", address.parse::<Ipv6Addr>().ok()?));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(address.to_string());
    }
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let error = |reason| OriginError {
            // What is in front of an @ may be a password.
            text: match text.rsplit_once('@') {
                Some((_, host)) => format!("***@{host}"),
                None => text.to_owned(),
            },
            reason,
        };
        if text.contains('@') {
            return Err(error(Reason::UserPart));
        }
        let Some((_, rest)) = text.split_once("://") else {
            return Err(error(Reason::NoScheme));
        };
        if rest.contains(['?', '#']) || rest.trim_end_matches('/').contains('/') {
            return Err(error(Reason::Path));
        }
        let uri: Uri = text.parse().map_err(|_| error(Reason::Syntax))?;
        Self::read(&uri).map_err(error)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { https, host, port } = self;
        let scheme = if *https { "https" } else { "http" };
        write!(f, "{scheme}://{host}")?;
        if *port != default_port(*https) {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Origin>().map_or_else(|error| error.to_string(), |origin| origin.to_string())
    }

    #[test]
    fn an_origin_has_one_form() {
        for (text, canonical) in [
            ("https://api.example.com", "https://api.example.com"),
            ("HTTPS://API.Example.COM:443/", "https://api.example.com"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://host:80", "https://host:80"),
            ("https://host:", "https://host"),
            ("http://[0:0::0:1]:9", "http://[::1]:9"),
        ] {
            assert_eq!(shown(text), canonical, "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_the_reason() {
        for (text, reason) in [
            ("api.example.com", "it has no scheme"),
            ("", "it has no scheme"),
            ("ftp://host", "its scheme is neither http nor https"),
            ("https://", "it is not written as a URL"),
            ("https://host/v4", "it has a path, a query or a fragment"),
            ("https://host?x=1", "it has a path, a query or a fragment"),
            ("https://host:0", "its port is not between 1 and 65535"),
            ("https://host:99999", "its port is not between 1 and 65535"),
            ("https://ho st", "it is not written as a URL"),
        ] {
            assert_eq!(
                shown(text),
                format!("`{text}` is no origin: {reason}; write it as https://host or https://host:port")
            );
        }
    }

    #[test]
    fn a_password_in_a_user_part_is_not_repeated() {
        assert_eq!(
            shown("https://user:hunter2@host"),
            "`***@host` is no origin: it has a user part; write it as https://host or https://host:port"
        );
    }

    #[test]
    fn a_request_with_a_user_part_has_no_origin() {
        assert_eq!(Origin::of(&Uri::from_static("https://allowed@other/path")), None);
    }

    #[test]
    fn the_origin_of_a_request_is_that_of_its_url() {
        let uri = Uri::from_static("https://API.example.com:443/v4/sources?x=1");
        assert_eq!(Origin::of(&uri), Some("https://api.example.com".parse().unwrap()));
    }
}
