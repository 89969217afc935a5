use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What reached a server so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections accepted.
    pub connections: usize,
    /// Requests whose head was read to its end.
    pub requests: usize,
    /// Those of them that were a POST.
    pub posts: usize,
    /// Connections open now.
    pub open: usize,
}

/// The books of one server, shared by its connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<Books>>);

#[derive(Debug, Default)]
struct Books {
    counts: Counts,
    heads: Vec<String>,
}

/// Counts its connection as open for as long as it lives.
#[derive(Debug)]
pub(crate) struct Open(Ledger);

impl Ledger {
    pub(crate) fn open(&self) -> Open {
        let mut books = self.books();
        books.counts.connections += 1;
        books.counts.open += 1;
        Open(self.clone())
    }

    pub(crate) fn request(&self, head: &str) {
        let mut books = self.books();
        books.counts.requests += 1;
        books.counts.posts += usize::from(head.starts_with("POST "));
        books.heads.push(head.to_owned());
    }

    pub(crate) fn counts(&self) -> Counts {
        self.books().counts
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.books().heads.clone()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.books().counts.open -= 1;
    }
}
