//! Leases: the first process of an account's queue keeps its place only while it sends heartbeats.

use std::time::Duration;

use crate::store::Head;

/// The lease: without a heartbeat for this long, a process that was killed or hangs is passed over, and no longer
/// blocks the others.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// The interval of the heartbeats of the first of a queue.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// The interval at which those behind it check for their turn.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// The lease of the first of a queue, as a process behind it sees it: by its own monotonic clock, whatever the wall
/// clock and the clock of the other process do.
#[derive(Debug, Default)]
pub(crate) struct Lease(Option<(Head, Duration)>);

impl Lease {
    /// True if the first has sent no heartbeat for a whole lease.
    pub(crate) fn has_lapsed(&mut self, head: Head, now: Duration) -> bool {
        match self.0 {
            Some((seen, since)) if seen == head => now.saturating_sub(since) >= LEASE,
            _ => {
                self.0 = Some((head, now));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn the_first_keeps_its_place_while_it_shows_life_and_loses_it_a_lease_after_it_last_has() {
        let [alive, later] = [1, 2].map(|beat| Head::of(7, 1, beat));
        let mut lease = Lease::default();
        // The lease is renewed by every heartbeat.
        for beat in 0..100 {
            assert!(!lease.has_lapsed(Head::of(7, 1, beat), second(1000 + 29 * beat.unsigned_abs())));
        }
        let mut lease = Lease::default();
        assert!(!lease.has_lapsed(alive, second(5)));
        assert!(!lease.has_lapsed(later, second(34)));
        assert!(!lease.has_lapsed(later, second(63)));
        assert!(lease.has_lapsed(later, second(64)));
    }

    #[test]
    fn another_first_has_a_lease_of_its_own() {
        let mut lease = Lease::default();
        assert!(!lease.has_lapsed(Head::of(7, 1, 0), second(0)));
        assert!(!lease.has_lapsed(Head::of(8, 1, 0), second(40)));
        assert!(!lease.has_lapsed(Head::of(8, 2, 0), second(80)));
        assert!(lease.has_lapsed(Head::of(8, 2, 0), second(110)));
    }

    #[test]
    fn the_first_shows_life_several_times_in_a_lease() {
        assert!(LOOK < BEAT && BEAT * 3 <= LEASE);
    }
}
