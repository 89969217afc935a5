//! The compile cache of the command line: on, in the user's own cache folder, unless told otherwise.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use host_harness::{CompileCache, sanitize};
use tracing::warn;

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
        let (folder, asked_for) = self.folder(|name| env::var_os(name), is_own)?;
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

    /// The folder, and whether it was asked for. None where the cache is off, or the user has no home, such as root with the
    /// environment of another user.
    fn folder(
        &self,
        variable: impl Fn(&str) -> Option<OsString>,
        is_own: impl Fn(&Path) -> bool,
    ) -> Option<(PathBuf, bool)> {
        let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(asked_for) = self.cache.clone().or_else(|| set(VARIABLE)) {
            return (asked_for != Path::new("off")).then_some((asked_for, true));
        }
        // <https://specifications.freedesktop.org/basedir-spec/latest/>: a path that is relative is to be ignored.
        let own = |name| set(name).filter(|folder| folder.is_absolute() && is_own(folder));
        let of_the_user = own("XDG_CACHE_HOME").or_else(|| {
            let home = own("HOME")?;
            Some(home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
        });
        Some((of_the_user?.join("host-harness"), false))
    }
}

/// True if a folder is there and belongs to this user.
#[cfg(unix)]
fn is_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    folder.metadata().is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw())
}

/// There is no cache here.
#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(asked_for: Option<&str>, set: &[(&str, &str)]) -> Option<(PathBuf, bool)> {
        let args = CacheArgs { cache: asked_for.map(PathBuf::from) };
        let variable = |name: &str| set.iter().find(|(of, _)| *of == name).map(|(_, value)| value.into());
        args.folder(variable, |folder| folder != Path::new("/of-another-user"))
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
        assert_eq!(folder(None, &[("HOME", "/of-another-user")]), None);
    }
}
