//! The account: how Acme's API is reached, and as whom.

use plugin_guest::api_profile::ApiProfile;
use plugin_guest::base_url::BaseUrl;
use plugin_guest::client::Client;
use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::credential::Credential;
use plugin_guest::http::Http;
use plugin_guest::inputs::Inputs;

/// Where Acme's API is.
pub const BASE_URL: &str = "https://api.acme.example";

/// Acme's API profile: its errors are `{"code": "…", "message": "…"}`.
const PROFILE: ApiProfile = ApiProfile {
    name: "acme",
    run: "run",
    user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
    accept: "application/json",
    code_at: &[&["code"]],
    message_at: &[&["message"]],
    not_found: &[],
};

/// Where Acme's API is, and the credential for it.
pub struct Account {
    base_url: BaseUrl,
    credential: Credential,
}

impl Account {
    /// Parses the values of a connection.
    pub fn parse(connection: &[NamedValue]) -> Result<Self, TaskError> {
        let inputs = Inputs(connection);
        let token = inputs.secret("token", "create one in Acme's settings")?;
        Ok(Self {
            base_url: inputs.base_url(BASE_URL)?,
            credential: Credential::bearer(token),
        })
    }

    /// A client that sends the credential with each request.
    pub fn client<'a>(&'a self, http: &'a mut dyn Http) -> Client<'a> {
        Client::new(&PROFILE, &self.base_url, &self.credential, http)
    }
}
