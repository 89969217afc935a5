//! Secret sources: never the command line, which every process of the machine can see.

use std::str::FromStr;

use host_harness::{Secret, SecretReference};

/// A source of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    Reference(SecretReference),
    Prompt,
}

impl SecretSource {
    /// Reads the secret for the field `name`.
    pub(crate) fn read(&self, name: &str) -> Result<Secret, String> {
        match self {
            Self::Reference(reference) => reference.read(name).map_err(|error| error.to_string()),
            Self::Prompt => rpassword::prompt_password(format!("{name}: "))
                .map(Secret::new)
                .map_err(|error| format!("the secret `{name}` cannot be asked for: {error}")),
        }
    }
}

impl FromStr for SecretSource {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "prompt" {
            return Ok(Self::Prompt);
        }
        let refusal = |_| "a secret is never given on the command line: write env:VAR, file:PATH or prompt";
        text.parse().map(Self::Reference).map_err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_from_the_environment_a_file_or_a_prompt() {
        for (text, source) in [
            ("env:TOKEN", SecretSource::Reference(SecretReference::Env("TOKEN".to_owned()))),
            ("file:/a:b", SecretSource::Reference(SecretReference::File("/a:b".into()))),
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
}
