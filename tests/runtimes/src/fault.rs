//! Peers that misbehave: a runtime may answer otherwise than our host, but only on the safe side.

use std::time::Duration;

use fault_server::{Fault, Server};
use serde_json::{Value, json};

use crate::call::{Call, Function};
use crate::host::Host;
use crate::runtime::Runtime;

/// The faults: before the request, instead of the answer, in its head, and in its body.
pub(crate) fn all() -> [Fault; 17] {
    [
        Fault::None,
        Fault::ResetOnAccept,
        Fault::CloseOnAccept,
        Fault::OtherProtocol,
        Fault::MuteAfterRequest,
        Fault::ResetAfterRequest,
        Fault::CloseAfterRequest,
        Fault::ResetInHead,
        Fault::DripHead(Duration::from_secs(1)),
        Fault::Http09,
        Fault::GarbageStatusLine,
        Fault::ConflictingLengths,
        Fault::LengthAndChunks,
        Fault::Redirect("/elsewhere".to_owned()),
        Fault::ResetInBody,
        Fault::ShortBody,
        Fault::HugeChunk,
    ]
}

/// Triggers in our host and in a runtime. `Err` says why their answer is not safe.
pub(crate) async fn compare(fault: Fault, host: &Host, runtime: &Runtime) -> anyhow::Result<Result<String, String>> {
    let server = Server::plain(fault.clone()).await?;
    let (call, origin) = trigger(&server);
    let ours = host.call(&call, &origin).await?;
    let server = Server::plain(fault).await?;
    let (call, origin) = trigger(&server);
    let theirs = runtime.call(&call, &origin).await?;
    let code = |answer: &Value| answer["code"].as_str().unwrap_or("none").to_owned();
    Ok(safety(&ours, theirs.as_ref(), server.counts().posts).map(|()| match theirs {
        None => format!("no answer, where our host says {}", code(&ours)),
        Some(theirs) if theirs == ours => format!("{}, as in our host", code(&ours)),
        Some(theirs) if code(&theirs) == code(&ours) => format!("{}, in other words than our host", code(&ours)),
        Some(theirs) => format!("{}, where our host says {}", code(&theirs), code(&ours)),
    }))
}

/// Triggers where another origin is granted.
pub(crate) async fn denied(host: &Host, runtime: &Runtime) -> anyhow::Result<Result<String, String>> {
    let server = Server::plain(Fault::None).await?;
    let (call, _) = trigger(&server);
    let ours = host.call(&call, "https://example.com").await?;
    let theirs = runtime.call(&call, "https://example.com").await?;
    Ok(match theirs {
        Some(theirs) if theirs == ours && server.counts().connections == 0 => Ok("denied, as in our host".to_owned()),
        theirs => Err(format!("not as in our host: {theirs:?}")),
    })
}

fn trigger(server: &Server) -> (Call, String) {
    let url = server.url();
    let origin = url.trim_end_matches('/').to_owned();
    let values = |value: Value| value.as_object().cloned().unwrap_or_default();
    let call = Call {
        function: Function::Trigger,
        connection: values(json!({"access_token": "token", "base_url": origin})),
        parameters: values(json!({"source_id": 7})),
    };
    (call, origin)
}

/// Whether an engine can rely on their answer: nothing is sent twice, no fault passes for a run, and a start that may have
/// happened is never called one that did not. No answer at all says nothing of the start, and is safe.
fn safety(ours: &Value, theirs: Option<&Value>, posts: usize) -> Result<(), String> {
    if posts > 1 {
        return Err(format!("the request was sent {posts} times"));
    }
    let Some(theirs) = theirs else { return Ok(()) };
    let may_have_started = |answer: &Value| answer["may_have_started"].as_bool();
    match (may_have_started(ours), may_have_started(theirs)) {
        (_, None) => Err(format!("a run is made of a fault: {theirs}")),
        (Some(true), Some(false)) if posts > 0 => Err(format!("a start that may have happened is denied: {theirs}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_an_engine_cannot_rely_on_is_told() {
        let [sent, unsent] = [true, false].map(|it| json!({"may_have_started": it}));
        let told = |ours, theirs, posts| safety(ours, theirs, posts).err().unwrap_or_default();
        assert_eq!(told(&sent, Some(&sent), 2), "the request was sent 2 times");
        let run = json!({"verdict": "succeeded"});
        assert_eq!(told(&sent, Some(&run), 1), r#"a run is made of a fault: {"verdict":"succeeded"}"#);
        let lost = r#"a start that may have happened is denied: {"may_have_started":false}"#;
        assert_eq!(told(&sent, Some(&unsent), 1), lost);
        for (ours, theirs, posts) in [(&sent, Some(&unsent), 0), (&unsent, Some(&sent), 1), (&sent, None, 1)] {
            assert_eq!(safety(ours, theirs, posts), Ok(()));
        }
    }
}
