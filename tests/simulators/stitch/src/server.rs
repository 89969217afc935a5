use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use http::Response;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::payload::Payload;
use crate::{Delivery, Reply, Request};

/// The largest request body that is read; no endpoint takes one.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// The service: takes a request, returns the reply.
pub(crate) type Serve = Arc<dyn Fn(Request) -> Reply + Send + Sync>;

/// Accepts connections and serves them, until it is dropped with them.
pub(crate) async fn run(listener: TcpListener, serve: Serve) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // Errors here are of the client's connection, never of the listener.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve_connection(stream, Arc::clone(&serve)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection, with keep-alive, until either side closes it.
async fn serve_connection(stream: TcpStream, serve: Serve) {
    // Otherwise answers on loopback wait for delayed acknowledgements.
    let _: io::Result<()> = stream.set_nodelay(true);
    let service = service_fn(move |request| Box::pin(answer(request, Arc::clone(&serve))));
    // The simulator's own clock dates its answers.
    let mut connection = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service);
    let served = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if served.is_err_and(|error| is_reset(&error)) {
        // Closing without lingering is what sends a reset.
        let _: io::Result<()> = stream.set_zero_linger();
    }
}

/// True if a connection ended by [`Delivery::Reset`].
fn is_reset(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionReset)
}

/// Reads a request to its end, has it served and answers; an error resets the connection.
async fn answer(request: hyper::Request<Incoming>, serve: Serve) -> io::Result<Response<Payload>> {
    let (head, body) = request.into_parts();
    Limited::new(body, MOST_BODY_BYTES).collect().await.map_err(io::Error::other)?;
    let path_and_query = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let reply = serve(Request::new(head.method, path_and_query, head.headers));
    tokio::time::sleep(reply.delay).await;
    let (status, headers, bytes) = reply.answer.into_parts();
    let payload = match reply.delivery {
        Delivery::Whole => Payload::whole(bytes),
        Delivery::Truncated => Payload::truncated(bytes),
        Delivery::Reset => return Err(io::ErrorKind::ConnectionReset.into()),
    };
    let mut response = Response::new(payload);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
