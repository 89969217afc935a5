//! Asks once, with its secret where it belongs, and reports what came back.

hostile_plugins::plugin!(|call| Request::get(call.base_url()).bearer(call.token()).answer());
