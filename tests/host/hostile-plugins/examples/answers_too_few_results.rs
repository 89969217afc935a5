//! Polled for many runs, it answers all but the last.

hostile_plugins::plugin!(poll_many = |_call, runs| vec![succeeded("it has ended"); runs.len() - 1]);
