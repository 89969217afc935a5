//! The root of Airbyte's API, from a URL that a person gives.

use alloc::format;
use alloc::string::ToString;

use plugin_guest::base_url::BaseUrl;
use plugin_guest::contract::TaskError;
use plugin_guest::inputs::Inputs;
use plugin_guest::task_error::invalid_input;

use crate::api_profile::BASE_URL;

/// The host of Airbyte Cloud's API.
const CLOUD: &str = "api.airbyte.com";

/// The host of Airbyte Cloud's pages, which are not its API.
const CLOUD_PAGES: &str = "cloud.airbyte.com";

/// The path of a self-managed Airbyte's API, under the URL of its pages.
const SELF_MANAGED: &str = "/api/public/v1";

/// Parts of that path that people give, and the Configuration API beside it (`/api/v1`), which has no `POST /jobs`:
/// behind a URL of Airbyte's they stand for its API. Longer ones first.
const KNOWN: [&str; 4] = [SELF_MANAGED, "/api/public", "/api/v1", "/api"];

/// The root of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The URL that paths such as `/jobs` are appended to.
    pub url: BaseUrl,
    /// True if it is Airbyte Cloud's.
    pub is_cloud: bool,
}

impl Root {
    /// Parses `base_url`, which may lack the path of the API or a part of it. The URL alone decides: nothing is
    /// requested.
    pub fn parse(inputs: Inputs<'_>) -> Result<Self, TaskError> {
        let mut url = inputs.base_url(BASE_URL)?;
        let host = url.authority.split(':').next().unwrap_or_default();
        let is_cloud = host.eq_ignore_ascii_case(CLOUD);
        if host.eq_ignore_ascii_case(CLOUD_PAGES) {
            let problem = format!("is where people use Airbyte Cloud: leave it out, or give its API, {BASE_URL}");
            return Err(invalid_input("base_url", problem));
        }
        if url.path.contains("/workspaces") {
            let problem = "is a page of Airbyte: give what stands before /workspaces";
            return Err(invalid_input("base_url", problem));
        }
        let known = KNOWN.iter().find_map(|known| url.path.strip_suffix(known));
        url.path = match known.unwrap_or(&url.path) {
            // A proxy may have the API anywhere.
            path if known.is_none() && path.ends_with("/v1") => path.to_string(),
            path if is_cloud => format!("{path}/v1"),
            path => format!("{path}{SELF_MANAGED}"),
        };
        Ok(Self { url, is_cloud })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use plugin_guest::scripted::named;

    fn parsed(base_url: &str) -> Result<Root, TaskError> {
        Root::parse(Inputs(&[named("base_url", base_url)]))
    }

    fn refused(base_url: &str) -> String {
        parsed(base_url).expect_err(base_url).message
    }

    #[test]
    fn the_path_of_the_api_may_be_left_out_or_given_or_half_of_it() {
        let local = "http://localhost:8000/api/public/v1";
        let proxied = "https://etl.example/airbyte/api/public/v1";
        for (given, root) in [
            ("http://localhost:8000", local),
            ("http://localhost:8000/", local),
            ("http://localhost:8000/api", local),
            ("http://localhost:8000/api/", local),
            ("http://localhost:8000/api/public", local),
            ("http://localhost:8000/api/public/v1", local),
            ("http://localhost:8000/api/public/v1/", local),
            ("http://localhost:8000/api/v1/", local),
            ("https://etl.example/airbyte", proxied),
            ("https://etl.example/airbyte/api/v1", proxied),
            ("https://etl.example/airbyte/api/public/v1/", proxied),
            ("http://airbyte-api:8006/v1", "http://airbyte-api:8006/v1"),
            ("https://etl.example/airbyte-api/v1/", "https://etl.example/airbyte-api/v1"),
        ] {
            let found = parsed(given).expect(given);
            assert_eq!((found.url.to_string().as_str(), found.is_cloud), (root, false), "{given}");
        }
    }

    #[test]
    fn airbyte_clouds_api_is_known_by_its_host() {
        let cloud = "https://api.airbyte.com/v1";
        for given in [
            "https://api.airbyte.com",
            "https://api.airbyte.com/",
            "https://api.airbyte.com/v1",
            "https://api.airbyte.com/v1/",
            "https://api.airbyte.com/api/v1",
            "https://api.airbyte.com/api/public/v1",
        ] {
            let found = parsed(given).expect(given);
            assert_eq!((found.url.to_string().as_str(), found.is_cloud), (cloud, true), "{given}");
        }
        assert!(parsed("https://API.airbyte.com:443/v1").expect("a root").is_cloud);
        let default = Root::parse(Inputs(&[])).expect("a root");
        assert_eq!((default.url.to_string().as_str(), default.is_cloud), (cloud, true));
    }

    #[test]
    fn a_page_of_airbytes_is_refused_with_what_to_give_in_its_place() {
        let pages =
            "base_url is where people use Airbyte Cloud: leave it out, or give its API, https://api.airbyte.com/v1";
        for given in ["https://cloud.airbyte.com", "https://Cloud.airbyte.com/workspaces/7/connections"] {
            assert_eq!(refused(given), pages);
        }
        let page = "base_url is a page of Airbyte: give what stands before /workspaces";
        assert_eq!(refused("http://localhost:8000/workspaces/7/connections/8/status"), page);
        assert!(refused("localhost:8000").starts_with("base_url must"), "{}", refused("localhost:8000"));
    }
}
