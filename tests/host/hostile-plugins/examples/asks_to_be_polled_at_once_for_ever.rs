//! Has a run that goes on for ever and wants no time between two polls.

hostile_plugins::plugin!(trigger = |_call| running("run", 0), poll = |_call, run| running(run, 0));
