//! The compile cache of the command line: on, in the user's own cache folder, unless told otherwise.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use host_harness::{CompileCache, sanitize};
use tracing::warn;

/// The environment variable that is as good as `--cache`.
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
        let (folder, asked_for) = self.folder(|name| env::var_os(name))?;
        CompileCache::open(folder)
            .inspect_err(|error| {
                if asked_for {
                    _ = writeln!(io::stderr(), "warning: {}", sanitize(&error.to_string()));
                } else {
                    warn!("{error}");
                }
            })
            .ok()
    }

    /// The folder, and whether it was asked for. None where the cache is off, or no folder is the user's own.
    fn folder(&self, variable: impl Fn(&str) -> Option<OsString>) -> Option<(PathBuf, bool)> {
        let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(asked_for) = self.cache.clone().or_else(|| set(VARIABLE)) {
            return (asked_for != Path::new("off")).then_some((asked_for, true));
        }
        // <https://specifications.freedesktop.org/basedir-spec/latest/>: a path that is relative is to be ignored.
        let of_the_user = set("XDG_CACHE_HOME").filter(|folder| folder.is_absolute()).or_else(|| {
            let home = set("HOME").filter(|home| home.is_absolute())?;
            Some(home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
        });
        Some((of_the_user?.join("host-harness"), false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(asked_for: Option<&str>, set: &[(&str, &str)]) -> Option<(PathBuf, bool)> {
        let args = CacheArgs { cache: asked_for.map(PathBuf::from) };
        args.folder(|name| set.iter().find(|(of, _)| *of == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_option_counts_before_the_variable_and_that_before_the_users_folder() {
        let set = [(VARIABLE, "/b"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/d")];
        assert_eq!(folder(Some("a"), &set), Some(("a".into(), true)));
        assert_eq!(folder(None, &set), Some(("/b".into(), true)));
        assert_eq!(folder(None, &set[1..]), Some(("/c/host-harness".into(), false)));
        #[cfg(target_os = "linux")]
        assert_eq!(folder(None, &set[2..]), Some(("/d/.cache/host-harness".into(), false)));
    }

    #[test]
    fn it_is_off_where_that_is_said_or_nobody_has_a_folder() {
        let home = ("HOME", "/d");
        assert_eq!(folder(Some("off"), &[(VARIABLE, "/b")]), None);
        assert_eq!(folder(None, &[(VARIABLE, "off"), home]), None);
        assert_eq!(folder(None, &[("XDG_CACHE_HOME", "relative"), ("HOME", "")]), None);
    }
}
