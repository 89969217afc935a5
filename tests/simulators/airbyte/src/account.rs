use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use tool_simulator::{Answer, Request, Tool};

use crate::Connection;
use crate::plan::Answering;

/// The lifetime of an application's token.
const TOKEN_LASTS: Duration = Duration::from_mins(3);

/// An Airbyte account: credentials, connections, and the requests so far.
#[derive(Debug)]
pub struct Account {
    /// The root path of the API.
    root: &'static str,
    /// The expected `Authorization`; none if it is not checked.
    authorization: Option<String>,
    application: Option<(String, String)>,
    /// The application's tokens, with their expiry.
    issued: Vec<(String, Timestamp)>,
    connections: BTreeMap<String, Connection>,
    faults: VecDeque<StatusCode>,
    requests: Vec<String>,
    last_job: u64,
}

impl Account {
    /// An account of Airbyte Cloud without connections, for this access token.
    pub fn new(token: &str) -> Self {
        Self::at("/v1", Some(format!("Bearer {token}")))
    }

    /// A self-managed Airbyte without connections: for a user and a password, or for everybody.
    pub fn self_managed(user: Option<(&str, &str)>) -> Self {
        let basic = user.map(|(name, password)| format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))));
        Self::at("/api/public/v1", basic)
    }

    fn at(root: &'static str, authorization: Option<String>) -> Self {
        Self {
            root,
            authorization,
            application: None,
            issued: Vec::new(),
            connections: BTreeMap::new(),
            faults: VecDeque::new(),
            requests: Vec::new(),
            last_job: 1_000,
        }
    }

    /// Accepts an application, too: it gets tokens that last for 3 minutes.
    pub fn application(&mut self, client_id: &str, client_secret: &str) -> &mut Self {
        self.application = Some((client_id.to_owned(), client_secret.to_owned()));
        self
    }

    /// The connection of this id, new where there was none: its jobs succeed after a minute.
    pub fn connection(&mut self, id: &str) -> &mut Connection {
        self.connections.entry(id.to_owned()).or_insert_with(Connection::new)
    }

    /// Answers the next request with this status, and does nothing else.
    pub fn answer_next(&mut self, status: StatusCode) {
        self.faults.push_back(status);
    }

    /// The requests so far, such as `POST /v1/jobs`.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// The number of syncs that requests have started, by connection.
    pub fn started(&self) -> BTreeMap<&str, usize> {
        self.connections.iter().map(|(id, connection)| (id.as_str(), connection.started())).collect()
    }

    fn is_let_in(&self, authorization: &str, now: Timestamp) -> bool {
        let issued = |token| self.issued.iter().any(|(issued, until)| issued == token && now < *until);
        self.authorization.as_deref().is_none_or(|expected| authorization == expected)
            || authorization.strip_prefix("Bearer ").is_some_and(issued)
    }

    fn issue(&mut self, now: Timestamp, body: &Value) -> Answer {
        if body["grant-type"] != "client_credentials" {
            return problem(StatusCode::BAD_REQUEST, "bad-request", "grant-type must be client_credentials");
        }
        let known = self
            .application
            .as_ref()
            .is_some_and(|(id, secret)| body["client_id"] == id.as_str() && body["client_secret"] == secret.as_str());
        if !known {
            return problem(StatusCode::UNAUTHORIZED, "unauthorized", "The client id or the client secret is wrong");
        }
        let token = format!("issued-{}", self.issued.len());
        self.issued.push((token.clone(), now.checked_add(TOKEN_LASTS).unwrap_or(Timestamp::MAX)));
        (StatusCode::OK, json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LASTS.as_secs()}))
    }

    fn create(&mut self, now: Timestamp, body: &Value) -> Option<Answer> {
        let id = body["connectionId"].as_str().unwrap_or_default();
        let Some(connection) = self.connections.get_mut(id) else { return Some(no_resource("connection", id)) };
        if body["jobType"] != "sync" {
            return Some(problem(StatusCode::BAD_REQUEST, "bad-request", "jobType must be sync"));
        }
        match connection.sync(self.last_job + 1, now) {
            None => {
                let detail = "A job is already running for this connection";
                Some(problem(StatusCode::CONFLICT, "try-again-later", detail))
            }
            Some(job) => {
                self.last_job += 1;
                match job.plan.answering {
                    Answering::Arrives => Some((StatusCode::OK, job.show(id, now))),
                    Answering::IsLost => None,
                    Answering::TimesOut => {
                        Some(problem(StatusCode::GATEWAY_TIMEOUT, "gateway-timeout", "The gateway gave up waiting"))
                    }
                }
            }
        }
    }

    fn list(&self, now: Timestamp, query: &str) -> Answer {
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let id = value("connectionId").unwrap_or_default();
        let Some(connection) = self.connections.get(id) else { return no_resource("connection", id) };
        let limit = value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(20);
        let kinds = match value("jobType") {
            Some(kind) => vec![kind],
            None => vec!["sync", "reset"],
        };
        let mut jobs: Vec<_> = connection.jobs.iter().filter(|job| kinds.contains(&job.kind.as_str())).collect();
        match value("orderBy") {
            Some("createdAt%7CDESC") => jobs.reverse(),
            Some("createdAt%7CASC") | None => {}
            Some(_) => {
                return problem(StatusCode::BAD_REQUEST, "bad-request", "orderBy is createdAt|ASC or createdAt|DESC");
            }
        }
        (StatusCode::OK, json!({"data": jobs.into_iter().take(limit).map(|job| job.show(id, now)).collect::<Vec<_>>()}))
    }

    fn job(&mut self, now: Timestamp, method: &str, id: &str) -> Answer {
        for (connection, held) in &mut self.connections {
            if let Some(job) = held.jobs.iter_mut().find(|job| job.id.to_string() == id) {
                if method == "DELETE" {
                    if job.is_over(now) {
                        return problem(StatusCode::CONFLICT, "state-conflict", "The job has ended");
                    }
                    job.cancelled_at = Some(now);
                }
                return (StatusCode::OK, job.show(connection, now));
            }
        }
        no_resource("job", id)
    }
}

impl Tool for Account {
    fn serve(&mut self, now: Timestamp, request: &Request) -> Option<Answer> {
        self.requests.push(format!("{} {}", request.method, request.path));
        if let Some(status) = self.faults.pop_front() {
            return Some(problem(status, "on-purpose", "This was asked for"));
        }
        self.pass(now);
        let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let Some(path) = request.path.strip_prefix(self.root) else { return Some(nothing_here()) };
        let segments: Vec<_> = path.split('/').skip(1).collect();
        if (request.method.as_str(), &segments[..]) == ("POST", &["applications", "token"]) {
            return Some(self.issue(now, &body));
        }
        if !self.is_let_in(&request.authorization, now) {
            let detail = "The access token provided is not valid";
            return Some(problem(StatusCode::UNAUTHORIZED, "invalid-access-token", detail));
        }
        match (request.method.as_str(), &segments[..]) {
            ("POST", ["jobs"]) => self.create(now, &body),
            ("GET", ["jobs"]) => Some(self.list(now, &request.query)),
            (method @ ("GET" | "DELETE"), ["jobs", id]) => Some(self.job(now, method, id)),
            ("GET", ["connections", id]) => Some(match self.connections.get(*id) {
                Some(connection) => (StatusCode::OK, connection.show(id)),
                None => no_resource("connection", id),
            }),
            _ => Some(nothing_here()),
        }
    }

    fn pass(&mut self, now: Timestamp) {
        self.connections.values_mut().for_each(|connection| connection.pass(&mut self.last_job, now));
    }
}

/// An error as RFC 7807 has it.
fn problem(status: StatusCode, title: &str, detail: &str) -> Answer {
    let kind = format!("https://reference.airbyte.com/reference/errors#{title}");
    (status, json!({"status": status.as_u16(), "title": title, "detail": detail, "type": kind}))
}

fn nothing_here() -> Answer {
    problem(StatusCode::NOT_FOUND, "not-found", "There is nothing here")
}

fn no_resource(kind: &str, id: &str) -> Answer {
    let detail = format!("Could not find a resource for: {kind} {id}");
    problem(StatusCode::BAD_REQUEST, "resource-not-found", &detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JobType, Plan};
    use http::Method;

    const ID: &str = "e3b1ce92-547c-436f-b1e8-23b6936c12cd";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_607_200 + seconds).unwrap()
    }

    fn asked(account: &mut Account, seconds: i64, request: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
        let (method, target) = request.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method: method.parse::<Method>().unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            authorization: if token.contains(' ') { token.to_owned() } else { format!("Bearer {token}") },
            body: body.to_string().into(),
        };
        account.serve(at(seconds), &request).map(|(status, body)| (status.as_u16(), body))
    }

    fn started(account: &mut Account, seconds: i64) -> Option<(u16, Value)> {
        asked(account, seconds, "POST /v1/jobs", "a-token", &json!({"connectionId": ID, "jobType": "sync"}))
    }

    #[test]
    fn a_job_runs_is_tried_again_and_ends() {
        let mut account = Account::new("a-token");
        account.connection(ID).plan(Plan::fails().after_a_retry());
        assert_eq!(started(&mut account, 0).unwrap().1["jobId"], 1_001);
        assert_eq!(started(&mut account, 1).unwrap().0, 409);
        for (seconds, status) in [(1, "running"), (30, "incomplete"), (60, "failed")] {
            let shown = asked(&mut account, seconds, "GET /v1/jobs/1001", "a-token", &Value::Null).unwrap().1;
            assert_eq!(shown["status"], status);
        }
        assert_eq!(account.started(), [(ID, 1)].into());
    }

    #[test]
    fn a_lost_answer_has_started_a_job_that_is_listed() {
        let mut account = Account::new("a-token");
        account.connection(ID).plan(Plan::succeeds().losing_its_answer());
        assert_eq!(started(&mut account, 0), None);
        let list = format!("GET /v1/jobs?connectionId={ID}&limit=5");
        let listed = asked(&mut account, 90, &list, "a-token", &Value::Null).unwrap().1;
        assert_eq!(listed["data"][0]["status"], "succeeded");
    }

    #[test]
    fn a_gateway_that_times_out_has_started_a_job() {
        let mut account = Account::new("a-token");
        account.connection(ID).plan(Plan::succeeds().timing_out());
        assert_eq!(started(&mut account, 0).unwrap().0, 504);
        assert_eq!(account.started(), [(ID, 1)].into());
    }

    #[test]
    fn jobs_are_listed_by_type_and_in_the_order_asked_for() {
        let mut account = Account::new("a-token");
        account.connection(ID).run_by_itself(JobType::Clear, Plan::succeeds());
        account.pass(at(0));
        for seconds in [100, 200] {
            started(&mut account, seconds);
        }
        for (filter, ids) in [
            ("", vec![1_002, 1_003]),
            ("&orderBy=createdAt%7CDESC", vec![1_003, 1_002]),
            ("&jobType=sync&orderBy=createdAt%7CASC", vec![1_002, 1_003]),
            ("&jobType=clear", vec![1_001]),
        ] {
            let list = format!("GET /v1/jobs?connectionId={ID}{filter}");
            let listed = asked(&mut account, 300, &list, "a-token", &Value::Null).unwrap().1;
            let listed: Vec<_> = listed["data"].as_array().unwrap().iter().map(|job| job["jobId"].clone()).collect();
            assert_eq!(listed, ids, "{filter}");
        }
    }

    #[test]
    fn times_are_written_as_java_writes_them() {
        let mut account = Account::new("a-token");
        account.connection(ID);
        for (seconds, written) in [(0, "2026-01-05T10:00Z"), (99, "2026-01-05T10:01:39Z")] {
            assert_eq!(started(&mut account, seconds).unwrap().1["startTime"], written);
        }
    }

    #[test]
    fn a_job_that_runs_is_cancelled_once() {
        let mut account = Account::new("a-token");
        account.connection(ID);
        started(&mut account, 0);
        let cancel =
            |account: &mut Account| asked(account, 5, "DELETE /v1/jobs/1001", "a-token", &Value::Null).unwrap();
        assert_eq!(cancel(&mut account).1["status"], "cancelled");
        assert_eq!(cancel(&mut account).0, 409);
    }

    #[test]
    fn a_self_managed_airbyte_has_its_api_at_a_path_of_its_own_and_lets_in_a_user_or_everybody() {
        let shown = format!("GET /api/public/v1/connections/{ID}");
        for (user, authorization, status) in [
            (None, "", 200),
            (Some(("airbyte", "password")), "Basic YWlyYnl0ZTpwYXNzd29yZA==", 200),
            (Some(("airbyte", "password")), "", 401),
            (Some(("airbyte", "password")), "Basic YWlyYnl0ZTpvdGhlcg==", 401),
        ] {
            let mut account = Account::self_managed(user);
            account.connection(ID);
            assert_eq!(asked(&mut account, 0, &shown, authorization, &Value::Null).unwrap().0, status);
            let cloud = shown.replace("/api/public", "");
            assert_eq!(asked(&mut account, 0, &cloud, authorization, &Value::Null).unwrap().0, 404);
        }
    }

    #[test]
    fn an_applications_token_lasts_three_minutes() {
        let mut account = Account::new("a-token");
        account.application("id", "secret").connection(ID);
        let without = json!({"client_id": "id", "client_secret": "secret"});
        assert_eq!(asked(&mut account, 0, "POST /v1/applications/token", "", &without).unwrap().0, 400);
        let credentials = json!({"client_id": "id", "client_secret": "secret", "grant-type": "client_credentials"});
        let token = asked(&mut account, 0, "POST /v1/applications/token", "", &credentials).unwrap().1;
        let token = token["access_token"].as_str().unwrap();
        let shown = format!("GET /v1/connections/{ID}");
        assert_eq!(asked(&mut account, 179, &shown, token, &Value::Null).unwrap().0, 200);
        assert_eq!(asked(&mut account, 180, &shown, token, &Value::Null).unwrap().0, 401);
    }
}
