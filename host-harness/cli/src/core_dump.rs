//! Core dumps: forbidden, because this process's memory holds secrets.

/// Forbids core files, and on Linux also that other processes of the same user read this one's memory. If it cannot,
/// the process goes on: crashes are rare.
#[cfg(unix)]
pub(crate) fn forbid() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // A program that core files are piped to gets them whatever the limit says: core(5).
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};

        _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Does nothing: there are no core files here.
#[cfg(not(unix))]
pub(crate) fn forbid() {}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn no_core_file_is_left() {
        super::forbid();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_other_process_is_given_this_ones_memory() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};

        super::forbid();
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
