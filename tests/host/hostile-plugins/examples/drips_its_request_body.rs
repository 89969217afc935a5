//! Sends a byte of its body every 20 ms, without end.

hostile_plugins::plugin!(|call| {
    let outgoing = Request::streamed(call.base_url(), &[]).outgoing()?;
    let body = outgoing.body().map_err(|()| Failure::Body)?;
    let sent = handle(outgoing, None).map_err(Failure::Code)?;
    let stream = body.write().map_err(|()| Failure::Body)?;
    while stream.blocking_write_and_flush(b".").is_ok() {
        wasi::clocks::monotonic_clock::subscribe_duration(20_000_000).block();
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
    succeeded(Response::of(&sent)?.status.to_string())
});
