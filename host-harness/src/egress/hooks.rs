//! Where a plugin's requests come out of the sandbox.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::HOST;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::client::NoResponse;
use super::times::Times;
use super::traffic::Entry;
use super::{Client, Traffic};
use crate::grant::{self, Reach};
use crate::{Grant, Limits, Origin};

/// The policy of one call, its books and the client.
pub(crate) struct Hooks {
    pub(crate) client: Client,
    pub(crate) grants: Arc<[Grant]>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) traffic: Traffic,
}

type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(Response<WasiBody>, Connection), Error>;

impl Hooks {
    /// Lets the request out, or says why not. Where it goes is from here on written in one form: what was looked at is
    /// what is connected to.
    fn admit(&self, request: &mut Request<WasiBody>) -> Result<(Entry, Reach), Error> {
        // There is no one behind a tunnel whom the policy could know.
        if request.method() == Method::CONNECT {
            return Err(Error::HttpRequestMethodInvalid);
        }
        let origin = Origin::of(request.uri()).ok_or(Error::HttpRequestUriInvalid)?;
        let reach = grant::reach(&self.grants, request.method(), &origin, request.uri().path());
        let reach = reach.map_err(|denial| {
            self.traffic.deny(denial);
            Error::HttpRequestDenied
        })?;
        *request.uri_mut() = origin.locate(request.uri()).map_err(|_| Error::HttpRequestUriInvalid)?;
        // The client makes it from the URI.
        request.headers_mut().remove(HOST);
        Ok((self.traffic.begin(request.method(), origin, request.uri()), reach))
    }
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Connection,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        match self.admit(&mut request) {
            Ok((entry, reach)) => {
                let client = self.client.clone();
                let times = Times::new(&self.limits, options);
                Box::new(async move { send(&client, request, reach, times, entry).await })
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

async fn send(client: &Client, request: Request<WasiBody>, reach: Reach, times: Times, entry: Entry) -> Answer {
    match client.send(request, reach, times).await {
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
        Err(no_response) => {
            if let NoResponse::Refused(refused) = no_response {
                entry.deny(refused);
            }
            let error = Error::from(no_response);
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
