//! Announces a body of 1,000 bytes and sends 4.

hostile_plugins::plugin!(|call| {
    Request::streamed(call.base_url(), &["four"]).header("content-length", "1000").answer()
});
