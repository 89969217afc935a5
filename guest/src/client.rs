//! The HTTP client of a tool's API, for one call and one credential.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use crate::ages::Ages;
use crate::api_profile::ApiProfile;
use crate::base_url::BaseUrl;
use crate::contract::TaskError;
use crate::credential::Credential;
use crate::http::{Answer, Http, Method, Request, SendError};
use crate::report::{one_line, shorten};
use crate::secret::Secret;
use crate::sent::Sent;
use crate::task_error::{not_understood, of_status, start_refused, unanswered, unanswered_start, unclear};
use crate::timestamp::Timestamp;

/// A client of the tool's API: sends each request once, and turns its status and its body into an answer or into an error of
/// the contract.
pub struct Client<'a> {
    profile: &'static ApiProfile,
    base_url: &'a BaseUrl,
    authorization: Option<String>,
    /// Secrets that are redacted in each answer.
    secrets: Vec<Secret>,
    http: &'a mut dyn Http,
    has_asked: bool,
    /// Whether a request of this call may have started a run. It stays true for the errors of all later requests.
    may_have_started: bool,
    /// The `Date` of the first answer, if it has one, and how long that answer took, in milliseconds.
    first: Option<(Timestamp, u64)>,
    /// The `Date` of the last answer that has one.
    now: Option<Timestamp>,
}

impl<'a> Client<'a> {
    /// A client that sends a credential with each request.
    pub fn new(
        profile: &'static ApiProfile,
        base_url: &'a BaseUrl,
        credential: &Credential,
        http: &'a mut dyn Http,
    ) -> Self {
        let mut client = Self::without_credential(profile, base_url, http);
        client.authorize(credential);
        client
    }

    /// A client without a credential that sends `secret` in a body, to ask for a token. The secret is redacted in answers.
    pub fn anonymous(
        profile: &'static ApiProfile,
        base_url: &'a BaseUrl,
        secret: &Secret,
        http: &'a mut dyn Http,
    ) -> Self {
        Self { secrets: vec![secret.clone()], ..Self::without_credential(profile, base_url, http) }
    }

    /// A client without a credential, for a tool that asks for none.
    pub fn without_credential(profile: &'static ApiProfile, base_url: &'a BaseUrl, http: &'a mut dyn Http) -> Self {
        Self {
            profile,
            base_url,
            authorization: None,
            secrets: Vec::new(),
            http,
            has_asked: false,
            may_have_started: false,
            first: None,
            now: None,
        }
    }

    /// Sends a credential with each request from now on.
    pub fn authorize(&mut self, credential: &Credential) {
        self.authorization = Some(credential.authorization().to_owned());
        self.secrets.extend_from_slice(credential.secrets());
    }

    /// The time by the tool's clock: the `Date` of its last answer that had one.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// When calls of these ages were about to be made, counted from when this call began. None where the first answer has no `Date`:
    /// that of a later answer may be a minute later.
    pub fn sent(&self, ages: Ages<'_>) -> Option<Sent> {
        self.first.map(|(date, after_ms)| Sent::before(date, after_ms, ages))
    }

    /// Sends a GET request.
    pub fn get(&mut self, path: String) -> Result<Answer, TaskError> {
        self.send(Method::Get, path, String::new(), unanswered)
    }

    /// Sends a POST request that starts a run. Where no whole answer comes, or one that leaves open what happened, the error says
    /// that the run may have started, and so does every later error of the same call.
    pub fn start(&mut self, path: String, body: String) -> Result<Answer, TaskError> {
        let answer = self.send(Method::Post, path, body, unanswered_start).map_err(start_refused);
        self.may_have_started |= answer.as_ref().err().is_none_or(|error| error.may_have_started);
        answer
    }

    /// Sends a POST request that starts nothing, such as one for a token.
    pub fn post(&mut self, path: String, body: String) -> Result<Answer, TaskError> {
        self.send(Method::Post, path, body, unanswered)
    }

    /// Sends a PUT request, which starts nothing: it replaces a setting, for example.
    pub fn put(&mut self, path: String, body: String) -> Result<Answer, TaskError> {
        self.send(Method::Put, path, body, unanswered)
    }

    /// Sends a PATCH request that starts nothing and may be sent twice.
    pub fn patch(&mut self, path: String, body: String) -> Result<Answer, TaskError> {
        self.send(Method::Patch, path, body, unanswered)
    }

    /// Sends a DELETE request, which may be sent twice: it stops a run, for example.
    pub fn delete(&mut self, path: String) -> Result<Answer, TaskError> {
        self.send(Method::Delete, path, String::new(), unanswered)
    }

    /// The value parsed from `answer`, or the error that the answer was not understood.
    pub fn understood<T>(&self, parsed: anyhow::Result<T>, answer: &Answer) -> Result<T, TaskError> {
        let encoding = answer.encoding.as_deref().filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
        parsed.map_err(|problem| {
            self.with_effect(match encoding {
                Some(encoding) => {
                    let encoding = shorten(&one_line(encoding), 20);
                    unclear(self.profile, format_args!("it is compressed ({encoding}), which was not asked for"))
                }
                None => not_understood(self.profile, &problem, answer),
            })
        })
    }

    /// The error of a request, which also says whether a request before it may have started a run.
    fn with_effect(&self, error: TaskError) -> TaskError {
        TaskError { may_have_started: error.may_have_started || self.may_have_started, ..error }
    }

    /// Sends a request: the one place where status and body become a result. `lost` makes the error of a request without a whole
    /// answer.
    fn send(
        &mut self,
        method: Method,
        path: String,
        body: String,
        lost: fn(&ApiProfile, SendError) -> TaskError,
    ) -> Result<Answer, TaskError> {
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", self.profile.accept.to_owned()),
            ("user-agent", self.profile.user_agent.to_owned()),
        ];
        headers.extend(self.authorization.clone().map(|authorization| ("authorization", authorization)));
        let request = Request { method, base_url: self.base_url, path, headers, body };
        let answer = self.http.send(&request);
        let date = |answer: &Answer| Timestamp::parse_http_date(answer.date.as_deref()?);
        let dated = answer.as_ref().ok().and_then(|answer| Some((date(answer)?, answer.after_ms)));
        if !mem::replace(&mut self.has_asked, true) {
            self.first = dated;
        }
        self.now = dated.map(|(date, _)| date).or(self.now);
        let mut answer = answer.map_err(|error| self.with_effect(lost(self.profile, error)))?;
        for secret in &self.secrets {
            answer.body = secret.redact(&answer.body);
        }
        if !answer.status.is_success() {
            return Err(self.with_effect(of_status(self.profile, &answer)));
        }
        if let Some(cut) = answer.cut.take() {
            return Err(self.with_effect(lost(self.profile, cut)));
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_profile::ACME;
    use crate::contract::ErrorKind;
    use crate::scripted::{Scripted, answer};
    use crate::sent::Attribution;
    use crate::status::Status;
    use alloc::string::ToString;

    fn dated(time: Option<&str>) -> Answer {
        Answer { date: time.map(|time| alloc::format!("Mon, 05 Jan 2026 {time} GMT")), ..answer(200, "{}") }
    }

    fn sent(
        exchange: (&str, Result<Answer, SendError>),
        send: impl FnOnce(&mut Client<'_>) -> Result<Answer, TaskError>,
    ) -> Result<Answer, TaskError> {
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let credential = Credential::bearer(Secret::parse("hush").expect("a secret"));
        send(&mut Client::new(&ACME, &base_url, &credential, &mut Scripted::new([exchange])))
    }

    fn started(result: Result<Answer, SendError>) -> Result<Answer, TaskError> {
        sent(("POST /jobs {}", result), |client| client.start("/jobs".to_owned(), "{}".to_owned()))
    }

    fn read(result: Result<Answer, SendError>) -> Result<Answer, TaskError> {
        sent(("GET /jobs", result), |client| client.get("/jobs".to_owned()))
    }

    #[test]
    fn a_whole_answer_with_a_good_status_comes_through_without_the_secret() {
        let answer = read(Ok(answer(204, r#"{"token": "hush"}"#))).expect("an answer");
        assert_eq!((answer.status.0, answer.body.as_slice()), (204, &br#"{"token": "***"}"#[..]));
    }

    #[test]
    fn an_answer_that_repeats_a_key_and_its_secret_as_they_were_sent_loses_them() {
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let credential = Credential::basic("Aladdin", Secret::parse("sesame").expect("a secret"));
        let body = r#"{"authorization": "Basic QWxhZGRpbjpzZXNhbWU=", "secret": "sesame"}"#;
        let mut http = Scripted::answering([("GET /jobs", answer(200, body))]);
        let mut client = Client::new(&ACME, &base_url, &credential, &mut http);
        let shown = client.get("/jobs".to_owned()).expect("an answer").body;
        assert_eq!(shown, br#"{"authorization": "Basic ***", "secret": "***"}"#);
    }

    #[test]
    fn a_compressed_answer_is_called_so() {
        let compressed =
            |encoding: &str| Answer { encoding: Some(encoding.to_owned()), ..answer(200, "\u{3}\u{fffd}") };
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let mut http = Scripted::answering([("POST /jobs {}", compressed("br"))]);
        let mut client = Client::without_credential(&ACME, &base_url, &mut http);
        let answer = client.start("/jobs".to_owned(), "{}".to_owned()).expect("an answer");
        let error = client.understood::<()>(Err(anyhow::anyhow!("not JSON")), &answer).expect_err("not understood");
        assert_eq!(error.message, "acme's answer was not understood: it is compressed (br), which was not asked for");
        assert_eq!((error.kind, error.raw_message, error.may_have_started), (ErrorKind::NotUnderstood, None, true));
        let plain = client.understood::<()>(Err(anyhow::anyhow!("not JSON")), &compressed("identity"));
        assert!(plain.expect_err("not understood").message.ends_with("not JSON"));
    }

    #[test]
    fn each_request_says_who_sends_it_and_as_whom() {
        struct Recorder(Vec<Vec<(&'static str, String)>>);
        impl Http for Recorder {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                self.0.push(request.headers.clone());
                Ok(answer(200, ""))
            }
        }
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let secret = Secret::parse("hush").expect("a secret");
        let mut http = Recorder(Vec::new());
        let mut client = Client::anonymous(&ACME, &base_url, &secret, &mut http);
        client.get(String::new()).expect("an answer");
        client.authorize(&Credential::bearer(secret.clone()));
        client.get(String::new()).expect("an answer");
        let expected = [
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("user-agent", "acme-plugin/0.1.0"),
            ("authorization", "Bearer hush"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(http.0, [expected[..3].to_vec(), expected.to_vec()]);
    }

    #[test]
    fn an_answer_that_repeats_the_secret_of_a_request_for_a_token_loses_it() {
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let secret = Secret::parse("hush").expect("a secret");
        let mut http =
            Scripted::answering([("POST /token hush", answer(401, r#"{"message": "no such secret: hush"}"#))]);
        let mut client = Client::anonymous(&ACME, &base_url, &secret, &mut http);
        let error = client.post("/token".to_owned(), "hush".to_owned()).expect_err("refused");
        assert_eq!(error.message, "no such secret: ***");
    }

    #[test]
    fn without_a_credential_no_authorization_is_sent() {
        struct Unauthorized;
        impl Http for Unauthorized {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                assert!(request.headers.iter().all(|(name, _)| *name != "authorization"), "{:?}", request.headers);
                Ok(answer(200, ""))
            }
        }
        let base_url = BaseUrl::parse("http://localhost:8000").expect("a URL");
        Client::without_credential(&ACME, &base_url, &mut Unauthorized).get(String::new()).expect("an answer");
    }

    #[test]
    fn a_status_that_is_no_success_is_an_error_without_the_secret() {
        let error = read(Ok(answer(401, r#"{"message": "no such token: hush"}"#))).expect_err("unauthorized");
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unauthorized, "no such token: ***"));
    }

    #[test]
    fn an_answer_that_is_not_whole_is_none() {
        let cut = || Ok(Answer { cut: Some(SendError::broke_off()), ..answer(200, "{") });
        let error = read(cut()).expect_err("half an answer");
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert_eq!(error.message, "acme did not answer: its answer broke off; try again later");
        assert_eq!(started(cut()).expect_err("half an answer").kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn no_answer_leaves_open_only_what_a_start_did() {
        let lost = || Err(SendError::NoAnswer("the connection was closed".to_owned()));
        assert_eq!(read(lost()).expect_err("lost").kind, ErrorKind::Unavailable);
        assert_eq!(started(lost()).expect_err("lost").kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn a_server_that_failed_leaves_open_whether_a_run_was_started() {
        use ErrorKind::{OutcomeUnknown, Rejected, Unavailable};
        for (status, of_start, of_read) in [
            (408, OutcomeUnknown, Unavailable),
            (502, OutcomeUnknown, Unavailable),
            (504, OutcomeUnknown, Unavailable),
            (429, Unavailable, Unavailable),
            (500, OutcomeUnknown, Unavailable),
            (524, OutcomeUnknown, Unavailable),
            (501, Unavailable, Unavailable),
            (503, Unavailable, Unavailable),
            (409, Rejected, Rejected),
        ] {
            let answer = || Ok(Answer { retry_after: Some("5".to_owned()), ..answer(status, "") });
            let error = started(answer()).expect_err("refused");
            assert_eq!((error.kind, error.http_status), (of_start, Some(status)));
            assert_eq!((error.message, error.code), (Status(status).to_string(), alloc::format!("http_{status}")));
            assert_eq!(error.retry_after_ms, (of_start == Unavailable).then_some(5_000));
            assert_eq!(read(answer()).expect_err("refused").kind, of_read);
        }
    }

    #[test]
    fn what_is_not_understood_names_the_problem() {
        let problem = sent(("GET /jobs", Ok(answer(200, "{}"))), |client| {
            let answer = client.get("/jobs".to_owned())?;
            client.understood(Err(anyhow::anyhow!("id is missing")), &answer)
        });
        let error = problem.expect_err("not understood");
        assert_eq!((error.kind, error.http_status), (ErrorKind::NotUnderstood, Some(200)));
        assert_eq!(error.message, "acme's answer was not understood: id is missing");
    }

    /// Whether the error of the last request says that a run may have started, after a request that starts one had this result or,
    /// where there is none, was not sent.
    fn effect(start: Option<&Result<Answer, SendError>>, last: Result<Answer, SendError>) -> bool {
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let credential = Credential::bearer(Secret::parse("hush").expect("a secret"));
        let mut http = match start {
            Some(start) => Scripted::new([("POST /jobs {}", start.clone()), ("GET /jobs", last)]),
            None => Scripted::new([("GET /jobs", last)]),
        };
        let mut client = Client::new(&ACME, &base_url, &credential, &mut http);
        if start.is_some() {
            _ = client.start("/jobs".to_owned(), "{}".to_owned());
        }
        let answer = client.get("/jobs".to_owned());
        let error = answer.and_then(|answer| client.understood(Err::<(), _>(anyhow::anyhow!("no id")), &answer));
        error.expect_err("an error").may_have_started
    }

    #[test]
    fn an_error_says_that_a_run_may_have_been_started_only_after_a_request_that_can_have_done_so() {
        let page = || Ok(answer(200, "<html>sign in</html>"));
        let lost = || Err(SendError::NoAnswer("the connection was closed".to_owned()));
        let cut = || Ok(Answer { cut: Some(SendError::broke_off()), ..answer(200, "{") });
        let lasts = || [page(), lost(), cut(), Ok(answer(401, "")), Ok(answer(502, "")), Err(SendError::Denied)];
        for (start, may_have_started) in [
            (None, false),
            (Some(Err(SendError::Denied)), false),
            (Some(Err(SendError::NotSent("the connection was refused".to_owned()))), false),
            (Some(Ok(answer(409, ""))), false),
            (Some(Ok(answer(429, ""))), false),
            (Some(Ok(answer(503, ""))), false),
            (Some(Ok(answer(200, "{}"))), true),
            (Some(page()), true),
            (Some(cut()), true),
            (Some(lost()), true),
            (Some(Ok(answer(502, ""))), true),
        ] {
            for last in lasts() {
                assert_eq!(effect(start.as_ref(), last), may_have_started, "{start:?}");
            }
        }
    }

    #[test]
    fn each_method_is_sent_as_it_is_called() {
        let ok = || Ok(answer(200, ""));
        let (path, body) = (|| "/jobs".to_owned(), || "{}".to_owned());
        for found in [
            sent(("POST /jobs {}", ok()), |client| client.post(path(), body())),
            sent(("PUT /jobs {}", ok()), |client| client.put(path(), body())),
            sent(("PATCH /jobs {}", ok()), |client| client.patch(path(), body())),
            sent(("DELETE /jobs", ok()), |client| client.delete(path())),
        ] {
            found.expect("an answer");
        }
    }

    /// When a trigger of half a minute ago was about to be sent, by the answers to a call of three requests.
    fn sent_by(answers: [Result<Answer, SendError>; 3]) -> Option<Sent> {
        let base_url = BaseUrl::parse("https://api.example.com").expect("a URL");
        let secret = Secret::parse("hush").expect("a secret");
        let [one, two, three] = answers;
        let mut http = Scripted::new([("GET /one", one), ("GET /two", two), ("GET /three", three)]);
        let mut client = Client::anonymous(&ACME, &base_url, &secret, &mut http);
        let ages = Ages::parse(&[30_000]).expect("an age");
        assert_eq!(client.sent(ages), None);
        for path in ["/one", "/two"] {
            _ = client.get(path.to_owned());
        }
        client.authorize(&Credential::bearer(secret.clone()));
        client.get("/three".to_owned()).expect("an answer");
        assert_eq!(client.now(), Timestamp::parse("2026-01-05T10:01:30Z"));
        client.sent(ages)
    }

    #[test]
    fn an_answer_that_took_long_does_not_make_the_trigger_younger() {
        let first = Answer { after_ms: 12_000, ..dated(Some("10:00:30")) };
        let sent = sent_by([Ok(first), Ok(dated(None)), Ok(dated(Some("10:01:30")))]).expect("a time");
        let at = |time: &str| Timestamp::parse(&alloc::format!("2026-01-05T{time}Z")).expect("a time");
        let attribution = ["09:59:42", "09:59:43", "09:59:58", "09:59:59"].map(|began| sent.attribution(at(began)));
        assert_eq!(attribution, [Attribution::Older, Attribution::Unclear, Attribution::Unclear, Attribution::Ours]);
    }

    #[test]
    fn a_first_answer_without_a_date_tells_no_time_whatever_comes_after_it() {
        let lost = Err(SendError::NoAnswer("the connection was closed".to_owned()));
        for first in [Ok(dated(None)), Ok(dated(Some("noon"))), lost] {
            assert_eq!(sent_by([first, Ok(dated(Some("10:00:30"))), Ok(dated(Some("10:01:30")))]), None);
        }
    }
}
