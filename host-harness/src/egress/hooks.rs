//! Where a plugin's requests come out of the sandbox.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use tokio::time::Instant;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::outgoing::Outgoing;
use super::quota::{Quota, UnderWay};
use super::times::{self, Stage, Times};
use super::traffic::Entry;
use super::{Client, Traffic};
use crate::breach::Breach;
use crate::{Denial, Limit, Limits, Origin};

/// The policy of one call, its books and the client.
pub(crate) struct Hooks {
    pub(crate) client: Client,
    pub(crate) allowed: Arc<BTreeSet<Origin>>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) traffic: Traffic,
    pub(crate) quota: Quota,
    pub(crate) breach: Breach,
}

/// How much of a request's body a plugin may hand over at once, in bytes.
const CHUNK: usize = 64 << 10;

type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(Response<WasiBody>, Connection), Error>;

/// A request that was let out.
struct Admitted {
    entry: Entry,
    _under_way: UnderWay,
    limits: Arc<Limits>,
}

impl Hooks {
    /// Lets the request out, or says why not.
    fn admit(&mut self, request: &Request<WasiBody>) -> Result<Admitted, Error> {
        // There is no one behind a tunnel whom the policy could know.
        if request.method() == Method::CONNECT {
            return Err(Error::HttpRequestMethodInvalid);
        }
        let origin = Origin::of(request.uri()).ok_or(Error::HttpRequestUriInvalid)?;
        let under_way = self.quota.begin(&self.limits).map_err(|limit| self.end(limit))?;
        if !self.allowed.contains(&origin) {
            self.traffic.deny(Denial::Origin(origin));
            return Err(Error::HttpRequestDenied);
        }
        let entry = self.traffic.begin(request.method(), origin, request.uri());
        Ok(Admitted { entry, _under_way: under_way, limits: Arc::clone(&self.limits) })
    }

    /// Ends the call for a limit. What the plugin is told until then does not matter.
    fn end(&self, limit: Limit) -> Error {
        self.breach.note(limit);
        Error::HttpRequestDenied
    }
}

impl WasiHttpHooks for Hooks {
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Connection,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        match self.admit(&request) {
            Ok(admitted) => {
                let client = self.client.clone();
                let times = Times::new(&self.limits, options, Instant::now());
                let (limit, breach) = (self.limits.request_body.0, self.breach.clone());
                let request = request.map(|body| Outgoing::new(body, limit, breach).boxed_unsync());
                Box::new(async move { send(&client, request, times, admitted).await })
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

async fn send(client: &Client, request: Request<WasiBody>, times: Times, admitted: Admitted) -> Answer {
    match client.send(request, times).await {
        Ok(response) => {
            admitted.entry.end(Ok(response.status().as_u16()));
            // The request is under way for as long as there is a body.
            let response = response.map(|body| {
                body.map_err(move |error| {
                    admitted.failed(&error, Stage::Body);
                    error
                })
                .boxed_unsync()
            });
            // The client itself looks after the connection.
            Ok((response, Box::new(std::future::ready(Ok(())))))
        }
        Err(error) => {
            admitted.failed(&error, Stage::Head);
            Err(error)
        }
    }
}

impl Admitted {
    /// Notes why there is no response, or not all of it.
    fn failed(&self, error: &Error, stage: Stage) {
        self.entry.end(Err(match stage {
            Stage::Head => error.to_string(),
            Stage::Body => format!("in the response body: {error}"),
        }));
        if let Some(limit) = times::limit(error, stage) {
            self.entry.exceed(self.limits.exceeded(limit));
        }
    }
}

/// Reads a body that goes nowhere, so that the plugin's writes succeed and it comes to look at the denial.
async fn drain(mut body: WasiBody, within: Duration) {
    let drained = async { while let Some(Ok(_)) = Pin::new(&mut body).frame().await {} };
    // What the plugin does not finish ends with its store or here, whichever is first.
    _ = tokio::time::timeout(within, drained).await;
}
