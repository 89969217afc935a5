//! Polled for many runs, it executes `unreachable`.

hostile_plugins::plugin!(poll_many = |_call, _runs| std::arch::wasm32::unreachable());
