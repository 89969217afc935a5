//! Error codes of failed requests, as the plugin gets them.
//!
//! A plugin decides by the code whether its request may have taken effect, so each code means what wasi:http and RFC
//! 9209, section 2.3, say. Where nothing can have been sent, the code proves it; the reason, which hardly any code can
//! carry, goes into the request log.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use http::Extensions;
use hyper_util::client::legacy;
use wasmtime_wasi_http::Error;

use super::client::NoResponse;
use super::connector::NoConnection;
use super::handshake;
use super::resolver::{NoAddress, NoInterfaces, Refused};
use super::response_head::ResponseHead;

/// Classifies the client's error.
pub(super) fn no_response(error: &legacy::Error) -> NoResponse {
    match find::<Refused>(error) {
        Some(refused) => NoResponse::Refused(*refused),
        None if error.is_connect() => no_connection(error),
        None => match unreadable(error).or_else(|| handshake::ended(find(error)?)) {
            Some(reason) => NoResponse::Lost { code: code(error), reason },
            None => NoResponse::Failed(code(error)),
        },
    }
}

/// The reason why a response cannot be read, where its head shows that.
fn unreadable(error: &legacy::Error) -> Option<String> {
    find::<hyper::Error>(error).filter(|error| error.is_parse() && !error.is_parse_too_large())?;
    let mut extras = Extensions::new();
    error.connect_info()?.get_extras(&mut extras);
    extras.get::<ResponseHead>()?.problem()
}

/// The error of a connection that did not come about within this time.
pub(super) fn no_connection_in_time(limit: Duration) -> NoResponse {
    let reason = format!("there was no connection within {limit:?}");
    NoResponse::Unreached { code: Error::ConnectionTimeout, reason }
}

/// A code that proves that nothing was sent: no host uses it after something was. Time-outs, TLS alerts and protocol
/// errors can also come later, so their codes alone prove nothing.
pub(super) fn proven(code: Error) -> Error {
    match code {
        Error::DnsError { .. }
        | Error::TlsCertificateError
        | Error::ConnectionRefused
        | Error::DestinationIpUnroutable => code,
        _ => Error::DestinationUnavailable,
    }
}

/// The code for an error after connecting, or before looking for a connection.
fn code(error: &legacy::Error) -> Error {
    // This side broke off the request's own body.
    if matches!(find(error), Some(Error::HttpRequestDenied)) {
        return Error::HttpRequestDenied;
    }
    match find::<hyper::Error>(error) {
        Some(error) if error.is_parse_too_large() => Error::HttpResponseHeaderSectionSize(None),
        Some(error) if error.is_parse() => Error::HttpProtocolError,
        // The client refused the request before it looked for a connection.
        None if find::<io::Error>(error).is_none() => Error::HttpRequestUriInvalid,
        _ => Error::ConnectionTerminated,
    }
}

/// The code for a response body that broke off.
pub(super) fn body(error: &hyper::Error) -> Error {
    match find::<io::Error>(error).map(io::Error::kind) {
        // The chunked framing is invalid or too large.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => Error::HttpResponseTransferCoding(None),
        _ => Error::HttpResponseIncomplete,
    }
}

/// The error of a name lookup, TCP connection or TLS handshake that failed: nothing was sent.
fn no_connection(error: &legacy::Error) -> NoResponse {
    let unreached = |code, reason: &str| NoResponse::Unreached { code, reason: reason.to_owned() };
    if let Some(NoConnection::Timeout(limit)) = find(error) {
        return no_connection_in_time(*limit);
    }
    if let Some(no_interfaces) = find::<NoInterfaces>(error) {
        let reason = no_interfaces.to_string();
        return unreached(Error::DnsError { rcode: Some(reason.clone()), info_code: None }, &reason);
    }
    if find::<NoAddress>(error).is_some() {
        let rcode = Some("address not available".to_owned());
        return unreached(Error::DnsError { rcode, info_code: None }, "its name has no address");
    }
    if let Some(error) = find::<rustls::Error>(error) {
        let (code, reason) = handshake::failed(error);
        return NoResponse::Unreached { code, reason };
    }
    // The TLS layer wraps errors of the connection below.
    let in_handshake = find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::Other);
    let kind = innermost(error).map(io::Error::kind);
    match kind {
        _ if in_handshake => unreached(Error::TlsProtocolError, handshake::broken_off(kind)),
        Some(io::ErrorKind::ConnectionRefused) => unreached(Error::ConnectionRefused, "nothing listens at its port"),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            unreached(Error::DestinationIpUnroutable, "no route leads to its address")
        }
        _ => unreached(Error::DestinationUnavailable, "the connection broke off while it was made"),
    }
}

/// The first error of this type in the chain of causes.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The last I/O error in the chain of causes: the system's own.
fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a io::Error> {
    chain(error).filter_map(|error| error.downcast_ref()).last()
}

/// An error and its causes. The causes inside an `io::Error` are not its `source`.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
        Some(error)
    })
}
