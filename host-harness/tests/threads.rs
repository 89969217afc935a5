//! Engines move what they run between threads.

use std::future::{pending, ready};

use host_harness::pipeline::{Pipeline, RunOptions};
use host_harness::{Arguments, CallError, Host, Plugin, PollPolicy, SystemClock, Watch, WatchEvent, Watcher};

fn is_send<T: Send>(_: &T) {}

/// Compiles where each future can be moved, with an observer that borrows.
fn futures(plugin: &Plugin, arguments: &Arguments, pipeline: Pipeline, options: RunOptions<SystemClock>) {
    let mut told = Vec::new();
    let (policy, clock) = (PollPolicy::default(), SystemClock::new());
    let watcher = Watcher { plugin, arguments, policy: &policy, clock: &clock };
    let observe = |event: WatchEvent<'_>| told.push(matches!(event, WatchEvent::Cancelling));
    is_send(&watcher.run(observe, pending()));
    is_send(&watcher.resume("v1".to_owned(), |_| (), ready(())));
    is_send(&plugin.trigger(arguments));
    is_send(&plugin.settle(arguments, &[]));
    is_send(&pipeline.run(options, |_| ()));
}

#[test]
fn futures_and_what_they_end_with_can_be_moved() {
    fn can_be_moved<T: Send + Sync + 'static>() {}
    can_be_moved::<Host>();
    can_be_moved::<Plugin>();
    can_be_moved::<Arguments>();
    can_be_moved::<Watch>();
    can_be_moved::<CallError>();
    let _ = futures;
}
