use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use crate::{Account, Answer, ErrorBody, Source, page};

/// The storage of the logs: another host, with a name that cannot exist (RFC 2606, section 2).
const LOG_STORAGE: &str = "https://stitch-pod-logs.s3.storage.example";

/// `GET /v4/{stitch_client_id}/extractions?page=N`: the last completed job of each source, by source id.
pub(crate) fn list(account: &Account, page: Option<&str>) -> Answer {
    let with_running = account.lists_running();
    let rows: Vec<_> = account.sources().filter_map(|source| source.extraction_row(with_running)).collect();
    page::answer(&format!("/v4/{}/extractions", account.client_id()), page, &rows)
}

/// `GET /v4/{stitch_client_id}/extractions/{job_name}`: redirects to the log of a job, running ones included.
pub(crate) fn read_log(account: &Account, job_name: &str) -> Answer {
    let mut jobs = account.sources().flat_map(Source::jobs);
    let Some(job) = jobs.find(|job| job.name().to_string() == job_name) else {
        let message = format!("extraction job not found ({job_name})");
        return ErrorBody::Coded("NotFound", message).with_status(StatusCode::NOT_FOUND);
    };
    let token = job.name().uuid().simple();
    let location = format!("{LOG_STORAGE}/{job_name}?x-amz-security-token={token}");
    let mut answer = Answer::empty(StatusCode::FOUND);
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers.insert(LOCATION, location);
    }
    answer
}
