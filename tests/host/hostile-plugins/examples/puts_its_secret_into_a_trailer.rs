//! Sends its secret after the body.

hostile_plugins::plugin!(|call| {
    Request::streamed(call.base_url(), &["body"]).trailer("x-trailer", call.token()).answer()
});
