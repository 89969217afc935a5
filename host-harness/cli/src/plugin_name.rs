//! The name of a new plugin: kebab-case, from which its crate, its runs and its messages are named.

use std::fmt;
use std::str::FromStr;

/// A name in kebab-case, such as `dbt-cloud`.
#[derive(Clone, Debug)]
pub(crate) struct PluginName(String);

/// The most characters of a name.
const MOST: usize = 40;

impl FromStr for PluginName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit())
        };
        if text.len() <= MOST && text.split('-').all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "a name is words of small letters and digits with hyphens between, such as dbt-cloud, of at most {MOST} characters"
            ))
        }
    }
}

impl PluginName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as Rust writes it in the name of a file.
    pub(crate) fn snake_case(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The text with this name in place of the made-up tool's.
    pub(crate) fn put_into(&self, text: &str) -> String {
        let title: Vec<_> = self.0.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let (title, words) = (title.join(" "), self.0.replace('-', " "));
        let made_up = [("acme-", format!("{self}-")), ("acme.", format!("{self}.")), ("Acme", title), ("acme", words)];
        // In one pass, since the name may hold the made-up one.
        let (mut put, mut rest) = (String::new(), text);
        while let Some((at, (theirs, ours))) =
            made_up.iter().filter_map(|pair| Some((rest.find(pair.0)?, pair))).min_by_key(|(at, _)| *at)
        {
            put = put + &rest[..at] + ours;
            rest = &rest[at + theirs.len()..];
        }
        put + rest
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_holds_the_made_up_one_is_put_in_once() {
        let name: PluginName = "my-acme".parse().unwrap();
        assert_eq!(
            name.put_into("acme-jobs of Acme: acme, api.acme.example"),
            "my-acme-jobs of My Acme: my acme, api.my-acme.example"
        );
    }

    #[test]
    fn a_name_is_words_with_hyphens_between() {
        for fine in ["acme", "dbt-cloud", "s3-to-warehouse"] {
            assert_eq!(fine.parse::<PluginName>().unwrap().as_str(), fine);
        }
        for wrong in ["", "-", "Acme", "dbt_cloud", "dbt--cloud", "3s", "../acme", "café", &"a".repeat(41)] {
            assert!(wrong.parse::<PluginName>().unwrap_err().starts_with("a name is words"), "{wrong}");
        }
    }
}
