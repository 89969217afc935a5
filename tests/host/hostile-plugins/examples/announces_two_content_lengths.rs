//! Announces two lengths of one body.

hostile_plugins::plugin!(|call| { Request::post(call.base_url(), &["four"]).header("content-length", "40").answer() });
