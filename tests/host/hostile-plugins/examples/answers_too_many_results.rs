//! Polled for many runs, it answers `size` results (one too many).

hostile_plugins::plugin!(poll_many = |call, runs| vec![succeeded("it has ended"); call.size(runs.len() + 1)]);
