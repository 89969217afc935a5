//! A tool's API, as the holder of one credential sees it, for the length of one call.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;

use crate::base_url::BaseUrl;
use crate::contract::TaskError;
use crate::credential::Credential;
use crate::http::{Answer, Http, Method, Request, SendError};
use crate::secret::Secret;
use crate::task_error::{not_understood, of_status, unanswered, unanswered_start};
use crate::timestamp::Timestamp;
use crate::tool::Tool;

/// Sends requests and turns what comes of them into answers to understand and errors to hand back.
pub struct Client<'a> {
    tool: &'static Tool,
    base_url: &'a BaseUrl,
    authorization: Option<&'a str>,
    /// What an answer may repeat and nobody is to see.
    secret: &'a Secret,
    http: &'a mut dyn Http,
    now: Option<Timestamp>,
}

impl<'a> Client<'a> {
    /// Reaches the tool over `http`, as the holder of a credential.
    pub fn new(tool: &'static Tool, base_url: &'a BaseUrl, credential: &'a Credential, http: &'a mut dyn Http) -> Self {
        let (authorization, secret) = (Some(credential.authorization()), credential.secret());
        Self { tool, base_url, authorization, secret, http, now: None }
    }

    /// The same as nobody yet: to ask for a token with what is `secret` in a body.
    pub fn anonymous(tool: &'static Tool, base_url: &'a BaseUrl, secret: &'a Secret, http: &'a mut dyn Http) -> Self {
        Self { tool, base_url, authorization: None, secret, http, now: None }
    }

    /// The time by the tool's clock at its last answer, if it told.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Reads what is at `path`.
    pub fn get(&mut self, path: String) -> Result<Answer, TaskError> {
        self.send(Method::Get, path, String::new(), unanswered)
    }

    /// Starts a run. Where no whole answer comes, the error says that the run may have been started.
    pub fn start(&mut self, path: String, body: String) -> Result<Answer, TaskError> {
        self.send(Method::Post, path, body, unanswered_start)
    }

    /// Posts what starts nothing, such as a request for a token.
    pub fn post(&mut self, path: String, body: String) -> Result<Answer, TaskError> {
        self.send(Method::Post, path, body, unanswered)
    }

    /// Stops what is at `path`, which does no harm twice.
    pub fn delete(&mut self, path: String) -> Result<Answer, TaskError> {
        self.send(Method::Delete, path, String::new(), unanswered)
    }

    /// What was read off `answer`, or that it was not understood.
    pub fn understood<T>(&self, parsed: anyhow::Result<T>, answer: &Answer) -> Result<T, TaskError> {
        parsed.map_err(|problem| not_understood(self.tool, &problem, answer))
    }

    /// The one place where status and body become a result. `lost` says what it means that no whole answer came.
    fn send(
        &mut self,
        method: Method,
        path: String,
        body: String,
        lost: fn(&Tool, SendError) -> TaskError,
    ) -> Result<Answer, TaskError> {
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", self.tool.accept.to_owned()),
            ("user-agent", self.tool.user_agent.to_owned()),
        ];
        headers.extend(self.authorization.map(|authorization| ("authorization", authorization.to_owned())));
        let request = Request { method, base_url: self.base_url, path, headers, body };
        let mut answer = self.http.send(&request).map_err(|error| lost(self.tool, error))?;
        self.now = answer.date.as_deref().and_then(Timestamp::parse_http_date).or(self.now);
        answer.body = self.secret.redact(answer.body);
        if !answer.status.is_success() {
            return Err(of_status(self.tool, &answer));
        }
        if !answer.complete {
            return Err(lost(self.tool, SendError::NoAnswer("its answer broke off".to_owned())));
        }
        Ok(answer)
    }
}
