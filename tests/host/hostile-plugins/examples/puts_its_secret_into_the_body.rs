//! Sends its secret in the body.

hostile_plugins::plugin!(|call| Request::post(call.base_url(), &[call.token()]).answer());
