//! `poll-many`: asks how many runs of an account stand, by one request for each hundred.

use std::collections::HashMap;

use plugin_guest::client::Client;
use plugin_guest::contract::{NamedValue, Progress, TaskError, WaitingRun};
use plugin_guest::http::{Answer, Http};
use plugin_guest::json::{self, RawValue, lenient};
use serde::Deserialize;

use crate::account::Account;
use crate::job::job_id;
use crate::poll::look;
use crate::run::{self, Run};

/// How many runs one request asks for.
const MOST_ASKED: usize = 100;

/// A result for each run, in their order, as `poll` would give it. What is wrong with one run is its own error alone.
pub fn poll_many(
    http: &mut dyn Http,
    connection: &[NamedValue],
    runs: &[WaitingRun],
) -> Vec<Result<Progress, TaskError>> {
    let account = match Account::parse(connection) {
        Ok(account) => account,
        Err(error) => return vec![Err(error); runs.len()],
    };
    let wanted: Vec<_> = runs.iter().map(parse).collect();
    let mut ids: Vec<u64> = wanted.iter().flatten().map(|(_, run)| *run).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut client = account.client(http);
    let mut shown = HashMap::new();
    for ids in ids.chunks(MOST_ASKED) {
        match list(&mut client, ids) {
            Ok(rows) => shown.extend(rows),
            Err(error) => shown.extend(ids.iter().map(|id| (*id, Err(error.clone())))),
        }
    }
    let mut told = |(job, run): (u64, u64)| match shown.get(&run) {
        Some(Ok(run)) => Ok(run.clone().progress(job)),
        Some(Err(error)) => Err(error.clone()),
        // Acme leaves out a run that it does not know: its own request says why.
        None => look(&mut client, job, run),
    };
    wanted
        .into_iter()
        .map(|wanted| wanted.and_then(&mut told))
        .collect()
}

/// The numbers of the job and of the run.
fn parse(waiting: &WaitingRun) -> Result<(u64, u64), TaskError> {
    let job = job_id(&waiting.parameters)?;
    Ok((job, run::decode(&waiting.run, job)?))
}

/// The runs of these ids that Acme shows, each understood by itself.
fn list(
    client: &mut Client<'_>,
    ids: &[u64],
) -> Result<Vec<(u64, Result<Run, TaskError>)>, TaskError> {
    #[derive(Deserialize)]
    struct Listed {
        runs: Vec<Box<RawValue>>,
    }
    #[derive(Deserialize)]
    struct Named {
        #[serde(deserialize_with = "lenient::id_field")]
        id: u64,
    }
    let ids: Vec<_> = ids.iter().map(u64::to_string).collect();
    let answer = client.get(format!("/runs?ids={}", ids.join(",")))?;
    let Listed { runs } = client.understood(json::read(&answer.body), &answer)?;
    // An error about a row shows that row.
    let headers = Answer {
        body: Vec::new(),
        ..answer
    };
    let each = runs.iter().filter_map(|row| {
        let Named { id } = json::object(row).ok()?;
        let alone = Answer {
            body: row.get().into(),
            ..headers.clone()
        };
        Some((id, client.understood(json::read(&alone.body), &alone)))
    });
    Ok(each.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::scripted::{Scripted, answer, named};

    #[test]
    fn each_run_has_its_own_result_whatever_is_odd_about_another() {
        let body = r#"{"runs": [{"id": 7, "state": "succeeded"}, {"id": 8, "state": "done"}]}"#;
        let mut http = Scripted::answering([
            ("GET /runs?ids=7,8,9", answer(200, body)),
            ("GET /runs/9", answer(404, "")),
        ]);
        let waiting = |run| WaitingRun {
            parameters: vec![named("job_id", 5)],
            run: run::encode(5, run),
        };
        let results = poll_many(
            &mut http,
            &[named("token", "hush")],
            &[waiting(9), waiting(7), waiting(8), waiting(7)],
        );
        let kinds: Vec<_> = results
            .iter()
            .map(|result| result.as_ref().err().map(|error| error.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                Some(ErrorKind::NotFound),
                None,
                Some(ErrorKind::NotUnderstood),
                None
            ]
        );
    }
}
