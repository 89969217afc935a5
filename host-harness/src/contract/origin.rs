//! Web origins, in which egress is granted.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use url::Host;

/// An origin: scheme, host and port (RFC 6454).
///
/// Stored in the canonical form that a browser makes (WHATWG URL Standard, "host parsing"), and requests are sent in
/// it: names in lower case and ASCII (`xn--`), without a dot at the end; addresses in their usual spelling, however odd
/// the one given (`2130706433` and `0x7f.1` are `127.0.0.1`), IPv4 also for `[::ffff:a.b.c.d]`; the port shown only
/// where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    https: bool,
    host: Host,
    port: u16,
}

/// An error of parsing an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an origin: {reason}; write it as https://host or https://host:port")]
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
    #[error("its host is neither a name nor an address")]
    Host,
    #[error("its host is longer than 253 bytes")]
    HostLength,
    #[error("it has a user part")]
    UserPart,
    #[error("its port is not between 1 and 65535")]
    Port,
    #[error("it has a path, a query or a fragment")]
    Path,
}

/// The longest name of a host, in bytes (RFC 1035, section 2.3.4, without the root).
const LONGEST_HOST: usize = 253;

impl Origin {
    /// The origin of a request's URI. None where the URI has none, or has a user part.
    pub fn of(uri: &Uri) -> Option<Self> {
        Self::read(uri.scheme_str()?, uri.authority()?.as_str()).ok()
    }

    /// The URI at this origin, in canonical form.
    pub(crate) fn locate(&self, uri: &Uri) -> Result<Uri, http::Error> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Uri::builder().scheme(self.scheme()).authority(self.authority()).path_and_query(path).build()
    }

    /// Parses the origin at the beginning of a text, and returns the rest.
    pub(crate) fn prefix(text: &str) -> Result<(Self, &str), OriginError> {
        let error = |reason| OriginError { text: without_user_part(text), reason };
        let (scheme, rest) = text.split_once("://").ok_or(error(Reason::NoScheme))?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        Ok((Self::read(scheme, authority).map_err(error)?, rest))
    }

    fn read(scheme: &str, authority: &str) -> Result<Self, Reason> {
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return Err(Reason::OtherScheme);
        }
        if authority.contains('@') {
            return Err(Reason::UserPart);
        }
        let (host, port) = split_port(authority);
        let host = canonical_host(host)?;
        let port = match port {
            "" => default_port(https),
            port => canonical_port(port).ok_or(Reason::Port)?,
        };
        Ok(Self { https, host, port })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if *port == default_port(self.https) { host.to_string() } else { format!("{host}:{port}") }
    }
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Splits a port off an authority. A colon between brackets belongs to an IPv6 address.
fn split_port(authority: &str) -> (&str, &str) {
    let address = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[address..].find(':') {
        Some(colon) => (&authority[..address + colon], &authority[address + colon + 1..]),
        None => (authority, ""),
    }
}

fn canonical_port(port: &str) -> Option<u16> {
    // `parse` alone would accept a sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port| digits && *port != 0)
}

fn canonical_host(host: &str) -> Result<Host, Reason> {
    match Host::parse(host) {
        Ok(Host::Domain(name)) if name.len() > LONGEST_HOST => Err(Reason::HostLength),
        Ok(Host::Domain(name)) => canonical_name(&name).map(Host::Domain).ok_or(Reason::Host),
        Ok(Host::Ipv6(address)) => Ok(address.to_ipv4_mapped().map_or(Host::Ipv6(address), Host::Ipv4)),
        Ok(address) => Ok(address),
        Err(url::ParseError::EmptyHost) => Err(Reason::NoHost),
        Err(_) => Err(Reason::Host),
    }
}

/// The canonical form of a host name. The standard accepts what no host is called, such as `*`, `{` and empty labels.
fn canonical_name(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.split('.').all(label).then(|| name.to_owned())
}

/// The text without the user part before an @, which may hold a password.
pub(crate) fn without_user_part(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("***@{host}"),
        None => text.to_owned(),
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        match Self::prefix(text)? {
            (origin, "" | "/") => Ok(origin),
            _ => Err(OriginError { text: without_user_part(text), reason: Reason::Path }),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Origin>().map_or_else(|error| error.to_string(), |origin| origin.to_string())
    }

    #[test]
    fn a_host_is_no_longer_than_a_name_can_be() {
        let of = |length: usize| format!("https://{}", "a.".repeat(length / 2 - 1) + &"a".repeat(length % 2 + 2));
        assert!(of(253).parse::<Origin>().is_ok());
        let error = of(254).parse::<Origin>().unwrap_err().to_string();
        assert!(error.contains("its host is longer than 253 bytes"), "{error}");
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
            ("https://host:00443", "https://host"),
            ("https://example.com.", "https://example.com"),
            ("https://_under.example.com", "https://_under.example.com"),
            // Names in other scripts, and characters that look like ASCII.
            ("https://Bücher.example", "https://xn--bcher-kva.example"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("https://ｅｘａｍｐｌｅ。com", "https://example.com"),
            ("https://exam\u{ad}ple.com", "https://example.com"),
            ("https://%65xample%2Ecom", "https://example.com"),
            // Spellings that a resolver accepts.
            ("http://2130706433", "http://127.0.0.1"),
            ("http://0x7f.1", "http://127.0.0.1"),
            ("http://0177.0.0.1", "http://127.0.0.1"),
            ("http://127.1", "http://127.0.0.1"),
            ("http://127.0.0.1.", "http://127.0.0.1"),
            ("http://%31%32%37.0.0.1", "http://127.0.0.1"),
            ("http://①②⑦.0.0.1", "http://127.0.0.1"),
            ("http://[0:0::0:1]:9", "http://[::1]:9"),
            ("http://[2001:DB8::1.2.3.4]", "http://[2001:db8::102:304]"),
            ("http://[::ffff:127.0.0.1]:81", "http://127.0.0.1:81"),
            ("http://[::ffff:7f00:1]", "http://127.0.0.1"),
        ] {
            assert_eq!(shown(text), canonical, "{text}");
            assert_eq!(shown(canonical), canonical);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_the_reason() {
        for (text, reason) in [
            ("api.example.com", "it has no scheme"),
            ("", "it has no scheme"),
            ("ftp://host", "its scheme is neither http nor https"),
            ("https://", "it has no host"),
            ("https://:443", "it has no host"),
            ("https:///host", "it has no host"),
            ("https://host/v4", "it has a path, a query or a fragment"),
            ("https://host//", "it has a path, a query or a fragment"),
            ("https://host?x=1", "it has a path, a query or a fragment"),
            ("https://host#x", "it has a path, a query or a fragment"),
            ("https://host:0", "its port is not between 1 and 65535"),
            ("https://host:99999", "its port is not between 1 and 65535"),
            ("https://host:+80", "its port is not between 1 and 65535"),
            ("https://host:80:80", "its port is not between 1 and 65535"),
            ("https://ho st", "its host is neither a name nor an address"),
            ("https://host\\path", "its host is neither a name nor an address"),
            ("https://ho%2fst", "its host is neither a name nor an address"),
            ("https://*.example.com", "its host is neither a name nor an address"),
            ("https://example..com", "its host is neither a name nor an address"),
            ("https://example.com..", "its host is neither a name nor an address"),
            ("https://.", "its host is neither a name nor an address"),
            ("https://xn--a", "its host is neither a name nor an address"),
            ("https://1.2.3.256", "its host is neither a name nor an address"),
            ("https://1.2.3.4.5", "its host is neither a name nor an address"),
            ("https://example.0x7f", "its host is neither a name nor an address"),
            ("https://[fe80::1%25eth0]", "its host is neither a name nor an address"),
            ("https://[fe80::1%eth0]", "its host is neither a name nor an address"),
            ("https://[::1", "its host is neither a name nor an address"),
            ("https://[::1]x", "its host is neither a name nor an address"),
            ("https://[127.0.0.1]", "its host is neither a name nor an address"),
        ] {
            assert_eq!(
                shown(text),
                format!("`{text}` is not an origin: {reason}; write it as https://host or https://host:port")
            );
        }
    }

    #[test]
    fn a_password_in_a_user_part_is_not_repeated() {
        for text in ["https://user:hunter2@host", "https://hunter2@host", "https://a@hunter2@host"] {
            assert_eq!(
                shown(text),
                "`***@host` is not an origin: it has a user part; write it as https://host or https://host:port"
            );
        }
        assert!(!shown("https://user:hunter/2@host").contains("hunter"));
    }

    #[test]
    fn a_request_has_an_origin_only_where_its_url_is_plain() {
        for url in [
            "https://allowed@other/path",
            "https://allowed:443@other/path",
            "https://other:+443/",
            "https://other:0/",
            "https://a..b/",
            "ftp://other/",
            "/path",
        ] {
            assert_eq!(url.parse().ok().and_then(|uri| Origin::of(&uri)), None, "{url}");
        }
    }

    #[test]
    fn a_request_goes_out_in_the_one_form_of_its_origin() {
        for (asked, sent) in [
            ("https://API.example.com:443/v4/sources?x=1", "https://api.example.com/v4/sources?x=1"),
            ("http://0x7f.1:8080/%41?", "http://127.0.0.1:8080/%41?"),
            ("http://[::FFFF:7f00:1]", "http://127.0.0.1/"),
            ("https://example.com.?x", "https://example.com/?x"),
        ] {
            let uri: Uri = asked.parse().unwrap();
            let origin = Origin::of(&uri).unwrap();
            assert_eq!(origin.locate(&uri).unwrap().to_string(), sent, "{asked}");
        }
    }
}
