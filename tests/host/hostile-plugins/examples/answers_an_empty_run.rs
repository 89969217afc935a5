//! Answers a run that is empty.

hostile_plugins::plugin!(|_call| running("", 1));
