//! Sends its secret as the name of a header.

hostile_plugins::plugin!(|call| Request::get(call.base_url()).header(call.token(), "x").answer());
