//! What the plugin is told of a request that failed.
//!
//! A plugin decides by the error code whether its request may have taken effect, so each code here says what wasi:http and
//! RFC 9209, section 2.3, make of it: one of the connect codes only where nothing can have left.

use std::error::Error as StdError;
use std::io;

use hyper_util::client::legacy;
use wasmtime_wasi_http::Error;

use super::client::NoResponse;
use super::connector::NoConnection;
use super::resolver::{NoAddress, NoInterfaces, Refused};

/// What the client says.
pub(super) fn no_response(error: &legacy::Error) -> NoResponse {
    match find::<Refused>(error) {
        Some(refused) => NoResponse::Refused(*refused),
        None => NoResponse::Failed(code(error)),
    }
}

/// The code for what the client says.
fn code(error: &legacy::Error) -> Error {
    if error.is_connect() {
        return connect(error);
    }
    // The request's own body was broken off on this side.
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
        // What the chunks say of themselves is wrong or too much.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => Error::HttpResponseTransferCoding(None),
        _ => Error::HttpResponseIncomplete,
    }
}

/// Nothing was sent: name lookup, TCP or TLS failed.
fn connect(error: &legacy::Error) -> Error {
    if matches!(find(error), Some(NoConnection::Timeout(_))) {
        return Error::ConnectionTimeout;
    }
    if let Some(no_interfaces) = find::<NoInterfaces>(error) {
        return Error::DnsError { rcode: Some(no_interfaces.to_string()), info_code: None };
    }
    if find::<NoAddress>(error).is_some() {
        return Error::DnsError { rcode: Some("address not available".to_owned()), info_code: None };
    }
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(_)) => return Error::TlsCertificateError,
        Some(rustls::Error::AlertReceived(alert)) => {
            return Error::TlsAlertReceived {
                alert_id: Some(u8::from(*alert)),
                alert_message: Some(format!("{alert:?}")),
            };
        }
        Some(_) => return Error::TlsProtocolError,
        None => {}
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => Error::DestinationIpUnroutable,
        // The TLS layer wraps what breaks off under it.
        Some(io::ErrorKind::Other) => Error::TlsProtocolError,
        _ => Error::DestinationUnavailable,
    }
}

/// The first error of this type in the chain of causes. Those inside an `io::Error` are no `source` of it.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
