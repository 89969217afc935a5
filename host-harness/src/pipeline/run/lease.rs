//! How long the first of an account's queue keeps its place without a sign of life.

use std::time::Duration;

use crate::store::Head;

/// The time in which a process that waits shows that it is alive. One that was killed, or stands still, is passed over then:
/// it holds the others up no longer.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// How often the first of a queue shows that it is alive.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// How often those behind it look whether their turn has come.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// The first of a queue as a process behind it has seen it, by its own clock that never goes back: whatever becomes of the
/// time of day, and whatever clock the other process has.
#[derive(Debug, Default)]
pub(crate) struct Lease(Option<(Head, Duration)>);

impl Lease {
    /// Whether the first has shown no life for a whole lease, as it is seen now.
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
        // However long ago it was that it was seen first.
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
