//! The cache as hosts use it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::component::cache::default_folder::default_folder;
use crate::component::cache::entry::Entry;
use crate::component::cache::folder::Folder;
use crate::component::cache::key::key;
use crate::{ComponentInfo, LoadError, Size, spans};

/// A cache of compiled components: a folder that any number of processes of one user share.
///
/// A fault of the cache fails no plugin: where an entry cannot be used the component is compiled, and a warning to the program's
/// `tracing` subscriber says why.
///
/// Compiled code is trusted: use no folder that others fill, such as one of a checkout, an archive or a cache of continuous
/// integration.
#[derive(Clone, Debug)]
pub struct CompileCache {
    pub(super) folder: Arc<Folder>,
    path: PathBuf,
    most: Size,
}

/// An error of opening a cache.
#[derive(Debug, thiserror::Error)]
#[error("the compile cache {} cannot be used: {source}", path.display())]
pub struct CacheError {
    path: PathBuf,
    source: io::Error,
}

impl CompileCache {
    /// The default size of all entries together.
    pub const SIZE: Size = Size(512 << 20);

    /// Opens a cache in this folder, which is created if missing. Refused if another user could have written to it.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, CacheError> {
        let path = folder.as_ref().to_owned();
        match Folder::open(&path) {
            Ok(folder) => Ok(Self { folder: Arc::new(folder), path, most: Self::SIZE }),
            Err(source) => Err(CacheError { path, source }),
        }
    }

    /// The folder in this user's own cache folder: that of `XDG_CACHE_HOME`, or else `~/.cache` (`~/Library/Caches` on macOS). None
    /// where the user has none, such as root with the environment of another user.
    pub fn default_folder() -> Option<PathBuf> {
        default_folder()
    }

    /// The same cache, kept to this size: the least recently used entries are deleted.
    #[must_use]
    pub fn with_size(self, most: Size) -> Self {
        Self { most, ..self }
    }

    /// Loads a component by its digest, or compiles and stores it. `admit` checks the properties of a stored one, as `compile` does
    /// those of the others.
    pub(crate) fn load(
        &self,
        engine: &Engine,
        sha256: &str,
        admit: impl FnOnce(&ComponentInfo) -> Result<(), LoadError>,
        compile: impl FnOnce() -> Result<(ComponentInfo, Component), LoadError>,
    ) -> Result<(ComponentInfo, Component), LoadError> {
        let key = key(engine, sha256);
        match self.find(engine, &key) {
            Ok(Some((info, component))) => {
                spans::cache_hit(true);
                admit(&info)?;
                return Ok((info, component));
            }
            Ok(None) => {}
            Err(reason) => self.warn(&key, "is not used", &reason),
        }
        let (info, component) = compile()?;
        if let Err(reason) = self.store(&key, &info, &component) {
            self.warn(&key, "could not be written", &reason);
        }
        Ok((info, component))
    }

    fn find(&self, engine: &Engine, key: &str) -> Result<Option<(ComponentInfo, Component)>, String> {
        let read = self.folder.read(key, self.most()).map_err(|error| error.to_string())?;
        let Some(bytes) = read else { return Ok(None) };
        let entry = Entry::decode(key, &bytes)?;
        // SAFETY: `Component::serialize` of this engine's version made these bytes: the digest holds over them and the key,
        // and the file and its folder were, when they were opened, writable by this user alone.
        let component = unsafe { Component::deserialize(engine, entry.code) };
        component.map(|component| Some((entry.info, component))).map_err(|error| format!("{error:#}"))
    }

    fn store(&self, key: &str, info: &ComponentInfo, component: &Component) -> Result<(), String> {
        let code = component.serialize().map_err(|error| format!("{error:#}"))?;
        let (head, code) = Entry { info: info.clone(), code: &code }.encode(key);
        if (head.len() + code.len()) as u64 > self.most() {
            return Err(format!("it is larger than the whole cache may be, {} bytes", self.most.0));
        }
        let written = self.folder.write(key, [&head, code]);
        written.and_then(|()| self.folder.shrink(self.most())).map_err(|error| error.to_string())
    }

    fn most(&self) -> u64 {
        u64::try_from(self.most.0).unwrap_or(u64::MAX)
    }

    fn warn(&self, key: &str, what: &str, reason: &str) {
        warn!("the entry {key} of the compile cache {} {what}: {reason}", self.path.display());
    }
}
