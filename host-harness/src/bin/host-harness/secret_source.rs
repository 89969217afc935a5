//! Where secrets come from: never from the command line, which every process of the machine can see.

use std::path::PathBuf;
use std::str::FromStr;

use host_harness::Secret;

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
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("the secret `{name}` cannot be read from {}: {error}", path.display()))?;
                // An editor ends every file with a newline; no secret does.
                let line = text.strip_suffix('\n').unwrap_or(&text);
                Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
            }
            Self::Prompt => rpassword::prompt_password(format!("{name}: "))
                .map(Secret::new)
                .map_err(|error| format!("the secret `{name}` cannot be asked for: {error}")),
        }
    }
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
    fn a_variable_that_is_not_set_is_named() {
        let source = SecretSource::Env("HOST_HARNESS_NO_SUCH_VARIABLE".to_owned());
        assert_eq!(
            source.read("access_token").unwrap_err(),
            "the secret `access_token` cannot be read: \
             the environment variable HOST_HARNESS_NO_SUCH_VARIABLE is not set"
        );
    }
}
