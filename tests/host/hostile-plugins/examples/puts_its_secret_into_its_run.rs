//! Answers a run that holds its secret.

hostile_plugins::plugin!(|call| running(call.token(), 1));
