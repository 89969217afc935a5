//! Asks for time-outs of an hour.

hostile_plugins::plugin!(|call| Request::get(call.base_url()).timeout(3_600_000_000_000).answer());
