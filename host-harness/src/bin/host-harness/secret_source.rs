//! Where secrets come from: never from the command line, which every process of the machine can see.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use host_harness::Secret;
use zeroize::Zeroizing;

/// The longest secret that is read from a file, in bytes.
const LONGEST: usize = 64 << 10;

/// Where to read a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    Env(String),
    File(PathBuf),
    Prompt,
}

impl SecretSource {
    /// Reads the secret. `name` is the field that it is for.
    pub(crate) fn read(&self, name: &str) -> Result<Secret, String> {
        match self {
            Self::Env(variable) => match std::env::var(variable) {
                Ok(text) => Ok(Secret::new(text)),
                Err(std::env::VarError::NotPresent) => {
                    Err(format!("the secret `{name}` cannot be read: the environment variable {variable} is not set"))
                }
                Err(std::env::VarError::NotUnicode(_)) => {
                    Err(format!("the secret `{name}` cannot be read: the environment variable {variable} is not UTF-8"))
                }
            },
            Self::File(path) => {
                let place = || format!("the secret `{name}` cannot be read from {}", path.display());
                let file = File::open(path).map_err(|error| format!("{}: {error}", place()))?;
                read(file).map_err(|error| format!("{}: {error}", place()))
            }
            Self::Prompt => rpassword::prompt_password(format!("{name}: "))
                .map(Secret::new)
                .map_err(|error| format!("the secret `{name}` cannot be asked for: {error}")),
        }
    }
}

/// The secret in a file.
fn read(file: impl Read) -> io::Result<Secret> {
    // As large as it may be: growing would leave copies behind that nobody overwrites.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    file.take(LONGEST as u64 + 1).read_to_string(&mut text)?;
    if text.len() > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} KiB", LONGEST >> 10)));
    }
    // An editor ends every file with a newline; no secret does.
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let length = line.strip_suffix('\r').unwrap_or(line).len();
    text.truncate(length);
    Ok(Secret::new(std::mem::take(&mut *text)))
}

impl FromStr for SecretSource {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("env", variable)) if !variable.is_empty() => Ok(Self::Env(variable.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ if text == "prompt" => Ok(Self::Prompt),
            _ => Err("a secret is never given on the command line: write env:VAR, file:PATH or prompt"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_from_the_environment_a_file_or_a_prompt() {
        for (text, source) in [
            ("env:TOKEN", SecretSource::Env("TOKEN".to_owned())),
            ("file:/a:b", SecretSource::File("/a:b".into())),
            ("prompt", SecretSource::Prompt),
        ] {
            assert_eq!(text.parse(), Ok(source));
        }
    }

    #[test]
    fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
        for text in ["hunter2", "env:", "file:", "text:hunter2"] {
            assert_eq!(
                text.parse::<SecretSource>(),
                Err("a secret is never given on the command line: write env:VAR, file:PATH or prompt")
            );
        }
    }

    #[test]
    fn the_secret_of_a_file_ends_before_its_last_newline() {
        for (text, secret) in [("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("a\n\r\n", "a\n"), ("", "")] {
            assert_eq!(read(text.as_bytes()).unwrap().expose(), secret);
        }
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        assert_eq!(read(io::repeat(b'x')).unwrap_err().to_string(), "it is longer than 64 KiB");
        assert_eq!(read(io::repeat(b'x').take(LONGEST as u64)).unwrap().expose().len(), LONGEST);
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let source = SecretSource::Env("HOST_HARNESS_NO_SUCH_VARIABLE".to_owned());
        assert_eq!(
            source.read("access_token").unwrap_err(),
            "the secret `access_token` cannot be read: \
             the environment variable HOST_HARNESS_NO_SUCH_VARIABLE is not set"
        );
    }
}
