//! Values that belong to one process.

use std::mem;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value of this process. A child that was forked has none of it and makes its own: the threads that the parent's value relies on
/// do not exist there.
///
/// The lock is held for moments, and only by threads that are attached to the interpreter. A fork is made by such a thread,
/// so the lock is free in the child.
pub(crate) struct PerProcess<T>(Mutex<Option<(u32, T)>>);

impl<T: Clone> PerProcess<T> {
    /// Without a value.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The value of this process, if it has made one.
    pub(crate) fn get(&self) -> Option<T> {
        self.get_in(process::id())
    }

    /// Keeps a value for this process and returns the one that is kept: another thread's where that came first.
    pub(crate) fn keep(&self, value: T) -> T {
        self.keep_in(process::id(), value)
    }

    /// True if the parent had made one before it forked this process.
    pub(crate) fn is_of_another_process(&self) -> bool {
        self.held().as_ref().is_some_and(|(owner, _)| *owner != process::id())
    }

    fn get_in(&self, process: u32) -> Option<T> {
        let held = self.held();
        held.as_ref().filter(|(owner, _)| *owner == process).map(|(_, value)| value.clone())
    }

    fn keep_in(&self, process: u32, value: T) -> T {
        let mut held = self.held();
        if let Some((owner, kept)) = &*held
            && *owner == process
        {
            return kept.clone();
        }
        let kept = value.clone();
        // Dropping the parent's would wait for its threads.
        mem::forget(held.replace((process, value)));
        kept
    }
}

impl<T> PerProcess<T> {
    fn held(&self) -> MutexGuard<'_, Option<(u32, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if let Some((owner, value)) = self.held().take()
            && owner != process::id()
        {
            mem::forget(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_process_keeps_its_first_value() {
        let value = PerProcess::new();
        assert_eq!(value.get(), None);
        assert_eq!((value.keep(1), value.keep(2), value.get()), (1, 1, Some(1)));
    }

    #[test]
    fn a_child_has_no_value_of_its_parent_and_does_not_drop_it() {
        let parents = Arc::new("parent");
        let value = PerProcess::new();
        assert!(!value.is_of_another_process());
        value.keep_in(1, Arc::clone(&parents));
        assert_eq!(value.get_in(2), None);
        assert!(value.is_of_another_process());
        assert_eq!(*value.keep_in(2, Arc::new("child")), "child");
        assert_eq!(value.get_in(2).as_deref(), Some(&"child"));
        assert_eq!(Arc::strong_count(&parents), 2);
    }

    #[test]
    fn a_child_drops_what_holds_a_value_of_its_parent_without_dropping_that() {
        let parents = Arc::new("parent");
        let value = PerProcess::new();
        value.keep_in(process::id().wrapping_add(1), Arc::clone(&parents));
        drop(value);
        assert_eq!(Arc::strong_count(&parents), 2);
    }
}
