//! Bodies that a kit keeps in files of its folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path};

/// Reads the files that a kit names as bodies: regular files of its own folder, each once.
#[derive(Debug)]
pub(crate) struct BodyFiles<'a> {
    /// The folder. None: the kit is no file, and has none.
    folder: Option<&'a Path>,
    read: BTreeMap<String, String>,
    /// The bytes that may still be read.
    left: u64,
}

impl<'a> BodyFiles<'a> {
    /// The most bytes of all files together.
    const MOST: u64 = 16 << 20;

    pub(crate) fn new(folder: Option<&'a Path>) -> Self {
        Self { folder, read: BTreeMap::new(), left: Self::MOST }
    }

    /// The text of the file. The error names it.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, String> {
        let text = match self.read.get(name) {
            Some(text) => text.clone(),
            None => self.read(name).map_err(|problem| format!("the body-file {name:?} {problem}"))?,
        };
        // Each use counts: it is held as often as it is used.
        let left = self.left.checked_sub(text.len() as u64);
        self.left = left.ok_or_else(|| format!("the body-file {name:?} {}", too_large()))?;
        self.read.insert(name.to_owned(), text.clone());
        Ok(text)
    }

    fn read(&self, name: &str) -> Result<String, String> {
        const OUTSIDE: &str = "lies outside of the kit's folder: put it there, and name it from there";
        let path = Path::new(name);
        if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(OUTSIDE.to_owned());
        }
        let folder = self.folder.ok_or("has no folder that it could lie in")?;
        let unreadable = |error| format!("cannot be read: {error}");
        // A link may lead anywhere: what counts is where it ends.
        let folder = folder.canonicalize().map_err(unreadable)?;
        let file = folder.join(path).canonicalize().map_err(unreadable)?;
        if !file.starts_with(&folder) {
            return Err(OUTSIDE.to_owned());
        }
        // To open a pipe would wait for whoever writes to it.
        if !fs::metadata(&file).map_err(unreadable)?.is_file() {
            return Err("is not a file".to_owned());
        }
        let mut text = String::new();
        let opened = File::open(&file).map_err(unreadable)?;
        opened.take(self.left + 1).read_to_string(&mut text).map_err(unreadable)?;
        if text.len() as u64 > self.left {
            return Err(too_large());
        }
        Ok(text)
    }
}

fn too_large() -> String {
    format!("is too large: the bodies of a kit have {} MiB together", BodyFiles::MOST >> 20)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A kit's folder, beside a file that is not its own.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let beside = std::env::temp_dir().join(format!("body-files-{name}-{}", std::process::id()));
            fs::create_dir_all(beside.join("kit/bodies")).unwrap();
            fs::write(beside.join("kit/bodies/failed.json"), "{}").unwrap();
            fs::write(beside.join("outside.json"), "a secret").unwrap();
            Self(beside)
        }

        fn text(&self, name: &str) -> Result<String, String> {
            BodyFiles::new(Some(&self.0.join("kit"))).text(name)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_body_is_read_from_the_kits_folder_also_through_a_link_within_it() {
        let folder = Folder::new("within");
        symlink("bodies/failed.json", folder.0.join("kit/link.json")).unwrap();
        for name in ["bodies/failed.json", "./bodies/failed.json", "link.json"] {
            assert_eq!(folder.text(name).as_deref(), Ok("{}"), "{name}");
        }
    }

    #[test]
    fn no_path_and_no_link_leads_out_of_the_kits_folder() {
        let folder = Folder::new("outside");
        symlink("../outside.json", folder.0.join("kit/link.json")).unwrap();
        symlink("..", folder.0.join("kit/up")).unwrap();
        let absolute = folder.0.join("kit/bodies/failed.json").display().to_string();
        for name in ["../outside.json", "bodies/../../outside.json", "link.json", "up/outside.json", &absolute] {
            let told = format!(
                "the body-file {name:?} lies outside of the kit's folder: put it there, and name it from there"
            );
            assert_eq!(folder.text(name), Err(told));
        }
    }

    #[test]
    fn what_is_no_file_or_too_large_is_told() {
        let folder = Folder::new("odd");
        assert_eq!(folder.text("bodies").unwrap_err(), "the body-file \"bodies\" is not a file");
        let missing = folder.text("none.json").unwrap_err();
        assert!(missing.starts_with("the body-file \"none.json\" cannot be read: No such file"), "{missing}");
        let large = File::create(folder.0.join("kit/large.json")).unwrap();
        large.set_len(BodyFiles::MOST + 1).unwrap();
        let told = "the body-file \"large.json\" is too large: the bodies of a kit have 16 MiB together";
        assert_eq!(folder.text("large.json").unwrap_err(), told);
        assert!(BodyFiles::new(None).text("failed.json").unwrap_err().ends_with("has no folder that it could lie in"));
    }
}
