//! Gives a request a header of `size` bytes (1 MiB).

hostile_plugins::plugin!(|call| {
    Request::get(call.base_url()).header("x-huge", "h".repeat(call.size(1 << 20))).answer()
});
