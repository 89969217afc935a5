use http::Method;

use crate::{ClientId, SourceId};

/// A simulated endpoint of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `POST /v4/sources/{source_id}/sync`
    StartJob,
    /// `DELETE /v4/sources/{source_id}/sync`
    StopJob,
    /// `GET /v4/sources/{source_id}`
    ReadSource,
    /// `GET /v4/sources/{source_id}/streams`
    ListStreams,
    /// `GET /v4/{stitch_client_id}/extractions?page=N`
    ListExtractions,
    /// `GET /v4/{stitch_client_id}/extractions/{job_name}`
    ReadLog,
    /// `GET /v4/{stitch_client_id}/loads?page=N`
    ListLoads,
    /// Any other path, or a method that the path does not allow.
    Unknown,
}

/// The target of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Of [`Route::StartJob`].
    StartJob(SourceId),
    /// Of [`Route::StopJob`].
    StopJob(SourceId),
    /// Of [`Route::ReadSource`].
    ReadSource(SourceId),
    /// Of [`Route::ListStreams`].
    ListStreams(SourceId),
    /// Of [`Route::ListExtractions`]; with the page as it was asked for.
    ListExtractions(ClientId, Option<String>),
    /// Of [`Route::ReadLog`]; with the job's name.
    ReadLog(ClientId, String),
    /// Of [`Route::ListLoads`]; with the page as it was asked for.
    ListLoads(ClientId, Option<String>),
    /// Of [`Route::Unknown`].
    Unknown,
}

impl Target {
    /// Reads a method and a path with its query.
    pub fn parse(method: &Method, path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let Some(path) = path.strip_prefix("/v4/") else { return Self::Unknown };
        let segments: Vec<&str> = path.split('/').collect();
        let page = || query.split('&').find_map(|pair| pair.strip_prefix("page=")).map(str::to_owned);
        let target = match (method.as_str(), segments.as_slice()) {
            ("POST", ["sources", id, "sync"]) => number(id).map(|id| Self::StartJob(SourceId(id))),
            ("DELETE", ["sources", id, "sync"]) => number(id).map(|id| Self::StopJob(SourceId(id))),
            ("GET", ["sources", id]) => number(id).map(|id| Self::ReadSource(SourceId(id))),
            ("GET", ["sources", id, "streams"]) => number(id).map(|id| Self::ListStreams(SourceId(id))),
            ("GET", [id, "extractions"]) => number(id).map(|id| Self::ListExtractions(ClientId(id), page())),
            ("GET", [id, "extractions", job]) => number(id).map(|id| Self::ReadLog(ClientId(id), (*job).to_owned())),
            ("GET", [id, "loads"]) => number(id).map(|id| Self::ListLoads(ClientId(id), page())),
            _ => None,
        };
        target.unwrap_or(Self::Unknown)
    }

    /// The endpoint.
    pub fn route(&self) -> Route {
        match self {
            Self::StartJob(_) => Route::StartJob,
            Self::StopJob(_) => Route::StopJob,
            Self::ReadSource(_) => Route::ReadSource,
            Self::ListStreams(_) => Route::ListStreams,
            Self::ListExtractions(..) => Route::ListExtractions,
            Self::ReadLog(..) => Route::ReadLog,
            Self::ListLoads(..) => Route::ListLoads,
            Self::Unknown => Route::Unknown,
        }
    }

    /// The account that the request is charged to: only the jobs resource (extractions, logs, loads) has a budget.
    pub fn charged_to(&self) -> Option<ClientId> {
        match self {
            Self::ListExtractions(id, _) | Self::ReadLog(id, _) | Self::ListLoads(id, _) => Some(*id),
            _ => None,
        }
    }
}

/// Reads an id: digits and nothing else.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(request: &str) -> Target {
        let (method, path) = request.split_once(' ').unwrap();
        Target::parse(&method.parse().unwrap(), path)
    }

    #[test]
    fn every_documented_endpoint_is_known() {
        assert_eq!(parse("POST /v4/sources/12/sync"), Target::StartJob(SourceId(12)));
        assert_eq!(parse("DELETE /v4/sources/12/sync"), Target::StopJob(SourceId(12)));
        assert_eq!(parse("GET /v4/sources/12"), Target::ReadSource(SourceId(12)));
        assert_eq!(parse("GET /v4/sources/12/streams"), Target::ListStreams(SourceId(12)));
        assert_eq!(parse("GET /v4/3/extractions"), Target::ListExtractions(ClientId(3), None));
        let page = Some("2".to_owned());
        assert_eq!(parse("GET /v4/3/extractions?a=b&page=2"), Target::ListExtractions(ClientId(3), page.clone()));
        assert_eq!(parse("GET /v4/3/extractions/3.12.sync.x"), Target::ReadLog(ClientId(3), "3.12.sync.x".to_owned()));
        assert_eq!(parse("GET /v4/3/loads?page=2"), Target::ListLoads(ClientId(3), page));
    }

    #[test]
    fn anything_else_is_unknown() {
        let requests = [
            "GET /",
            "GET /v3/sources/12",
            "GET /v4/sources/12/sync",
            "POST /v4/sources/12",
            "GET /v4/sources/12/",
            "GET /v4//sources/12",
            "GET /v4/sources/-12",
            "GET /v4/sources/+12",
            "GET /v4/sources/",
            "GET /v4/sources/99999999999999999999",
        ];
        for request in requests {
            assert_eq!(parse(request), Target::Unknown, "{request}");
        }
    }
}
