//! How long ago the calls were that may have started a run, as a host hands them to `settle`.

use alloc::format;

use crate::contract::TaskError;
use crate::task_error::invalid_input;

/// The most calls: a host gives up then.
pub const MOST: usize = 10;

/// The ages of a trigger and of what settled it since, in milliseconds, the oldest first. There is always that of the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages<'a> {
    pub(crate) trigger: u64,
    pub(crate) since: &'a [u64],
}

impl<'a> Ages<'a> {
    /// Reads what the host hands in, or says why it is not to be used.
    pub fn parse(ages_ms: &'a [u64]) -> Result<Self, TaskError> {
        let wrong = |problem: &str| Err(invalid_input("ages-ms", problem));
        match ages_ms {
            [] => wrong("is empty: hand in how long ago the trigger was about to be sent"),
            _ if ages_ms.len() > MOST => wrong(&format!("holds {} ages, and {MOST} is the most", ages_ms.len())),
            _ if !ages_ms.is_sorted_by(|one, next| one >= next) => wrong("is out of order: hand in the oldest first"),
            [trigger, since @ ..] => Ok(Self { trigger: *trigger, since }),
        }
    }

    /// How long ago the trigger was.
    pub fn oldest(self) -> u64 {
        self.trigger
    }

    /// How long ago the last call was.
    pub fn youngest(self) -> u64 {
        self.since.last().copied().unwrap_or(self.trigger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ErrorKind;

    #[test]
    fn the_trigger_is_the_first_and_the_last_call_the_youngest() {
        for (ages, trigger, youngest) in [(&[7][..], 7, 7), (&[9, 9, 3], 9, 3), (&[u64::MAX, 0], u64::MAX, 0)] {
            let parsed = Ages::parse(ages).expect("ages");
            assert_eq!((parsed.oldest(), parsed.youngest()), (trigger, youngest));
        }
        assert!(Ages::parse(&[1; MOST]).is_ok());
    }

    #[test]
    fn what_is_empty_too_long_or_out_of_order_is_refused() {
        for (ages, message) in [
            (&[][..], "ages-ms is empty: hand in how long ago the trigger was about to be sent"),
            (&[1; MOST + 1], "ages-ms holds 11 ages, and 10 is the most"),
            (&[9, 3, 4], "ages-ms is out of order: hand in the oldest first"),
        ] {
            let error = Ages::parse(ages).expect_err(message);
            assert_eq!((error.kind, &*error.message), (ErrorKind::InvalidInput, message));
        }
    }
}
