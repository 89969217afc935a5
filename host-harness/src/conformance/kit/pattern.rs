//! Request patterns.

use serde::Deserialize;

/// A method and a path that requests are matched against; or, until the kit is read, the name of one.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pattern {
    pub(crate) text: String,
    method: String,
    path: String,
    query: Option<String>,
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if Self::is_a_name(&text) {
            return Ok(Self { text, method: String::new(), path: String::new(), query: None });
        }
        let parts = text.split_once(' ').filter(|(method, target)| {
            !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()) && target.starts_with('/')
        });
        let (method, target) = parts
            .ok_or_else(|| format!("`{text}` is not a request: write it as `GET /path`, with * for any segment"))?;
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        Ok(Self { method: method.to_owned(), path: path.to_owned(), query: query.map(str::to_owned), text })
    }
}

/// True if requests of this method change nothing (RFC 9110, section 9.2.1).
pub(crate) fn reads(method: &str) -> bool {
    ["GET", "HEAD"].contains(&method)
}

impl Pattern {
    /// True if the text is one that a request can have under `[requests]`.
    pub(crate) fn is_a_name(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ['_', '-'].contains(&c))
    }

    /// True if it is the name of a request.
    pub(crate) fn is_named(&self) -> bool {
        self.method.is_empty()
    }

    /// True if the pattern matches a request.
    pub(crate) fn fits(&self, method: &str, target: &str) -> bool {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let segments = || (self.path.split('/'), path.split('/'));
        let (wanted, found) = segments();
        self.method == method
            && wanted.count() == found.count()
            && segments()
                .0
                .zip(segments().1)
                .all(|(wanted, found)| wanted == found || (wanted == "*" && !found.is_empty()))
            && self.query.as_deref().is_none_or(|wanted| query == Some(wanted))
    }

    /// True if matching requests change nothing, by their method.
    pub(crate) fn is_read(&self) -> bool {
        reads(&self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, request: &str) -> bool {
        let (method, target) = request.split_once(' ').unwrap();
        Pattern::try_from(pattern.to_owned()).unwrap().fits(method, target)
    }

    #[test]
    fn a_pattern_fits_method_path_and_any_query_unless_it_names_one() {
        for (pattern, request, fit) in [
            ("GET /jobs/7", "GET /jobs/7", true),
            ("GET /jobs/7", "GET /jobs/7?page=1", true),
            ("GET /jobs/7?page=1", "GET /jobs/7?page=1", true),
            ("GET /jobs/7?page=1", "GET /jobs/7?page=2", false),
            ("GET /jobs/*", "GET /jobs/8", true),
            ("GET /jobs/*", "GET /jobs/8/9", false),
            ("GET /jobs/*", "GET /jobs/", false),
            ("GET /jobs/7", "POST /jobs/7", false),
        ] {
            assert_eq!(fits(pattern, request), fit, "{pattern} {request}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in ["", "GET", "get /jobs", "GET jobs", " /jobs"] {
            assert_eq!(
                Pattern::try_from(text.to_owned()).unwrap_err(),
                format!("`{text}` is not a request: write it as `GET /path`, with * for any segment")
            );
        }
    }
}
