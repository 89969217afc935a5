//! Request budgets: which requests of a plugin count against its tool's rate limit.

use crate::contract::RequestBudget;

/// Any one segment of a path.
const ANY: &str = "*";

impl RequestBudget {
    /// True if a request for this path, without its query, counts: if no paths are listed, or it has the segments of one of them
    /// one after another.
    pub fn counts(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|listed| holds(path, listed))
    }
}

fn holds(path: &str, listed: &str) -> bool {
    let segments = |path| str::split(path, '/').skip(1).collect::<Vec<_>>();
    let (path, listed) = (segments(path), segments(listed));
    let is_one = |(segment, listed): (&&str, &&str)| *listed == ANY || segment == listed;
    // What is no path, and so not valid, counts all rather than none.
    path.windows(listed.len().max(1)).any(|part| part.iter().zip(&listed).all(is_one))
}

/// The reason why a text does not list a path, if it does not.
pub(super) fn flaw(path: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@+,=%".contains(&byte);
    let is_segment = |segment: &str| segment == ANY || !segment.is_empty() && segment.bytes().all(is_plain);
    let Some(segments) = path.strip_prefix('/') else { return Some("does not begin with /") };
    let segments: Vec<_> = segments.split('/').collect();
    if segments.iter().any(|segment| segment.contains(ANY) && *segment != ANY) {
        Some("has a * that is not a whole segment")
    } else if segments.iter().any(|segment| !is_segment(segment) || [".", ".."].contains(segment)) {
        Some("has a segment that is not of letters, digits and -._~:@+,=%")
    } else if segments.iter().all(|segment| *segment == ANY) {
        Some("names no segment")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(paths: &[&str], path: &str) -> bool {
        let paths = paths.iter().copied().map(str::to_owned).collect();
        RequestBudget { requests: 1, window_ms: 1, paths }.counts(path)
    }

    #[test]
    fn every_request_counts_unless_paths_are_listed() {
        for path in ["/v4/7/extractions", "/", ""] {
            assert!(counts(&[], path), "{path}");
        }
    }

    #[test]
    fn a_listed_path_counts_with_what_is_below_it_and_behind_a_proxy() {
        let listed = ["/v4/*/extractions", "/v4/*/loads"];
        for path in [
            "/v4/7/extractions",
            "/v4/7/extractions/7.5.sync.x",
            "/v4/7/loads",
            "/v4/7/loads/",
            "/stitch/v4/7/loads",
            "/v4/v4/7/loads",
        ] {
            assert!(counts(&listed, path), "{path}");
        }
        for path in [
            "/v4/sources/7",
            "/v4/sources/7/streams",
            "/v4/7/extractions2",
            "/v4/extractions",
            "/v4/7/8/loads",
            "/v5/7/loads",
            "/v4/7",
            "/",
            "",
        ] {
            assert!(!counts(&listed, path), "{path}");
        }
    }

    #[test]
    fn what_is_no_path_counts_all() {
        assert!(counts(&[""], "/v4/sources/7"));
    }

    #[test]
    fn what_cannot_be_listed_is_told() {
        for (path, expected) in [
            ("/v4/*/extractions", None),
            ("/a", None),
            ("/*/a.b~c%20", None),
            ("", Some("does not begin with /")),
            ("v4/loads", Some("does not begin with /")),
            ("/v*/loads", Some("has a * that is not a whole segment")),
            ("/v4/**", Some("has a * that is not a whole segment")),
            ("/", Some("has a segment that is not of letters, digits and -._~:@+,=%")),
            ("/v4/", Some("has a segment that is not of letters, digits and -._~:@+,=%")),
            ("/v4//loads", Some("has a segment that is not of letters, digits and -._~:@+,=%")),
            ("/v4/loads?page=1", Some("has a segment that is not of letters, digits and -._~:@+,=%")),
            ("/v4/../loads", Some("has a segment that is not of letters, digits and -._~:@+,=%")),
            ("/*/*", Some("names no segment")),
        ] {
            assert_eq!(flaw(path), expected, "{path}");
        }
    }
}
