//! Ages of the calls of a situation that may have started its run.

use std::time::Duration;

use serde::Deserialize;

/// One age, or a list with the oldest first; in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a number of seconds, or a list of them with the oldest first")]
pub(crate) enum Ages {
    /// That of the trigger.
    One(u64),
    /// That of the trigger, and those of what settled it since.
    Each(Vec<u64>),
}

impl Default for Ages {
    fn default() -> Self {
        Self::One(0)
    }
}

impl Ages {
    /// The ages, as `settle` takes them.
    pub(crate) fn durations(&self) -> Vec<Duration> {
        let ages = match self {
            Self::One(age) => std::slice::from_ref(age),
            Self::Each(ages) => ages,
        };
        ages.iter().copied().map(Duration::from_secs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(age: &str) -> Result<Vec<u64>, String> {
        let ages = Ages::deserialize(toml::de::ValueDeserializer::parse(age).unwrap());
        let seconds = |ages: Ages| ages.durations().iter().map(Duration::as_secs).collect();
        ages.map(seconds).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn an_age_is_one_or_a_list() {
        assert_eq!(read("60"), Ok(vec![60]));
        assert_eq!(read("[3600, 60]"), Ok(vec![3_600, 60]));
        assert_eq!(read("[]"), Ok(vec![]));
        for wrong in ["-1", "[60, -1]", "'60'"] {
            let expected = "a number of seconds, or a list of them with the oldest first";
            assert_eq!(read(wrong), Err(expected.to_owned()), "{wrong}");
        }
        assert_eq!(Ages::default().durations(), [Duration::ZERO]);
    }
}
