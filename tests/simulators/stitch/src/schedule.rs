use std::time::Duration;

use jiff::Timestamp;

use crate::Plan;
use crate::clock::later;

/// The jobs of a source that Stitch will start by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    start: Timestamp,
    plan: Plan,
    every: Option<Duration>,
}

impl Schedule {
    /// One job, once.
    pub(crate) fn once(&mut self, start: Timestamp, plan: Plan) {
        self.insert(Entry { start, plan, every: None });
    }

    /// A job now and again after each `period`.
    pub(crate) fn every(&mut self, period: Duration, start: Timestamp, plan: Plan) {
        self.insert(Entry { start, plan, every: Some(period.max(Duration::from_secs(1))) });
    }

    /// Takes the earliest job that is due.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, Plan)> {
        if self.0.first()?.start > now {
            return None;
        }
        let entry = self.0.remove(0);
        if let Some(period) = entry.every {
            self.insert(Entry { start: later(entry.start, period), ..entry.clone() });
        }
        Some((entry.start, entry.plan))
    }

    fn insert(&mut self, entry: Entry) {
        let index = self.0.partition_point(|other| other.start <= entry.start);
        self.0.insert(index, entry);
    }
}
