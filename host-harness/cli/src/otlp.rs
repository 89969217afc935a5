//! OTLP: exports the spans to an OpenTelemetry collector, if the environment names one
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>).

use std::env;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry::{KeyValue, Value};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};

use crate::log;

/// The environment variables that name the collector; either suffices.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The timeout of one export, and of the last one as the program ends.
const EXPORT: Duration = Duration::from_secs(5);

/// The largest answer of a collector, in bytes.
const ANSWER: usize = 1 << 20;

/// The export of spans, while the program runs.
pub(crate) struct Export {
    provider: SdkTracerProvider,
    failure: Failure,
}

/// The reason why spans were lost first.
type Failure = Arc<OnceLock<String>>;

impl Export {
    /// Starts the export to the collector that the environment names, if it names one.
    pub(crate) fn start() -> Result<Option<Self>, String> {
        if !ENDPOINTS.iter().any(|variable| env::var_os(variable).is_some_and(|text| !text.is_empty())) {
            return Ok(None);
        }
        let failed = |error: &dyn std::error::Error| {
            format!(
                "spans cannot be exported: {error}; OTEL_EXPORTER_OTLP_ENDPOINT takes a URL such as http://127.0.0.1:4318"
            )
        };
        // As for plugins' requests: Mozilla's roots where the system has none.
        let connector = HttpsConnectorBuilder::new().with_native_roots();
        let connector = connector.unwrap_or_else(|_| HttpsConnectorBuilder::new().with_webpki_roots());
        let connector = connector.https_or_http().enable_http1().build();
        let client =
            OnRuntime { runtime: Handle::current(), client: Client::builder(TokioExecutor::new()).build(connector) };
        let exporter = OtlpExporter::builder().with_http().with_http_client(client).build();
        let exporter = exporter.map_err(|error| failed(&error))?;
        let resource = match env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => Resource::builder(),
            None => Resource::builder().with_service_name("host-harness"),
        };
        let failure = Failure::default();
        let exporter = Redacted { exporter, failure: Arc::clone(&failure) };
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
        Ok(Some(Self { provider, failure }))
    }

    /// The layer that takes the host's spans to the collector.
    pub(crate) fn layer(&self) -> impl Layer<Registry> + use<> {
        let layer = OpenTelemetryLayer::new(self.provider.tracer("host-harness"));
        let layer = layer.with_location(false).with_threads(false).with_target(false).with_tracked_inactivity(false);
        // An event would become a part of its span, unredacted.
        layer.with_filter(filter_fn(|metadata| metadata.is_span() && log::is_of_the_host(metadata)))
    }

    /// Exports the remaining spans. The error says why spans were lost.
    pub(crate) fn finish(self) -> Result<(), String> {
        let ended = self.provider.shutdown_with_timeout(EXPORT);
        match self.failure.get() {
            Some(failure) => Err(failure.clone()),
            None => ended.map_err(|error| error.to_string()),
        }
    }
}

/// Redacts spans, and adds what OpenTelemetry expects besides their fields.
#[derive(Debug)]
struct Redacted {
    exporter: OtlpExporter,
    failure: Failure,
}

impl SpanExporter for Redacted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let ended = self.exporter.export(batch.into_iter().map(exported).collect()).await;
        ended.inspect_err(|error| _ = self.failure.set(error.to_string()))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

fn exported(mut span: SpanData) -> SpanData {
    for KeyValue { key, value, .. } in &mut span.attributes {
        match (key.as_str(), &*value) {
            ("http.response.status_code", Value::I64(400..)) | ("error.type", _) => span.status = Status::error(""),
            ("http.request.method", _) => span.span_kind = SpanKind::Client,
            _ => {}
        }
        if let Value::String(text) = value {
            *value = log::clean(text.as_str()).into();
        }
    }
    span
}

/// An HTTP client that sends on the program's runtime, since the exporting thread has none.
#[derive(Debug)]
struct OnRuntime {
    runtime: Handle,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl HttpClient for OnRuntime {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
    {
        let client = self.client.clone();
        let answer = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            Ok(Response::from_parts(head, Limited::new(body, ANSWER).collect().await?.to_bytes()))
        };
        let answer = self.runtime.spawn(async { tokio::time::timeout(EXPORT, answer).await? });
        Box::pin(async move { answer.await? })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::SystemTime;

    use host_harness::{Redactor, Secret};
    use opentelemetry::trace::{SpanContext, SpanId};
    use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

    use super::*;

    fn exported_with(attributes: Vec<KeyValue>) -> SpanData {
        exported(SpanData {
            span_context: SpanContext::empty_context(),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: Cow::Borrowed("request"),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: opentelemetry::InstrumentationScope::default(),
        })
    }

    #[test]
    fn no_secret_is_exported() {
        log::hide(Redactor::new([Secret::new("hunter2")]));
        let span = exported_with(vec![KeyValue::new("url.path", "/hunter2")]);
        assert_eq!(span.attributes[0].value.as_str(), "/***");
    }

    #[test]
    fn a_request_is_a_clients_and_what_failed_is_an_error() {
        let of = |attribute| exported_with(vec![KeyValue::new("http.request.method", "GET"), attribute]);
        let status = |status: i64| of(KeyValue::new("http.response.status_code", status));
        assert_eq!(status(200).span_kind, SpanKind::Client);
        assert_eq!(
            [200, 399, 400, 503].map(|code| status(code).status == Status::error("")),
            [false, false, true, true]
        );
        assert_eq!(of(KeyValue::new("error.type", "reset")).status, Status::error(""));
    }
}
