//! The compile cache of the command line: on, in the user's own cache folder, unless told otherwise.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use host_harness::CompileCache;
use tracing::warn;

use crate::log;

/// The environment variable that stands in for `--cache`.
pub(crate) const VARIABLE: &str = "HOST_HARNESS_CACHE";

/// Where compiled plugins are kept.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CacheArgs {
    /// Keep compiled plugins in this folder, or nowhere; without it `HOST_HARNESS_CACHE` counts, then the user's own cache folder
    #[arg(long, value_name = "DIR|off")]
    pub(crate) cache: Option<PathBuf>,
}

impl CacheArgs {
    /// Opens the cache. Where that fails plugins are compiled each time; it is said on stderr if the folder was asked for, and
    /// else in the log.
    pub(crate) fn open(&self) -> Option<CompileCache> {
        let (folder, asked_for) = self.folder(env::var_os(VARIABLE), CompileCache::default_folder())?;
        CompileCache::open(folder)
            .inspect_err(|error| {
                if asked_for {
                    log::warn(&error.to_string());
                } else {
                    warn!("{error}");
                }
            })
            .ok()
    }

    /// The folder, and whether it was asked for. None where the cache is off, or the user has no folder for it.
    fn folder(&self, variable: Option<OsString>, default: Option<PathBuf>) -> Option<(PathBuf, bool)> {
        let variable = variable.filter(|value| !value.is_empty()).map(PathBuf::from);
        match self.cache.clone().or(variable) {
            Some(off) if off == Path::new("off") => None,
            Some(asked_for) => Some((asked_for, true)),
            None => Some((default?, false)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(option: Option<&str>, variable: &str) -> Option<(PathBuf, bool)> {
        CacheArgs { cache: option.map(PathBuf::from) }.folder(Some(variable.into()), Some("/c".into()))
    }

    #[test]
    fn the_option_counts_before_the_variable_and_that_before_the_default() {
        assert_eq!(folder(Some("a"), "/b"), Some(("a".into(), true)));
        assert_eq!(folder(None, "/b"), Some(("/b".into(), true)));
        assert_eq!(folder(None, ""), Some(("/c".into(), false)));
    }

    #[test]
    fn it_is_off_where_that_is_said_or_the_user_has_no_folder() {
        assert_eq!(folder(Some("off"), "/b"), None);
        assert_eq!(folder(None, "off"), None);
        assert_eq!(CacheArgs::default().folder(None, None), None);
    }
}
