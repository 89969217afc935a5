//! Sends its secret in the path.

hostile_plugins::plugin!(|call| Request::get(format!("{}/{}", call.base_url(), call.token())).answer());
