use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::{later, to_the_second};

/// The loading of a stream's data after each extraction.
#[derive(Clone, Debug)]
pub enum Loading {
    /// A batch is loaded this long after the extraction's end.
    After(Duration),
    /// A load is tried this long after the extraction's end and fails with this `error_state`.
    FailsAfter(Duration, Value),
    /// Nothing new was extracted, so nothing is loaded.
    NothingNew,
}

/// A stream (table) of a source.
#[derive(Clone, Debug)]
pub struct Stream {
    tap_stream_id: String,
    name: String,
    selected: Option<bool>,
    loading: Loading,
    loads: Vec<Load>,
}

/// One attempt to load a batch.
#[derive(Clone, Debug)]
struct Load {
    at: Timestamp,
    error_state: Option<Value>,
}

impl Stream {
    /// A selected stream, loaded 20 seconds after each extraction; its `tap_stream_id` is its name too.
    pub fn new(name: &str) -> Self {
        Self {
            tap_stream_id: name.to_owned(),
            name: name.to_owned(),
            selected: Some(true),
            loading: Loading::After(Duration::from_secs(20)),
            loads: Vec::new(),
        }
    }

    /// With a `tap_stream_id` of its own: two streams of a source may share a name.
    #[must_use]
    pub fn tap_stream_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.tap_stream_id);
        self
    }

    /// Selected, not selected or `null`. Only a selected stream is loaded.
    #[must_use]
    pub fn selected(mut self, selected: Option<bool>) -> Self {
        self.selected = selected;
        self
    }

    /// The loading after each extraction from now on.
    #[must_use]
    pub fn loading(mut self, loading: Loading) -> Self {
        self.loading = loading;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// An extraction has ended: the load that follows from it is due.
    pub(crate) fn extracted(&mut self, end: Timestamp) {
        let (after, error_state) = match &self.loading {
            Loading::After(after) => (*after, None),
            Loading::FailsAfter(after, state) => (*after, Some(state.clone())),
            Loading::NothingNew => return,
        };
        self.attempt(later(end, after), error_state);
    }

    /// An extraction ended before the stream was made: it was loaded at once.
    pub(crate) fn was_extracted(&mut self, end: Timestamp) {
        self.attempt(end, None);
    }

    fn attempt(&mut self, at: Timestamp, error_state: Option<Value>) {
        if self.selected == Some(true) {
            self.loads.push(Load { at, error_state });
            self.loads.sort_by_key(|load| load.at);
        }
    }

    /// Drops attempts from before `horizon`, which the API no longer lists.
    pub(crate) fn forget_before(&mut self, horizon: Timestamp) {
        self.loads.retain(|load| load.at >= horizon);
    }

    /// Its row in the list of the last loads, if any load was tried.
    pub(crate) fn load_row(&self, now: Timestamp) -> Option<Value> {
        let mut tried = self.loads.iter().rev().skip_while(|load| load.at > now).peekable();
        let error_state = tried.peek()?.error_state.clone();
        let loaded = tried.find(|load| load.error_state.is_none()).map(|load| to_the_second(load.at));
        Some(json!({
            "stream_name": self.name,
            "last_batch_loaded_at": loaded,
            "error_state": error_state,
        }))
    }

    /// Its entry in the list of a source's streams.
    pub(crate) fn entry(&self, stream_id: usize) -> Value {
        json!({
            "selected": self.selected,
            "stream_id": stream_id,
            "tap_stream_id": self.tap_stream_id,
            "stream_name": self.name,
            "metadata": {},
        })
    }
}

/// The `error_state` of a load that failed, as documented, with the warehouse's own message.
pub fn load_error_state(warehouse_message: &str) -> Value {
    let message = "establish a connection to your data warehouse";
    json!({
        "notification_data": {
            "message": message,
            "error": "LOADER_WAREHOUSE_ERROR",
            "status": "ERROR",
            "warehouse_error_code": 500_151,
            "warehouse_sql_state": "HY000",
            "action": "get-connection",
            "warehouse_message": warehouse_message,
            "column": null,
            "new_column": null,
        },
        "exception_chain": [{
            "class": "clojure.lang.ExceptionInfo",
            "message": message,
            "chain_sequence_num": 0,
            "action": "get-connection",
        }],
    })
}
