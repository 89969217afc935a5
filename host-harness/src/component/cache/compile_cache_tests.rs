//! The compile cache, in folders of its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use super::CompileCache;
use crate::{ComponentInfo, LoadError, Size};

type Spoil = fn(&Path);

/// A cache in a folder of its own, which is deleted first.
struct Cached {
    folder: PathBuf,
    engine: Engine,
    cache: CompileCache,
}

impl Cached {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("compile-cache-{}-{name}", std::process::id()));
        _ = fs::remove_dir_all(&folder);
        let cache = CompileCache::open(&folder).unwrap();
        Self { folder, engine: Engine::default(), cache }
    }

    /// Loads a component of this name, and says whether it was compiled for that.
    fn compiles(&self, name: &str) -> bool {
        let bytes = wat::parse_str(format!(r#"(component (instance (export "{name}")))"#)).unwrap();
        let mut compiled = false;
        let compile = || {
            compiled = true;
            let info = ComponentInfo::read(&bytes)?;
            Ok((info, Component::from_binary(&self.engine, &bytes).unwrap()))
        };
        let (info, component) = self.cache.load(&self.engine, name, |_| Ok(()), compile).unwrap();
        assert_eq!(info.exports, [name]);
        assert!(component.get_export_index(None, name).is_some());
        compiled
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.folder).unwrap().map(|file| file.unwrap().path()).collect()
    }

    /// The only file.
    fn file(&self) -> PathBuf {
        let mut files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }
}

impl Drop for Cached {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_component_is_compiled_once() {
    let cached = Cached::new("once");
    assert!(cached.compiles("a"));
    assert!(!cached.compiles("a"));
    assert!(cached.compiles("b"));
    assert!(!cached.compiles("b"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cached.folder), 0o700);
    assert!(cached.files().iter().all(|file| mode(file) == 0o600));
}

#[test]
fn an_entry_that_is_not_as_it_was_written_is_compiled_afresh_and_replaced() {
    let spoilt: [(&str, Spoil); 7] = [
        ("changed", |file| {
            let mut bytes = fs::read(file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(file, bytes).unwrap();
        }),
        ("cut off", |file| fs::OpenOptions::new().write(true).open(file).unwrap().set_len(40).unwrap()),
        ("empty", |file| fs::write(file, b"").unwrap()),
        ("open to others", |file| fs::set_permissions(file, Permissions::from_mode(0o666)).unwrap()),
        ("a link", |file| {
            let beside = file.with_extension("beside");
            fs::rename(file, &beside).unwrap();
            symlink(&beside, file).unwrap();
        }),
        ("under a second name", |file| fs::hard_link(file, file.with_extension("beside")).unwrap()),
        ("a pipe", |file| {
            fs::remove_file(file).unwrap();
            rustix::fs::mkfifoat(rustix::fs::CWD, file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        }),
    ];
    for (what, spoil) in spoilt {
        let cached = Cached::new(&format!("spoilt-{}", what.replace(' ', "-")));
        assert!(cached.compiles("a"));
        spoil(&cached.file());
        assert!(cached.compiles("a"), "{what}");
        assert!(!cached.compiles("a"), "{what}");
    }
}

#[test]
fn an_entry_of_another_engine_is_not_used() {
    let cached = Cached::new("engine");
    assert!(cached.compiles("a"));
    let engine = Engine::new(wasmtime::Config::new().epoch_interruption(true)).unwrap();
    let other = Cached { folder: cached.folder.clone(), engine, cache: cached.cache.clone() };
    assert!(other.compiles("a"));
    assert!(!other.compiles("a") && !cached.compiles("a"));
}

#[test]
fn a_component_that_cannot_be_compiled_leaves_nothing() {
    let cached = Cached::new("invalid");
    let failed = cached.cache.load(&cached.engine, "odd", |_| Ok(()), || Err(LoadError::NotWebAssembly));
    assert!(failed.is_err());
    assert_eq!(cached.files().len(), 0);
}

#[test]
fn the_entry_whose_last_use_is_longest_ago_goes_first() {
    let mut cached = Cached::new("size");
    assert!(cached.compiles("a"));
    let one = fs::metadata(cached.file()).unwrap().len();
    cached.cache = cached.cache.clone().with_size(Size(usize::try_from(one).unwrap() * 5 / 2));
    let at = |file: &Path, seconds| {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::open(file).unwrap().set_modified(time).unwrap();
    };
    at(&cached.file(), 2);
    assert!(cached.compiles("b"));
    let newest = cached.files().into_iter().max_by_key(|file| fs::metadata(file).unwrap().modified().unwrap()).unwrap();
    at(&newest, 1);
    assert!(cached.compiles("c"));
    assert!(!cached.compiles("a") && !cached.compiles("c"), "used last");
    assert!(cached.compiles("b"), "used first");
    assert_eq!(cached.files().len(), 2);
    // One that is too large for the whole cache is loaded and not kept.
    cached.cache = cached.cache.clone().with_size(Size(10));
    assert!(cached.compiles("d") && cached.compiles("d"));
}

#[test]
fn what_a_process_left_unfinished_is_deleted_in_the_end() {
    let cached = Cached::new("unfinished");
    let [old, new] = [".new-0000000000000001", ".new-0000000000000002"].map(|name| cached.folder.join(name));
    fs::write(&new, b"half").unwrap();
    fs::write(&old, b"half").unwrap();
    fs::File::open(&old).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(cached.compiles("a"));
    assert!(!old.exists() && new.exists());
}

#[test]
fn a_file_that_is_not_an_entry_is_never_deleted() {
    let cached = Cached::new("foreign");
    let foreign = ["letter.txt", ".new-letter", "0000"].map(|name| cached.folder.join(name));
    for file in &foreign {
        fs::write(file, [0; 4096]).unwrap();
        fs::File::open(file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    assert!(cached.compiles("a"));
    cached.cache.folder.shrink(1).unwrap();
    assert!(foreign.iter().all(|file| file.exists()));
    assert_eq!(cached.files().len(), foreign.len());
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let cached = Cached::new("open");
    fs::set_permissions(&cached.folder, Permissions::from_mode(0o770)).unwrap();
    let error = CompileCache::open(&cached.folder).unwrap_err().to_string();
    let folder = cached.folder.display();
    assert_eq!(
        error,
        format!(
            "the compile cache {folder} cannot be used: other users may write to it: delete it, and it is made anew"
        )
    );
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let cached = Cached::new("another");
    // Without root's rights nothing can be given away, and the root of all folders is another user's.
    let theirs = match std::os::unix::fs::chown(&cached.folder, Some(1), None) {
        Ok(()) => &cached.folder,
        Err(_) => Path::new("/"),
    };
    let error = CompileCache::open(theirs).unwrap_err().to_string();
    assert!(error.ends_with("cannot be used: it belongs to another user"), "{error}");
}

#[test]
fn a_cache_that_is_gone_costs_a_compilation_and_no_plugin() {
    let cached = Cached::new("gone");
    fs::remove_dir_all(&cached.folder).unwrap();
    assert!(cached.compiles("a") && cached.compiles("a"));
}

#[test]
fn processes_may_write_the_same_entry_at_once() {
    let cached = Cached::new("at-once");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for name in ["a", "b", "a", "b"] {
                    cached.compiles(name);
                }
            });
        }
    });
    assert!(!cached.compiles("a") && !cached.compiles("b"));
    assert_eq!(cached.files().len(), 2);
}
