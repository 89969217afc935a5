use std::collections::{BTreeMap, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use tool_simulator::{Answer, Request, Tool};

use crate::Connection;

/// A Fivetran account: an API key, connections, and the requests so far.
#[derive(Debug)]
pub struct Account {
    authorization: String,
    connections: BTreeMap<String, Connection>,
    faults: VecDeque<StatusCode>,
    requests: Vec<String>,
}

impl Account {
    /// An account without connections, for this key and secret.
    pub fn new(key: &str, secret: &str) -> Self {
        Self {
            authorization: format!("Basic {}", STANDARD.encode(format!("{key}:{secret}"))),
            connections: BTreeMap::new(),
            faults: VecDeque::new(),
            requests: Vec::new(),
        }
    }

    /// The connection of this id, new where there was none: set up, and its syncs succeed after a minute.
    pub fn connection(&mut self, id: &str) -> &mut Connection {
        self.connections.entry(id.to_owned()).or_insert_with(Connection::new)
    }

    /// Answers the next request with this status, and does nothing else.
    pub fn answer_next(&mut self, status: StatusCode) {
        self.faults.push_back(status);
    }

    /// The requests so far, such as `POST /v1/connections/speak_inexpensive/sync`.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// The number of syncs that requests have started, by connection.
    pub fn started(&self) -> BTreeMap<&str, usize> {
        self.connections.iter().map(|(id, connection)| (id.as_str(), connection.started())).collect()
    }
}

impl Tool for Account {
    fn serve(&mut self, now: Timestamp, request: &Request) -> Option<Answer> {
        self.requests.push(format!("{} {}", request.method, request.path));
        if let Some(status) = self.faults.pop_front() {
            return Some((status, envelope(status.canonical_reason().unwrap_or_default(), "on purpose")));
        }
        if request.authorization != self.authorization {
            return Some((StatusCode::UNAUTHORIZED, envelope("AuthFailed", "API key or secret is invalid")));
        }
        let segments: Vec<_> = request.path.split('/').skip(1).collect();
        let ["v1", "connections", id, rest @ ..] = &segments[..] else {
            return Some((StatusCode::NOT_FOUND, envelope("NotFound", "there is nothing here")));
        };
        let Some(connection) = self.connections.get_mut(*id) else {
            let message = format!("Connection with id '{id}' does not exist");
            return Some((StatusCode::NOT_FOUND, envelope("NotFound_Connection", &message)));
        };
        connection.pass(now);
        match (request.method.as_str(), rest) {
            ("GET", []) => Some((StatusCode::OK, json!({"code": "Success", "data": connection.show(now, id)}))),
            ("GET", ["sync-history"]) => Some(match connection.history(now, &request.query) {
                Some(Ok(items)) => (StatusCode::OK, json!({"code": "Success", "data": {"items": items}})),
                Some(Err(problem)) => (StatusCode::BAD_REQUEST, envelope("InvalidInput", problem)),
                None => (StatusCode::FORBIDDEN, envelope("Forbidden", "the history is not for this key")),
            }),
            ("POST", ["sync"]) => {
                let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
                    return Some((StatusCode::BAD_REQUEST, envelope("InvalidInput", "the body is no JSON")));
                };
                let message = format!("Sync has been triggered for connection with id '{id}'");
                let status = connection.sync(now, body["force"] == true)?;
                let reason = status.canonical_reason().filter(|_| !status.is_success());
                Some((
                    status,
                    reason.map_or_else(|| envelope("Success", &message), |reason| envelope(reason, "on purpose")),
                ))
            }
            _ => Some((StatusCode::METHOD_NOT_ALLOWED, envelope("MethodNotAllowed", "not here"))),
        }
    }

    fn pass(&mut self, now: Timestamp) {
        self.connections.values_mut().for_each(|connection| connection.pass(now));
    }
}

fn envelope(code: &str, message: &str) -> Value {
    json!({"code": code, "message": message})
}
