//! Component metadata: what a component says of its origin, in custom sections.

use serde::{Deserialize, Serialize};
use wasmparser::{ComponentName, CustomSectionReader, KnownCustom};

/// A component's metadata: the custom sections that `wasm-tools metadata add` writes and registries read.
///
/// Its author wrote them and nobody checked them. They are read leniently: what is not UTF-8 becomes U+FFFD, and a long text is cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct ComponentMetadata {
    /// The name of the component.
    pub name: Option<String>,
    /// The version of the software.
    pub version: Option<String>,
    /// What it is, for people.
    pub description: Option<String>,
    /// An SPDX licence expression.
    pub licenses: Option<String>,
    /// The URL of the source code.
    pub source: Option<String>,
    /// Who is responsible for it.
    pub authors: Option<String>,
}

/// The longest text that is kept, in characters.
const LONGEST: usize = 1000;

/// The most bytes that such a text can have.
const LONGEST_BYTES: usize = LONGEST * 4;

impl ComponentMetadata {
    /// Takes a custom section of the component itself. Of two of a kind the last counts, as for wasm-tools.
    pub(super) fn take(&mut self, section: &CustomSectionReader<'_>) {
        let member = match section.name() {
            "version" => &mut self.version,
            "description" => &mut self.description,
            "licenses" => &mut self.licenses,
            "source" => &mut self.source,
            "authors" => &mut self.authors,
            _ => {
                if let KnownCustom::ComponentName(names) = section.as_known() {
                    for name in names.into_iter().map_while(Result::ok) {
                        if let ComponentName::Component { name, .. } = name {
                            self.name = Some(cut(name.as_bytes()));
                        }
                    }
                }
                return;
            }
        };
        *member = Some(cut(section.data()));
    }

    /// The texts that there are, each with its name.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { name, version, description, licenses, source, authors } = self;
        let texts = [
            ("name", name),
            ("version", version),
            ("description", description),
            ("licenses", licenses),
            ("source", source),
            ("authors", authors),
        ];
        texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }
}

/// The text, up to the longest that is kept.
fn cut(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_BYTES)]);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ComponentInfo;

    fn read(text: &str) -> ComponentMetadata {
        ComponentInfo::read(&wat::parse_str(text).unwrap()).unwrap().metadata
    }

    fn texts(metadata: &ComponentMetadata) -> Vec<(&str, &str)> {
        metadata.texts().collect()
    }

    #[test]
    fn it_is_read_from_the_component_itself_and_the_last_of_a_kind_counts() {
        let metadata = read(
            r#"(component $sample
                (@custom "version" "1.0.0") (@custom "version" "1.0.1")
                (@custom "licenses" "MIT") (@custom "unknown" "x")
                (component $inner (@custom "authors" "somebody else"))
                (core module $module (@custom "source" "https://example.com")))"#,
        );
        assert_eq!(texts(&metadata), [("name", "sample"), ("version", "1.0.1"), ("licenses", "MIT")]);
    }

    #[test]
    fn a_component_without_any_has_none() {
        assert_eq!(texts(&read("(component)")), []);
    }

    #[test]
    fn odd_texts_are_kept_as_far_as_they_are_text_and_not_too_long() {
        let long = "é".repeat(LONGEST + 1);
        let metadata = read(&format!(r#"(component (@custom "version" "1\ff.0") (@custom "authors" "{long}"))"#));
        assert_eq!(metadata.version.as_deref(), Some("1\u{fffd}.0"));
        assert_eq!(metadata.authors.unwrap(), format!("{}…", "é".repeat(LONGEST)));
        let whole = read(&format!(r#"(component (@custom "authors" "{}"))"#, "漢".repeat(LONGEST)));
        assert_eq!(whole.authors.unwrap(), "漢".repeat(LONGEST));
    }

    #[test]
    fn names_that_cannot_be_read_are_none() {
        let metadata = read(r#"(component (@custom "component-name" "\00\ff\ff\ff\ff\0f") (@custom "version" "1"))"#);
        assert_eq!(texts(&metadata), [("version", "1")]);
    }
}
