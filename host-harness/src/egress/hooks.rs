//! Where a plugin's requests come out of the sandbox.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::times::Times;
use super::traffic::Entry;
use super::{Client, Traffic};
use crate::{Denial, Limits, Origin};

/// The policy of one call, its books and the client.
pub(crate) struct Hooks {
    pub(crate) client: Client,
    pub(crate) allowed: Arc<BTreeSet<Origin>>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) traffic: Traffic,
}

type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(Response<WasiBody>, Connection), Error>;

impl Hooks {
    /// Lets the request out, or says why not.
    fn admit(&self, request: &Request<WasiBody>) -> Result<Entry, Error> {
        // There is no one behind a tunnel whom the policy could know.
        if request.method() == Method::CONNECT {
            return Err(Error::HttpRequestMethodInvalid);
        }
        let origin = Origin::of(request.uri()).ok_or(Error::HttpRequestUriInvalid)?;
        if !self.allowed.contains(&origin) {
            self.traffic.deny(Denial::Origin(origin));
            return Err(Error::HttpRequestDenied);
        }
        Ok(self.traffic.begin(request.method(), origin, request.uri()))
    }
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Connection,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        match self.admit(&request) {
            Ok(entry) => {
                let client = self.client.clone();
                let times = Times::new(&self.limits, options);
                Box::new(async move { send(&client, request, times, entry).await })
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

async fn send(client: &Client, request: Request<WasiBody>, times: Times, entry: Entry) -> Answer {
    match client.send(request, times).await {
        Ok(response) => {
            entry.end(Ok(response.status().as_u16()));
            let response = response.map(|body| {
                body.map_err(move |error| {
                    entry.end(Err(format!("in the response body: {error}")));
                    error
                })
                .boxed_unsync()
            });
            // The client itself looks after the connection.
            Ok((response, Box::new(std::future::ready(Ok(())))))
        }
        Err(error) => {
            entry.end(Err(error.to_string()));
            Err(error)
        }
    }
}

/// Reads a body that goes nowhere, so that the plugin's writes succeed and it comes to look at the denial.
async fn drain(mut body: WasiBody, within: Duration) {
    let drained = async { while let Some(Ok(_)) = Pin::new(&mut body).frame().await {} };
    // What the plugin does not finish ends with its store or here, whichever is first.
    _ = tokio::time::timeout(within, drained).await;
}
