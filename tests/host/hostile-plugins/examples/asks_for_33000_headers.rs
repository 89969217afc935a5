//! Gives a request 33,000 headers.

hostile_plugins::plugin!(|call| {
    let mut request = Request::get(call.base_url());
    for index in 0..call.size(33_000) {
        request = request.header(&format!("x-{index}"), "");
    }
    request.answer()
});
