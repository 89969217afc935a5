//! Sends its request to an origin that it was not granted.

hostile_plugins::plugin!(|call| Request::get(call.other_url()).answer());
