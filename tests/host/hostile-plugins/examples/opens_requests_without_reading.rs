//! Starts `size` requests (100) at once and reads none of the answers until all are sent.

hostile_plugins::plugin!(|call| {
    let mut sent = Vec::new();
    for _ in 0..call.size(100) {
        sent.push(Request::get(call.base_url()).start()?);
    }
    for future in &sent {
        future.subscribe().block();
    }
    succeeded(sent.len().to_string())
});
