//! Denials: requests that the egress policy did not let out.

use std::net::IpAddr;

use crate::{AddressClass, Origin, Redactor};

/// A request of a plugin that was denied or cut off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// The plugin may not reach the origin.
    #[error("the plugin asked for {0}, which is not allowed")]
    Origin(Origin),
    /// The request has no valid origin: its URL has a user part, or an invalid host or port. Holds the host and the
    /// port without the user part, cut after 256 bytes.
    #[error("the plugin asked for `{0}`, which names no origin")]
    NoOrigin(String),
    /// The plugin asked for a tunnel or a trace, which no grant allows.
    #[error("the plugin asked for {method} at {origin}, which is allowed to none")]
    Method {
        /// The method.
        method: String,
        /// The origin.
        origin: Origin,
    },
    /// The plugin may reach the origin, but not by this method and path.
    #[error("the plugin asked for {method} {path} at {origin}, which is not allowed there")]
    Request {
        /// The origin.
        origin: Origin,
        /// The method.
        method: String,
        /// The path without the query, cut after 256 bytes.
        path: String,
    },
    /// The plugin may send the request, but not with this header: many servers take the method or the path from it.
    #[error("the plugin sent {header} to {origin}, where not all methods and paths are allowed")]
    Override {
        /// The origin.
        origin: Origin,
        /// The header.
        header: String,
    },
    /// The origin's name leads to an address that only an internal grant allows.
    #[error("the plugin asked for {origin}, whose address {address} is {class}")]
    Address {
        /// The origin.
        origin: Origin,
        /// The address.
        address: IpAddr,
        /// Its class.
        class: AddressClass,
    },
    /// A secret was where none may be, or its request went where that secret may not go.
    #[error("the plugin put the secret `{name}` into {place} of a request to {origin}{}", place.why())]
    Secret {
        /// The field that is secret.
        name: String,
        /// The secret's place in the request.
        place: SecretPlace,
        /// The request's target.
        origin: Origin,
    },
    /// The target's host name held a secret. The name is not kept, because it must not be shown.
    #[error("the plugin put the secret `{name}` into the name of a host")]
    SecretInHost {
        /// The field that is secret.
        name: String,
    },
    /// The secret's value cannot be in a header.
    #[error(
        "the secret `{name}` cannot be sent to {origin}: \
         it is too long for a header, or holds a line break or another control character"
    )]
    UnfitSecret {
        /// The field that is secret.
        name: String,
        /// The request's target.
        origin: Origin,
    },
}

/// The most bytes kept of a text in a request.
const KEPT: usize = 256;

/// The part of a path, method or header name that is kept, redacted: a plugin can make them of any length.
pub(crate) fn kept(text: &str, redactor: &Redactor) -> String {
    redactor.cut(text.as_bytes(), text.floor_char_boundary(KEPT))
}

impl Denial {
    /// The request's target. None where it is not known.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Origin(origin)
            | Self::Method { origin, .. }
            | Self::Request { origin, .. }
            | Self::Override { origin, .. }
            | Self::Address { origin, .. }
            | Self::Secret { origin, .. }
            | Self::UnfitSecret { origin, .. } => Some(origin),
            Self::NoOrigin(_) | Self::SecretInHost { .. } => None,
        }
    }

    /// The denial with its texts redacted and cut.
    pub(crate) fn kept(mut self, redactor: &Redactor) -> Self {
        match &mut self {
            Self::NoOrigin(text) | Self::Method { method: text, .. } | Self::Override { header: text, .. } => {
                *text = kept(text, redactor);
            }
            Self::Request { method, path, .. } => {
                *method = kept(method, redactor);
                *path = kept(path, redactor);
            }
            _ => {}
        }
        self
    }
}

/// A place in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SecretPlace {
    /// The method.
    #[error("the method")]
    Method,
    /// The path or the query.
    #[error("the url")]
    Url,
    /// The name of a header.
    #[error("the name of a header")]
    HeaderName,
    /// A header of a request to an origin that was not granted the secret.
    #[error("a header")]
    Header,
    /// The body.
    #[error("the body")]
    Body,
    /// A header that comes after the body.
    #[error("a trailer")]
    Trailer,
}

impl SecretPlace {
    /// The reason for the denial, where the place itself is right.
    fn why(self) -> &'static str {
        if self == Self::Header { ", where it may not go" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn a_path_is_kept_without_secrets_and_cut() {
        let origin: Origin = "https://granted".parse().unwrap();
        let redactor = Redactor::new([Secret::new("hunter2-hunter2")]);
        let path = |before: usize| format!("/{}hunter2-hunter2/{}", "x".repeat(before), "y".repeat(300));
        for (before, kept) in [(4, format!("/xxxx***/{}", "y".repeat(235))), (250, format!("/{}***", "x".repeat(250)))]
        {
            let denial = Denial::Request { origin: origin.clone(), method: "GET".to_owned(), path: path(before) };
            let Denial::Request { path, .. } = denial.kept(&redactor) else { panic!("another denial") };
            assert_eq!(path, kept);
        }
        let host = "hunter2-hunter2".repeat(30);
        assert_eq!(Denial::NoOrigin(host).kept(&redactor), Denial::NoOrigin("***".repeat(18)));
    }
}
