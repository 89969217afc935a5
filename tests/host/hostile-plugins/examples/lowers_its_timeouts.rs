//! Waits for less than the host would.

hostile_plugins::plugin!(|call| Request::get(call.base_url()).timeout(50_000_000).answer());
