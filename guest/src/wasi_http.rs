//! The HTTP seam over wasi:http 0.2.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{self, ErrorCode, Fields, IncomingResponse, OutgoingBody, OutgoingRequest, Scheme};
use wasi::io::streams::StreamError;

use crate::http::{Answer, Http, Method, Request, SendError};
use crate::status::Status;

/// The most bytes of one read.
const CHUNK_BYTES: u64 = 64 * 1024;

/// The most bytes of one write.
const MOST_WRITTEN_BYTES: usize = 4096;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// An [`Http`] that sends requests through the host.
pub struct WasiHttp;

impl Http for WasiHttp {
    fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
        let began = monotonic_clock::now();
        let outgoing =
            outgoing(request).ok_or_else(|| SendError::NotSent("the host took no such request".to_owned()))?;
        let body = outgoing.body().ok();
        let sent = outgoing_handler::handle(outgoing, None).map_err(|code| send_error(&code))?;
        // Where this fails, the request is lost already, and the future below has the error.
        let _ = body.map(|body| write(body, &request.body));
        sent.subscribe().block();
        let lost = || SendError::NoAnswer("the host gave none".to_owned());
        let response = sent.get().ok_or_else(lost)?.map_err(|()| lost())?.map_err(|code| send_error(&code))?;
        let after_ms = monotonic_clock::now().saturating_sub(began).div_ceil(NANOSECONDS_PER_MILLISECOND);
        let (body, cut) = read(&response);
        Ok(Answer {
            status: Status(response.status()),
            date: header(&response, "date"),
            after_ms,
            location: header(&response, "location"),
            encoding: header(&response, "content-encoding"),
            retry_after: header(&response, "retry-after"),
            body,
            cut,
        })
    }
}

/// The request in wasi:http's types. None where the host refuses a part of it, such as a header.
fn outgoing(request: &Request<'_>) -> Option<OutgoingRequest> {
    let fields = Fields::new();
    for (name, value) in &request.headers {
        fields.append(name, value.as_bytes()).ok()?;
    }
    let method = match request.method {
        Method::Get => types::Method::Get,
        Method::Post => types::Method::Post,
        Method::Put => types::Method::Put,
        Method::Patch => types::Method::Patch,
        Method::Delete => types::Method::Delete,
    };
    // Without this header, some hosts send an empty chunked body and some wait.
    if request.method != Method::Get {
        fields.append("content-length", request.body.len().to_string().as_bytes()).ok()?;
    }
    let url = request.base_url;
    let outgoing = OutgoingRequest::new(fields);
    outgoing.set_method(&method).ok()?;
    outgoing.set_scheme(Some(if url.is_https { &Scheme::Https } else { &Scheme::Http })).ok()?;
    outgoing.set_authority(Some(&url.authority)).ok()?;
    outgoing.set_path_with_query(Some(&format!("{}{}", url.path, request.path))).ok()?;
    Some(outgoing)
}

/// Writes the whole body and finishes it.
fn write(body: OutgoingBody, text: &str) -> Option<()> {
    let stream = body.write().ok()?;
    for chunk in text.as_bytes().chunks(MOST_WRITTEN_BYTES) {
        stream.blocking_write_and_flush(chunk).ok()?;
    }
    drop(stream);
    OutgoingBody::finish(body, None).ok()
}

/// The first value of a response header. None where it is not UTF-8.
fn header(response: &IncomingResponse, name: &str) -> Option<String> {
    String::from_utf8(response.headers().get(name).into_iter().next()?).ok()
}

/// Reads the body, as much of it as comes, and the error where that is not all of it. The host bounds its length.
fn read(response: &IncomingResponse) -> (Vec<u8>, Option<SendError>) {
    let mut bytes = Vec::new();
    let broke_off = || Some(SendError::broke_off());
    let Ok(body) = response.consume() else {
        return (bytes, broke_off());
    };
    let Ok(stream) = body.stream() else {
        return (bytes, broke_off());
    };
    loop {
        match stream.blocking_read(CHUNK_BYTES) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => return (bytes, None),
            // Of these errors only a passed limit has a message of its own: any other broke the answer off.
            Err(StreamError::LastOperationFailed(error)) => {
                let is_too_large = |code: &ErrorCode| matches!(code, ErrorCode::HttpResponseBodySize(_));
                let too_large = types::http_error_code(&error).filter(is_too_large);
                return (bytes, too_large.map(|code| send_error(&code)).or_else(broke_off));
            }
        }
    }
}

/// Classifies an error code of wasi:http (those of RFC 9209, section 2.3) by whether the request may have been sent.
///
/// Only codes that hosts never use after sending prove that nothing was sent: those of name resolution, of routing, of a refused
/// connection and of a certificate, which is checked before anything is sent. The others do not: hosts also report a late answer as
/// `connection-timeout`, and a TLS alert or a protocol error can come at any time.
fn send_error(code: &ErrorCode) -> SendError {
    let not_sent = |what: &str| SendError::NotSent(what.to_owned());
    let no_answer = |what: &str| SendError::NoAnswer(what.to_owned());
    let unusable = |what: &str| SendError::Unusable(what.to_owned());
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => SendError::Denied,
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => {
            not_sent("its name could not be resolved: see whether base_url is right, or try again later")
        }
        ErrorCode::DestinationNotFound | ErrorCode::DestinationIpUnroutable => {
            not_sent("there is no way to it; try again later")
        }
        ErrorCode::DestinationUnavailable => not_sent("there is no connection to it"),
        ErrorCode::ConnectionRefused => not_sent("the connection was refused; try again later"),
        ErrorCode::TlsCertificateError => not_sent("its certificate is not trusted"),
        ErrorCode::ConnectionLimitReached => no_answer("the host has too many connections open"),
        ErrorCode::ConnectionTimeout => no_answer("it took too long to connect or to answer"),
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => no_answer("the secure connection broke"),
        ErrorCode::ConnectionTerminated => no_answer("the connection was closed"),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => no_answer("it took too long"),
        ErrorCode::ConnectionWriteTimeout => no_answer("sending took too long"),
        ErrorCode::HttpResponseIncomplete => SendError::broke_off(),
        ErrorCode::HttpResponseBodySize(_) => unusable("its answer is larger than the host lets through"),
        ErrorCode::HttpProtocolError => unusable("what came is not HTTP: see whether base_url is right"),
        ErrorCode::InternalError(text) => SendError::HostFailed(text.clone()),
        _ => no_answer("the exchange went wrong"),
    }
}
