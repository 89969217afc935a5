//! Egress hooks: where a plugin's requests leave the sandbox.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HOST, TE};
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use tokio::time::Instant;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks,
};

use super::client::NoResponse;
use super::quota::{Quota, UnderWay};
use super::{Client, RequestLog, secret_injection};
use crate::contract::origin::without_user_part;
use crate::egress::policy::grant::{self, AddressScope};
use crate::egress::request_body::RequestBody;
use crate::egress::request_log::Entry;
use crate::egress::response_pieces::ResponsePieces;
use crate::egress::response_redaction::ResponseRedactor;
use crate::egress::secret_scan::SecretScan;
use crate::egress::timeouts::{RequestPhase, Timeouts};
use crate::limits::limit_signal::LimitSignal;
use crate::secrets::placeholder::Placeholders;
use crate::spans::CallSpan;
use crate::{Denial, Exceeded, Grant, Limits, Origin};

/// The hooks of one call: its policy, its request log and the client.
pub(crate) struct Hooks {
    pub(crate) client: Client,
    pub(crate) grants: Arc<[Grant]>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) request_log: RequestLog,
    pub(crate) quota: Quota,
    pub(crate) limit_signal: LimitSignal,
    pub(crate) placeholders: Placeholders,
    /// Of the call. Nothing else holds it that may outlive the call.
    pub(crate) span: CallSpan,
}

/// The most of a request body that a plugin may pass at once, in bytes.
const CHUNK: usize = 8 << 10;

type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(Response<WasiBody>, Connection), Error>;

/// A request that the policy admitted.
struct Admitted {
    entry: Entry,
    reach: AddressScope,
    times: Timeouts,
    _under_way: UnderWay,
    limits: Arc<Limits>,
    placeholders: Placeholders,
}

impl Hooks {
    /// Admits the request, or denies it. From here on its target is in canonical form: the connection goes to what was
    /// checked.
    fn admit(&mut self, request: &mut Request<WasiBody>, options: Option<RequestOptions>) -> Result<Admitted, Error> {
        let under_way = self.quota.begin(request.uri().path(), &self.limits);
        let under_way = under_way.map_err(|exceeded| self.end(exceeded))?;
        let Some(origin) = Origin::of(request.uri()) else {
            let authority = request.uri().authority().map_or("", |authority| authority.as_str());
            self.request_log.deny(Denial::NoOrigin(without_user_part(authority)));
            return Err(Error::HttpRequestUriInvalid);
        };
        // The policy cannot see who is behind a tunnel, and a trace echoes the secrets in it.
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            self.request_log.deny(Denial::Method { method: request.method().to_string(), origin });
            return Err(Error::HttpRequestMethodInvalid);
        }
        let reach = grant::reach(&self.grants, request.method(), &origin, request.uri().path(), request.headers());
        let reach = reach.map_err(|denial| self.deny(denial))?;
        secret_injection::check_method(&self.placeholders, &origin, request.method())
            .map_err(|denial| self.deny(denial))?;
        let uri = std::mem::take(request.uri_mut());
        secret_injection::swap(&self.placeholders, &origin, &uri, request.headers_mut())
            .map_err(|denial| self.deny(denial))?;
        let (placeholders, to, request_log) = (self.placeholders.clone(), origin.clone(), self.request_log.clone());
        let body = std::mem::take(request.body_mut());
        *request.body_mut() = SecretScan::new(body, placeholders, to, request_log).boxed_unsync();
        *request.uri_mut() = origin.locate(&uri).map_err(|_| Error::HttpRequestUriInvalid)?;
        // The client derives it from the URI.
        request.headers_mut().remove(HOST);
        Ok(Admitted {
            entry: self.request_log.begin(&self.span, request.method(), origin, request.uri()),
            reach,
            times: Timeouts::new(&self.limits, options, Instant::now()),
            _under_way: under_way,
            limits: Arc::clone(&self.limits),
            placeholders: self.placeholders.clone(),
        })
    }

    fn deny(&self, denial: Denial) -> Error {
        self.request_log.deny(denial);
        Error::HttpRequestDenied
    }

    /// Ends the call for a limit. The error that the plugin gets until then does not matter.
    fn end(&self, exceeded: Exceeded) -> Error {
        self.limit_signal.pass(exceeded);
        Error::HttpRequestDenied
    }
}

impl WasiHttpHooks for Hooks {
    /// Hop-by-hop fields (RFC 9110, section 7.6.1) are the client's own.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| *name == TE || DEFAULT_FORBIDDEN_HEADERS.contains(name))
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Connection,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        match self.admit(&mut request, options) {
            Ok(admitted) => {
                let client = self.client.clone();
                let (limit, limit_signal) = (self.limits.request_body.0, self.limit_signal.clone());
                let request = request.map(|body| RequestBody::new(body, limit, limit_signal).boxed_unsync());
                Box::new(async move { send(&client, request, admitted).await })
            }
            Err(error) => {
                let within = self.limits.call;
                Box::new(async move {
                    tokio::spawn(drain(request.into_body(), within));
                    Err(error)
                })
            }
        }
    }
}

async fn send(client: &Client, request: Request<WasiBody>, admitted: Admitted) -> Answer {
    match client.send(request, admitted.reach, admitted.times).await {
        Ok(response) => {
            admitted.entry.end(Ok(response.status().as_u16()));
            let response = ResponsePieces::response(response, ResponseRedactor::of(&admitted.placeholders));
            // The request is under way until its response body is dropped.
            let response = response.map(|body| {
                body.map_err(move |error| {
                    admitted.failed(&error, RequestPhase::Body);
                    error
                })
                .boxed_unsync()
            });
            // The client itself drives the connection.
            Ok((response, Box::new(std::future::ready(Ok(())))))
        }
        Err(no_response) => {
            match &no_response {
                NoResponse::Refused(refused) => {
                    admitted.entry.deny(*refused);
                    admitted.failed(&Error::HttpRequestDenied, RequestPhase::Head);
                }
                NoResponse::Unreached { code, reason } => {
                    admitted.failed(code, RequestPhase::Head);
                    admitted.entry.never_left(reason.clone());
                }
                NoResponse::Lost { code, reason } => {
                    admitted.failed(code, RequestPhase::Head);
                    admitted.entry.explain(reason.clone());
                }
                NoResponse::Failed(error) => admitted.failed(error, RequestPhase::Head),
            }
            Err(no_response.into())
        }
    }
}

impl Admitted {
    /// Notes why the response is missing or incomplete.
    fn failed(&self, error: &Error, stage: RequestPhase) {
        self.entry.end(Err(match stage {
            RequestPhase::Head => error.to_string(),
            RequestPhase::Body => format!("in the response body: {error}"),
        }));
        if let Some(exceeded) = self.times.exceeded(&self.limits, error, stage) {
            self.entry.exceed(exceeded);
        }
    }
}

/// Reads a denied request's body, so that the plugin's writes succeed and it goes on to read the denial.
async fn drain(mut body: WasiBody, within: Duration) {
    let drained = async { while let Some(Ok(_)) = Pin::new(&mut body).frame().await {} };
    // A body that the plugin does not finish ends with its store or here, whichever is first.
    _ = tokio::time::timeout(within, drained).await;
}
