//! Wants the greatest time that there is before the next poll.

hostile_plugins::plugin!(|_call| running("run", u64::MAX));
