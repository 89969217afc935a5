//! Checks of conduct, made of every call. Nothing here does I/O.

use serde_json::Value;

use crate::conformance::checks::verdicts::Outcome;
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::pattern::{Pattern, reads};
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::contract::TaskError;
use crate::{CallError, Redactor};

/// The most requests that a call may send: "a small, bounded number", says the contract.
pub(crate) const MOST_REQUESTS: usize = 30;

/// Checks that the start of a run is sent at most once, in its own situation only, and nothing else that may start one.
pub(crate) fn of_starts(starts: &[&Pattern], script: &[Exchange], seen: &[RecordedRequest]) -> Option<String> {
    let is_start = |seen: &&RecordedRequest| match seen.at.and_then(|at| script.get(at)) {
        Some(exchange) => exchange.starts,
        None => starts.iter().any(|start| start.fits(&seen.method, &seen.target)),
    };
    let started = seen.iter().filter(is_start).count();
    let allowed = script.iter().any(|exchange| exchange.starts);
    if started > 1 {
        return Some(format!("it sent the request that starts a run {started} times"));
    }
    if started == 1 && !allowed {
        return Some("it sent the request that starts a run, and none is to be started here".to_owned());
    }
    None
}

/// Checks that nothing that may change something was sent but what the script has.
pub(crate) fn of_writes(script: &[Exchange], seen: &[RecordedRequest]) -> Option<String> {
    let fits = |seen: &RecordedRequest| script.iter().any(|exchange| exchange.request.fits(&seen.method, &seen.target));
    let odd = seen.iter().find(|seen| !reads(&seen.method) && !fits(seen))?;
    Some(format!(
        "it sent {} {}, which the kit does not have here and which may change something",
        odd.method, odd.target
    ))
}

/// Checks that an error says that a run may have been started only if the start of one was sent and not refused. A
/// status from 400 to 499 is a refusal, except 408, with which a server gives up waiting.
pub(crate) fn of_effect(outcome: &Outcome, script: &[Exchange], seen: &[RecordedRequest]) -> Option<String> {
    let Err(CallError::Task(TaskError { may_have_started: true, .. })) = outcome else { return None };
    let may_start = |exchange: &Exchange| exchange.starts && !matches!(exchange.status, 400..=407 | 409..=499);
    let left = seen.iter().filter_map(|seen| script.get(seen.at?)).any(may_start);
    (!left).then(|| "no request left that can have started a run, and may-have-started is true".to_owned())
}

/// Checks that the script was requested, all of it and nothing else. What is sent to a run that has `ended` and may change
/// it has a check of its own.
pub(crate) fn of_script(seen: &[RecordedRequest], left: &[String], ended: bool) -> Option<String> {
    let odd = seen.iter().find(|seen| seen.at.is_none() && (!ended || reads(&seen.method)));
    odd.map(|seen| format!("the kit has no {} {} here", seen.method, seen.target))
        .or_else(|| left.first().map(|request| format!("it never sent {request}")))
}

/// Checks that only requests that read were sent.
pub(crate) fn of_reads(script: &[Exchange], seen: &[RecordedRequest]) -> Option<String> {
    let only_reads = |seen: &RecordedRequest| match seen.at.and_then(|at| script.get(at)) {
        Some(exchange) => exchange.is_read(),
        None => reads(&seen.method),
    };
    let changing = seen.iter().find(|seen| !only_reads(seen))?;
    Some(format!("it sent {} {}, which may change something", changing.method, changing.target))
}

/// Checks that few requests were sent. `let_out` is the host's count, and the host is the only way out.
pub(crate) fn of_count(let_out: usize, seen: usize) -> Option<String> {
    if let_out > MOST_REQUESTS {
        Some(format!("it sent {let_out} requests in one call, more than {MOST_REQUESTS}"))
    } else {
        (let_out != seen).then(|| format!("the host let out {let_out} requests, and {seen} came"))
    }
}

/// Checks that no secret is in the texts or in a URL, in any known spelling.
pub(crate) fn of_secrets(secrets: &[(String, Redactor)], said: &str, seen: &[RecordedRequest]) -> Option<String> {
    let hides = |text: &str| secrets.iter().find(|(_, redactor)| redactor.found(text).is_some()).map(|(name, _)| name);
    let told = hides(said).map(|name| format!("the secret {name} is in what the plugin answered or wrote"));
    told.or_else(|| {
        let name = seen.iter().find_map(|seen| hides(&seen.target))?;
        Some(format!("the secret {name} is in the URL of a request"))
    })
}

/// Checks that headers with a secret are the same when the plugin gets a placeholder.
pub(crate) fn of_headers(
    secrets: &[(String, Redactor)],
    plain: &[RecordedRequest],
    guarded: &[RecordedRequest],
) -> Option<String> {
    let holds = |value: &str| secrets.iter().any(|(_, redactor)| redactor.found(value).is_some());
    plain.iter().enumerate().find_map(|(at, seen)| {
        let there = guarded.get(at).map(|seen| &seen.headers[..]).unwrap_or_default();
        let (name, _) = seen.headers.iter().find(|header| holds(&header.1) && !there.contains(header))?;
        Some(format!("with a placeholder in place of the secret it sent another {name}"))
    })
}

/// Checks that the requests of two calls are the same, but for what the script says varies in their bodies.
pub(crate) fn of_requests(
    script: &[Exchange],
    first: &[RecordedRequest],
    second: &[RecordedRequest],
) -> Option<String> {
    let sent = |seen: &RecordedRequest| {
        let varies = seen.at.and_then(|at| script.get(at)).map(|exchange| &exchange.varies[..]).unwrap_or_default();
        (seen.method.clone(), seen.target.clone(), constant(&seen.body, varies))
    };
    let (first, second): (Vec<_>, Vec<_>) = (first.iter().map(sent).collect(), second.iter().map(sent).collect());
    let told = |(method, target, body): &(String, String, String)| format!("{method} {target} {body}");
    let at = (0..first.len().max(second.len())).find(|at| first.get(*at) != second.get(*at))?;
    let there = |sent: &[(String, String, String)]| sent.get(at).map_or("nothing".to_owned(), told);
    Some(format!("first it sent {}, then {}", there(&first).trim_end(), there(&second).trim_end()))
}

/// A request's body without what varies in it: members of JSON at any depth, or parts of a form, by their names.
fn constant(body: &str, varies: &[String]) -> String {
    if varies.is_empty() {
        return body.to_owned();
    }
    if let Ok(mut value) = serde_json::from_str::<Value>(body) {
        blank(&mut value, varies);
        return value.to_string();
    }
    let part = |part: &str| match part.split_once('=') {
        Some((name, _)) if varies.iter().any(|varying| varying == name) => format!("{name}=…"),
        _ => part.to_owned(),
    };
    body.split('&').map(part).collect::<Vec<_>>().join("&")
}

fn blank(value: &mut Value, varies: &[String]) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if varies.contains(name) { *value = Value::from("…") } else { blank(value, varies) }
            }
        }
        Value::Array(values) => {
            for value in values {
                blank(value, varies);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::conformance::sample::task_error;
    use crate::contract::ErrorKind;

    const SECRET: &str = "made-up~secret?of/the kit";

    fn script(exchanges: &str) -> Vec<Exchange> {
        #[derive(serde::Deserialize)]
        struct Script {
            exchange: Vec<Exchange>,
        }
        toml::from_str::<Script>(exchanges).unwrap().exchange
    }

    fn seen(request: &str, at: Option<usize>) -> RecordedRequest {
        let (method, target) = request.split_once(' ').unwrap();
        RecordedRequest { method: method.to_owned(), target: target.to_owned(), at, ..RecordedRequest::default() }
    }

    fn secrets() -> Vec<(String, Redactor)> {
        vec![("token".to_owned(), Redactor::new([Secret::new(SECRET)]))]
    }

    #[test]
    fn an_error_fears_a_run_only_where_a_request_left_that_can_have_started_one() {
        let fears = |may_have_started| {
            Err(CallError::Task(TaskError { may_have_started, ..task_error(ErrorKind::NotUnderstood) }))
        };
        let of = |request: &str| script(&format!("[[exchange]]\nrequest = {request}"));
        for (script, may_fear) in [
            (of("'GET /jobs'"), false),
            (of("'POST /token'\nreads = true"), false),
            (of("'POST /jobs'\nstarts = true\nstatus = 409"), false),
            (of("'POST /jobs'\nstarts = true"), true),
            (of("'POST /jobs'\nstarts = true\nstatus = 408"), true),
            (of("'POST /jobs'\nstarts = true\nstatus = 502"), true),
        ] {
            let seen = [RecordedRequest { at: Some(0), ..RecordedRequest::default() }];
            assert_eq!(of_effect(&fears(true), &script, &seen).is_none(), may_fear, "{script:?}");
            assert_eq!(of_effect(&fears(false), &script, &seen), None);
            assert!(of_effect(&fears(true), &script, &[]).is_some());
        }
    }

    #[test]
    fn one_run_is_started_where_one_is_to_be_and_nothing_else_is_changed() {
        let start = script("[[exchange]]\nrequest = 'POST /jobs'\nstarts = true");
        let watch = script("[[exchange]]\nrequest = 'GET /jobs/7'");
        let stop = script("[[exchange]]\nrequest = 'DELETE /jobs/7'");
        let starts = [&start[0].request];
        let once = "it sent the request that starts a run";
        for (script, seen, flaw) in [
            (&start, vec![seen("POST /jobs", Some(0))], None),
            (&start, vec![seen("POST /jobs", Some(0)), seen("POST /jobs", None)], Some(format!("{once} 2 times"))),
            (&watch, vec![seen("GET /jobs/8", None)], None),
            (&watch, vec![seen("POST /jobs", None)], Some(format!("{once}, and none is to be started here"))),
            (
                &watch,
                vec![seen("PUT /jobs/7", None)],
                Some("it sent PUT /jobs/7, which the kit does not have here and which may change something".to_owned()),
            ),
            (&stop, vec![seen("DELETE /jobs/7", Some(0)), seen("DELETE /jobs/7", None)], None),
        ] {
            assert_eq!(of_starts(&starts, script, &seen).or_else(|| of_writes(script, &seen)), flaw);
        }
    }

    #[test]
    fn what_the_script_does_not_say_and_what_it_says_in_vain_are_told() {
        let seen = [seen("GET /jobs", Some(0)), seen("GET /log", None)];
        assert_eq!(of_script(&seen[..1], &[], false), None);
        assert_eq!(of_script(&seen, &[], false).as_deref(), Some("the kit has no GET /log here"));
        assert_eq!(of_script(&seen, &[], true).as_deref(), Some("the kit has no GET /log here"));
        assert_eq!(of_script(&seen[..1], &["GET /log".to_owned()], false).as_deref(), Some("it never sent GET /log"));
        let stop = [RecordedRequest { method: "DELETE".to_owned(), ..seen[1].clone() }];
        assert_eq!([false, true].map(|ended| of_script(&stop, &[], ended).is_some()), [true, false]);
    }

    #[test]
    fn a_post_reads_where_the_kit_says_so() {
        let script =
            script("[[exchange]]\nrequest = 'POST /token'\nreads = true\n[[exchange]]\nrequest = 'POST /jobs'");
        assert_eq!(of_reads(&script, &[seen("POST /token", Some(0)), seen("GET /jobs", None)]), None);
        for odd in [seen("POST /jobs", Some(1)), seen("POST /jobs", None)] {
            let flaw = of_reads(&script, &[odd]);
            assert_eq!(flaw.as_deref(), Some("it sent POST /jobs, which may change something"));
        }
    }

    #[test]
    fn requests_are_few_and_every_one_is_seen() {
        assert_eq!(of_count(30, 30), None);
        assert_eq!(of_count(31, 31).as_deref(), Some("it sent 31 requests in one call, more than 30"));
        assert_eq!(of_count(2, 1).as_deref(), Some("the host let out 2 requests, and 1 came"));
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        for said in [SECRET, "made-up~secret%3Fof%2Fthe%20kit", "bWFkZS11cH5zZWNyZXQ/b2YvdGhlIGtpdA=="] {
            let flaw = of_secrets(&secrets(), &format!("<{said}>"), &[]);
            assert_eq!(flaw.as_deref(), Some("the secret token is in what the plugin answered or wrote"), "{said}");
        }
        let flaw = of_secrets(&secrets(), "", &[seen("GET /?t=made-up~secret%3fof%2fthe+kit", None)]);
        assert_eq!(flaw.as_deref(), Some("the secret token is in the URL of a request"));
        assert_eq!(of_secrets(&secrets(), "nothing", &[seen("GET /jobs", None)]), None);
    }

    #[test]
    fn only_headers_that_held_a_secret_have_to_be_the_same() {
        let with = |token: &str, id: &str| {
            let headers = [("authorization", token), ("x-request-id", id)];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            vec![RecordedRequest { headers, ..seen("GET /jobs", None) }]
        };
        let plain = with(SECRET, "1");
        assert_eq!(of_headers(&secrets(), &plain, &with(SECRET, "2")), None);
        let flaw = of_headers(&secrets(), &plain, &with("placeholder", "1"));
        assert_eq!(flaw.as_deref(), Some("with a placeholder in place of the secret it sent another authorization"));
        assert!(of_headers(&secrets(), &plain, &[]).is_some());
    }

    #[test]
    fn other_requests_are_told_with_their_bodies() {
        let with = |body: &str| vec![RecordedRequest { body: body.to_owned(), ..seen("POST /jobs", None) }];
        assert_eq!(of_requests(&[], &with("{}"), &with("{}")), None);
        let flaw = of_requests(&[], &with("{}"), &with("[]"));
        assert_eq!(flaw.as_deref(), Some("first it sent POST /jobs {}, then POST /jobs []"));
        assert_eq!(of_requests(&[], &with(""), &[]).as_deref(), Some("first it sent POST /jobs, then nothing"));
    }

    #[test]
    fn what_varies_in_a_body_by_the_kits_word_may_be_another_and_the_rest_not() {
        let script = script("[[exchange]]\nrequest = 'POST /jobs'\nvaries = ['key', 'at']");
        let same = |first: &str, second: &str| {
            let with = |body: &str| vec![RecordedRequest { body: body.to_owned(), ..seen("POST /jobs", Some(0)) }];
            of_requests(&script, &with(first), &with(second)).is_none()
        };
        assert!(same(r#"{"job": 7, "in": [{"key": "a"}], "at": 1}"#, r#"{"job": 7, "in": [{"key": "b"}], "at": 2}"#));
        assert!(same("job=7&key=a", "job=7&key=b"));
        assert!(!same(r#"{"job": 7, "key": "a"}"#, r#"{"job": 8, "key": "a"}"#));
        assert!(!same(r#"{"key": "a"}"#, "{}") && !same("job=7&key=a", "job=8&key=a"));
        assert!(!same("at 7", "at 8"));
    }
}
