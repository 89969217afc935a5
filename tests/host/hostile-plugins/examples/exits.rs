//! Ends its process as if all were well.

hostile_plugins::plugin!(|_call| std::process::exit(0));
