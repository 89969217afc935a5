//! A client over wasi:http that lets a guest do what no honest client would.

use std::fmt::Write;

use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};
use wasi::io::streams::StreamError;

use crate::answer::{failed, report, succeeded_with};
use crate::bindings::orchestrator::plugin::types::{ErrorKind, TaskError};
use crate::plugin::Answer;

/// The most bytes that one blocking write takes.
const CHUNK: usize = 4096;

/// A request. Nothing in it is checked.
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<Vec<u8>>,
    trailers: Vec<(String, Vec<u8>)>,
    timeout: Option<u64>,
}

/// Why there is no response.
#[derive(Debug)]
pub enum Failure {
    /// The host did not take this part of the request.
    Refused(&'static str),
    /// The exchange failed.
    Code(ErrorCode),
    /// The response's body broke off.
    Body,
}

/// A response, read to its end.
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// The lengths of the pieces in which it came.
    pub pieces: Vec<usize>,
}

impl Request {
    /// A GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            trailers: Vec::new(),
            timeout: None,
        }
    }

    /// A POST of a body in these pieces.
    pub fn post(url: impl Into<String>, body: &[&str]) -> Self {
        let length = body.iter().map(|piece| piece.len()).sum::<usize>().to_string();
        Self::streamed(url, body).header("content-length", length)
    }

    /// A POST of a body whose length is not announced.
    pub fn streamed(url: impl Into<String>, body: &[&str]) -> Self {
        let body = body.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        Self { method: Method::Post, body, ..Self::get(url) }
    }

    /// With another method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With a token in its `authorization`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", ["Bearer ", token].concat())
    }

    /// With a field after its body.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.trailers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With this time-out for everything, in nanoseconds.
    #[must_use]
    pub fn timeout(self, nanoseconds: u64) -> Self {
        Self { timeout: Some(nanoseconds), ..self }
    }

    /// The request as the host takes it.
    pub fn outgoing(&self) -> Result<OutgoingRequest, Failure> {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let (authority, path) = rest.find(['/', '?']).map_or((rest, "/"), |slash| rest.split_at(slash));
        let path = if path.starts_with('?') { &["/", path].concat() } else { path };
        let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
        let outgoing = OutgoingRequest::new(fields(&self.headers)?);
        outgoing.set_method(&self.method).map_err(|()| Failure::Refused("method"))?;
        outgoing.set_scheme(Some(&scheme)).map_err(|()| Failure::Refused("scheme"))?;
        outgoing.set_authority(Some(authority)).map_err(|()| Failure::Refused("authority"))?;
        outgoing.set_path_with_query(Some(path)).map_err(|()| Failure::Refused("path"))?;
        Ok(outgoing)
    }

    /// Sends it and does not wait for what comes of it.
    pub fn start(&self) -> Result<FutureIncomingResponse, Failure> {
        let outgoing = self.outgoing()?;
        let options = self.timeout.map(|nanoseconds| {
            let options = RequestOptions::new();
            let _ = options.set_connect_timeout(Some(nanoseconds));
            let _ = options.set_first_byte_timeout(Some(nanoseconds));
            let _ = options.set_between_bytes_timeout(Some(nanoseconds));
            options
        });
        let body = outgoing.body().map_err(|()| Failure::Refused("body"))?;
        let sent = outgoing_handler::handle(outgoing, options).map_err(Failure::Code)?;
        if let Ok(stream) = body.write() {
            for chunk in self.body.iter().flat_map(|piece| piece.chunks(CHUNK)) {
                if stream.blocking_write_and_flush(chunk).is_err() {
                    break;
                }
            }
        }
        let trailers = if self.trailers.is_empty() { None } else { Some(fields(&self.trailers)?) };
        // The future knows why, if the request is lost.
        let _ = OutgoingBody::finish(body, trailers);
        Ok(sent)
    }

    /// Sends it and reads what comes back.
    pub fn send(&self) -> Result<Response, Failure> {
        Response::of(&self.start()?)
    }

    /// Sends it and reports the status and the length of the body.
    pub fn answer(&self) -> Answer {
        let Response { status, body, .. } = self.send()?;
        let facts = vec![("status", status.to_string()), ("body_length", body.len().to_string())];
        succeeded_with(report("it was answered"), facts)
    }
}

impl Response {
    /// What comes of a request that was sent.
    pub fn of(sent: &FutureIncomingResponse) -> Result<Self, Failure> {
        sent.subscribe().block();
        let response = sent.get().and_then(Result::ok).ok_or(Failure::Body)?.map_err(Failure::Code)?;
        let pieces = read(&response)?;
        let lengths = pieces.iter().map(Vec::len).collect();
        Ok(Self { status: response.status(), body: pieces.concat(), pieces: lengths })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Failure {
    /// The name of wasi:http's error code in snake case, `refused_` and the part refused, or `body`.
    pub fn code(&self) -> String {
        match self {
            Self::Refused(part) => format!("refused_{part}"),
            Self::Body => "body".to_owned(),
            Self::Code(code) => {
                let name = format!("{code:?}");
                let name = name.trim_start_matches("ErrorCode::").split('(').next().unwrap_or_default();
                let mut code = String::new();
                for letter in name.chars() {
                    if letter.is_ascii_uppercase() && !code.is_empty() {
                        code.push('_');
                    }
                    let _ = code.write_char(letter.to_ascii_lowercase());
                }
                code
            }
        }
    }
}

impl From<Failure> for TaskError {
    fn from(failure: Failure) -> Self {
        let kind = match failure {
            Failure::Code(ErrorCode::HttpRequestDenied) => ErrorKind::Denied,
            _ => ErrorKind::OutcomeUnknown,
        };
        failed(kind, failure.code(), "there is no answer")
    }
}

/// Sends each and reports, by its name, the status or the code of the failure.
pub fn outcomes<'a>(requests: impl IntoIterator<Item = (&'a str, Request)>) -> Answer {
    let outcome = |request: Request| match request.send() {
        Ok(response) => response.status.to_string(),
        Err(failure) => failure.code(),
    };
    let facts = requests.into_iter().map(|(name, request)| (name, outcome(request))).collect();
    succeeded_with(report("it tried"), facts)
}

fn fields(list: &[(String, Vec<u8>)]) -> Result<Fields, Failure> {
    let fields = Fields::new();
    for (name, value) in list {
        fields.append(name, value).map_err(|_| Failure::Refused("header"))?;
    }
    Ok(fields)
}

fn read(response: &IncomingResponse) -> Result<Vec<Vec<u8>>, Failure> {
    let mut pieces = Vec::new();
    let body = response.consume().map_err(|()| Failure::Body)?;
    let stream = body.stream().map_err(|()| Failure::Body)?;
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => pieces.push(piece),
            Err(StreamError::Closed) => return Ok(pieces),
            Err(StreamError::LastOperationFailed(_)) => return Err(Failure::Body),
        }
    }
}
