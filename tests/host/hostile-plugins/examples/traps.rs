//! Executes `unreachable`.

hostile_plugins::plugin!(|_call| std::arch::wasm32::unreachable());
