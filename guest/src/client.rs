//! A tool's API, as the holder of one credential sees it, for the length of one call.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;

use crate::base_url::BaseUrl;
use crate::contract::TaskError;
use crate::credential::Credential;
use crate::http::{Answer, Http, Method, Request, SendError};
use crate::secret::Secret;
use crate::sent::Sent;
use crate::task_error::{not_understood, of_status, unanswered, unanswered_start};
use crate::timestamp::Timestamp;
use crate::tool::Tool;

/// Sends requests and turns what comes of them into answers to understand and errors to hand back.
pub struct Client<'a> {
    tool: &'static Tool,
    base_url: &'a BaseUrl,
    authorization: Option<String>,
    /// What an answer may repeat and nobody is to see.
    secret: Secret,
    http: &'a mut dyn Http,
    first: Option<Timestamp>,
    now: Option<Timestamp>,
}

impl<'a> Client<'a> {
    /// Reaches the tool over `http`, as the holder of a credential.
    pub fn new(tool: &'static Tool, base_url: &'a BaseUrl, credential: &Credential, http: &'a mut dyn Http) -> Self {
        let mut client = Self::anonymous(tool, base_url, credential.secret(), http);
        client.authorize(credential);
        client
    }

    /// The same as nobody yet: to ask for a token with what is `secret` in a body.
    pub fn anonymous(tool: &'static Tool, base_url: &'a BaseUrl, secret: &Secret, http: &'a mut dyn Http) -> Self {
        Self { tool, base_url, authorization: None, secret: secret.clone(), http, first: None, now: None }
    }

    /// Goes on as the holder of a credential.
    pub fn authorize(&mut self, credential: &Credential) {
        self.authorization = Some(credential.authorization().to_owned());
        self.secret = credential.secret().clone();
    }

    /// The time by the tool's clock at its last answer, if it told.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// When a trigger was about to be sent that was so many milliseconds old when the call began, if the tool told a time:
    /// by its first answer, since a later one may come a minute after.
    pub fn sent(&self, age_ms: u64) -> Option<Sent> {
        self.first.map(|first| Sent::before(first, age_ms))
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
        headers.extend(self.authorization.clone().map(|authorization| ("authorization", authorization)));
        let request = Request { method, base_url: self.base_url, path, headers, body };
        let mut answer = self.http.send(&request).map_err(|error| lost(self.tool, error))?;
        self.now = answer.date.as_deref().and_then(Timestamp::parse_http_date).or(self.now);
        self.first = self.first.or(self.now);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{Scripted, answer};
    use crate::sent::Whose;
    use crate::tool::ACME;

    fn dated(time: Option<&str>) -> Answer {
        Answer { date: time.map(|time| alloc::format!("Mon, 05 Jan 2026 {time} GMT")), ..answer(200, "{}") }
    }

    #[test]
    fn an_answer_that_took_long_does_not_make_the_trigger_younger() {
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let secret = Secret::parse("hush").expect("a secret");
        let mut http = Scripted::answering([
            ("GET /one", dated(None)),
            ("GET /two", dated(Some("10:00:30"))),
            ("GET /three", dated(Some("10:01:30"))),
        ]);
        let mut client = Client::anonymous(&ACME, &base_url, &secret, &mut http);
        client.get("/one".to_owned()).expect("an answer");
        assert_eq!(client.sent(0), None);
        client.get("/two".to_owned()).expect("an answer");
        client.authorize(&Credential::bearer(secret.clone()));
        client.get("/three".to_owned()).expect("an answer");
        assert_eq!(client.now(), Timestamp::parse("2026-01-05T10:01:30Z"));
        let began = Timestamp::parse("2026-01-05T10:00:00Z").expect("a time");
        assert_eq!(client.sent(30_000).map(|sent| sent.whose(began)), Some(Whose::Ours));
    }
}
