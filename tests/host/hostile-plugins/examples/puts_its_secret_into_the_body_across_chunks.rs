//! Sends its secret in the body, cut in two.

hostile_plugins::plugin!(|call| {
    let (begin, end) = call.token().split_at(call.token().len() / 2);
    Request::post(call.base_url(), &["before ", begin, end, " after"]).answer()
});
