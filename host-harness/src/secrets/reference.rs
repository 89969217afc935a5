//! Secret references: where secrets are read, so that no settings file and no command line holds them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::Secret;
use crate::secrets::encoded_text::decoded;

/// The longest secret that is read from a file, in bytes.
const LONGEST: usize = 64 << 10;

/// A place outside of this process that holds a secret. Written as `env:VARIABLE` or `file:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// A variable of the environment.
    Env(String),
    /// A file of at most 64 KiB, in UTF-8 or, with a byte order mark as `PowerShell` writes it, in UTF-16.
    File(PathBuf),
}

/// The text is not a reference. It is not repeated: it may be the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a reference to a secret: write env:VAR or file:PATH")]
pub struct ParseSecretReferenceError;

/// An error of reading a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no such variable.
    #[error("the secret `{name}` cannot be read: the environment variable {variable} is not set")]
    NotSet {
        /// The field that the secret is for.
        name: String,
        /// The variable.
        variable: String,
    },
    /// The variable's value is not UTF-8.
    #[error("the secret `{name}` cannot be read: the environment variable {variable} is not UTF-8")]
    NotUtf8 {
        /// The field that the secret is for.
        name: String,
        /// The variable.
        variable: String,
    },
    /// The file cannot be read.
    #[error("the secret `{name}` cannot be read from {}: {source}", path.display())]
    Unreadable {
        /// The field that the secret is for.
        name: String,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl SecretReference {
    /// The same reference, a relative path resolved against this folder.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            env @ Self::Env(_) => env,
        }
    }

    /// Reads the secret, for the field `name`.
    pub fn read(&self, name: &str) -> Result<Secret, SecretError> {
        let name = || name.to_owned();
        match self {
            Self::Env(variable) => std::env::var(variable).map(Secret::new).map_err(|error| {
                let variable = variable.clone();
                match error {
                    std::env::VarError::NotPresent => SecretError::NotSet { name: name(), variable },
                    std::env::VarError::NotUnicode(_) => SecretError::NotUtf8 { name: name(), variable },
                }
            }),
            Self::File(path) => File::open(path).and_then(read).map_err(|source| SecretError::Unreadable {
                name: name(),
                path: path.clone(),
                source,
            }),
        }
    }
}

/// Reads a secret from a file.
fn read(file: impl Read) -> io::Result<Secret> {
    // At full capacity from the start: growing would leave copies behind that nobody overwrites.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} KiB", LONGEST >> 10)));
    }
    let text = decoded(&bytes).map(|mut text| std::mem::take(&mut *text));
    text.map(Secret::new).ok_or_else(|| io::Error::other("it is not text in UTF-8 or UTF-16"))
}

impl FromStr for SecretReference {
    type Err = ParseSecretReferenceError;

    fn from_str(text: &str) -> Result<Self, ParseSecretReferenceError> {
        match text.split_once(':') {
            // A variable's name cannot hold an equals sign: more than the name was given, perhaps the secret.
            Some(("env", variable)) if !variable.is_empty() && !variable.contains('=') => {
                Ok(Self::Env(variable.to_owned()))
            }
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(ParseSecretReferenceError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_variable_or_a_file() {
        assert_eq!("env:TOKEN".parse(), Ok(SecretReference::Env("TOKEN".to_owned())));
        assert_eq!("file:/a:b".parse(), Ok(SecretReference::File("/a:b".into())));
    }

    #[test]
    fn what_may_be_a_secret_is_refused_and_not_repeated() {
        for text in ["hunter2", "env:", "env:TOKEN=hunter2", "file:", "text:hunter2", "prompt"] {
            let error = text.parse::<SecretReference>().unwrap_err();
            assert_eq!(error.to_string(), "it is not a reference to a secret: write env:VAR or file:PATH");
        }
    }

    #[test]
    fn only_a_file_that_is_not_absolute_depends_on_the_folder() {
        for (text, within) in [("file:b", "file:/a/b"), ("file:/b", "file:/b"), ("env:B", "env:B")] {
            let reference: SecretReference = text.parse().unwrap();
            assert_eq!(reference.within(Path::new("/a")), within.parse().unwrap());
        }
    }

    #[test]
    fn the_secret_of_a_file_is_its_text_as_editors_and_shells_write_it() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| {
            [0xfeff].into_iter().chain("hunter2\r\n".encode_utf16()).flat_map(unit).collect()
        };
        for bytes in [
            b"hunter2".to_vec(),
            b"hunter2\n".to_vec(),
            b"\xef\xbb\xbfhunter2\r\n".to_vec(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(read(&bytes[..]).unwrap().expose(), "hunter2", "{bytes:?}");
        }
        assert_eq!(read(&b""[..]).unwrap().expose(), "");
        for bytes in [&b"\xff"[..], b"\xff\xfe\x00\xd8", b"\xff\xfea\x00b"] {
            assert_eq!(read(bytes).unwrap_err().to_string(), "it is not text in UTF-8 or UTF-16");
        }
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        assert_eq!(read(io::repeat(b'x')).unwrap_err().to_string(), "it is longer than 64 KiB");
        assert_eq!(read(io::repeat(b'x').take(LONGEST as u64)).unwrap().expose().len(), LONGEST);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (reference, text) in [
            (
                "env:HOST_HARNESS_NO_SUCH_VARIABLE",
                "the secret `access_token` cannot be read: \
                 the environment variable HOST_HARNESS_NO_SUCH_VARIABLE is not set",
            ),
            (
                "file:/no/such/file",
                "the secret `access_token` cannot be read from /no/such/file: No such file or directory (os error 2)",
            ),
        ] {
            let reference: SecretReference = reference.parse().unwrap();
            assert_eq!(reference.read("access_token").unwrap_err().to_string(), text);
        }
    }
}
