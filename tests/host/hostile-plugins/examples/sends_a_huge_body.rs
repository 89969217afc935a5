//! Sends a body of `size` bytes (1 GB), piece by piece.

hostile_plugins::plugin!(|call| {
    let outgoing = Request::streamed(call.base_url(), &[]).outgoing()?;
    let body = outgoing.body().map_err(|()| Failure::Body)?;
    let sent = handle(outgoing, None).map_err(Failure::Code)?;
    let stream = body.write().map_err(|()| Failure::Body)?;
    for _ in 0..call.size(1_000_000_000) / 4096 {
        if stream.blocking_write_and_flush(&[b'b'; 4096]).is_err() {
            break;
        }
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
    succeeded(Response::of(&sent)?.status.to_string())
});
