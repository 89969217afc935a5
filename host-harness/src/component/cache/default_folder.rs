//! The default folder of the cache, by the XDG Base Directory Specification
//! (<https://specifications.freedesktop.org/basedir-spec/latest/>).

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder in this user's own cache folder. None where the user has none, such as root with the environment of another user.
pub(super) fn default_folder() -> Option<PathBuf> {
    in_environment(|name| env::var_os(name), is_own)
}

fn in_environment(variable: impl Fn(&str) -> Option<OsString>, is_own: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    // By the specification, a path that is relative is to be ignored.
    let own = |name| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute() && is_own(folder));
    let caches = own("XDG_CACHE_HOME").or_else(|| {
        let home = own("HOME")?;
        Some(home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
    });
    Some(caches?.join("host-harness"))
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

    fn folder(set: &[(&str, &str)]) -> Option<PathBuf> {
        let variable = |name: &str| set.iter().find(|(of, _)| *of == name).map(|(_, value)| value.into());
        in_environment(variable, |folder| folder != Path::new("/of-another-user"))
    }

    #[test]
    fn it_is_in_the_users_own_cache_folder() {
        assert_eq!(folder(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/d")]), Some("/c/host-harness".into()));
        #[cfg(target_os = "linux")]
        for set in [&[("HOME", "/d")][..], &[("XDG_CACHE_HOME", "relative"), ("HOME", "/d")]] {
            assert_eq!(folder(set), Some("/d/.cache/host-harness".into()));
        }
    }

    #[test]
    fn a_user_without_a_home_has_none() {
        assert_eq!(folder(&[("XDG_CACHE_HOME", "relative"), ("HOME", "")]), None);
        assert_eq!(folder(&[("HOME", "/of-another-user")]), None);
    }
}
