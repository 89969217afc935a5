//! Sends its secret in the query.

hostile_plugins::plugin!(|call| { Request::get(format!("{}/?token={}", call.base_url(), call.token())).answer() });
