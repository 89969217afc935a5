//! An OpenTelemetry collector that the command line exports its spans to.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use stitch_simulator::Plan;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::command_line::{CommandLine, QUICKLY, spawned};
use crate::scenario::TOKEN;

/// The bodies that were posted to `/v1/traces`.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Vec<u8>>>>);

impl Collector {
    /// Starts a collector, and returns its URL.
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let collector = Self::default();
        let kept = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let body = posted(stream).await.expect("a request");
                kept.0.lock().expect("no panic").push(body);
            }
        });
        (collector, url)
    }

    /// The name of the service that exported, and its spans.
    fn exported(&self) -> (Vec<String>, Vec<Span>) {
        let (mut services, mut spans) = (Vec::new(), Vec::new());
        for body in &*self.0.lock().expect("no panic") {
            for exported in ExportTraceServiceRequest::decode(&**body).expect("OTLP").resource_spans {
                let resource = exported.resource.expect("a resource");
                services.extend(
                    resource.attributes.into_iter().filter(|of| of.key == "service.name").map(|of| text(of.value)),
                );
                spans.extend(exported.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        (services, spans)
    }
}

/// Reads and answers one request, and returns its body.
async fn posted(mut stream: TcpStream) -> std::io::Result<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        stream.read_buf(&mut request).await?;
        let Some(head) = request.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
        assert!(
            text.starts_with("post /v1/traces http/1.1") && text.contains("content-type: application/x-protobuf"),
            "{text}"
        );
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        if request.len() - head - 4 == length.parse::<usize>().expect("a length") {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
            return Ok(request.split_off(head + 4));
        }
    }
}

fn text(value: Option<opentelemetry_proto::tonic::common::v1::AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_collector_gets_the_spans_of_a_run_and_never_the_token() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let (collector, url) = Collector::start().await;
    let mut program = command_line.usual("run", &QUICKLY);
    program.env("OTEL_EXPORTER_OTLP_ENDPOINT", url);
    let printed = spawned(program, String::new()).await;
    assert_eq!((printed.code, printed.stderr.contains("warning")), (Some(0), false), "{}", printed.stderr);

    let (services, spans) = collector.exported();
    assert!(services.iter().all(|service| service == "host-harness") && !services.is_empty(), "{services:?}");
    let watch = spans.iter().find(|span| span.name == "watch").expect("the whole run");
    let calls = || spans.iter().filter(|span| span.name == "call" && span.parent_span_id == watch.span_id);
    assert_eq!(calls().count(), 2, "{spans:#?}");
    let of_calls = |span: &&Span| calls().any(|call| call.span_id == span.parent_span_id);
    let requests: Vec<_> = spans.iter().filter(|span| span.name == "request").filter(of_calls).collect();
    assert!(requests.len() >= 2 && requests.iter().all(|request| request.trace_id == watch.trace_id), "{spans:#?}");
    let paths: Vec<_> = requests.iter().flat_map(|span| &span.attributes).filter(|of| of.key == "url.path").collect();
    assert!(paths.iter().any(|path| text(path.value.clone()) == "/v4/sources/120643/sync"), "{paths:?}");

    for body in &*collector.0.lock().expect("no panic") {
        let body = String::from_utf8_lossy(body);
        assert!(!body.contains(TOKEN) && !body.contains("placeholder"), "{body}");
    }
}

#[tokio::test]
async fn a_collector_that_is_not_there_changes_nothing_of_a_run() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let mut program = command_line.usual("run", &QUICKLY);
    program.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let printed = spawned(program, String::new()).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert!(printed.stdout.contains("source 120643: the extraction succeeded"), "{}", printed.stdout);
    assert!(printed.stderr.contains("warning: spans could not be exported: "), "{}", printed.stderr);
}
