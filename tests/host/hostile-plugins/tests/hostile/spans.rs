//! The spans of plugins that misuse their secret: neither it nor its placeholder is in any.

use plugin_tests::recorded_spans::{Recorded, Recorder};

use crate::scenario::{Scenario, TOKEN};

/// All that is told of a guest that was triggered, all levels of all libraries included.
async fn told(guest: &str, exposed: bool) -> Vec<Recorded> {
    let scenario = Scenario::of(guest).await;
    let scenario = if exposed { scenario.exposed() } else { scenario };
    let (recorder, _recording) = Recorder::start();
    scenario.trigger().await;
    recorder.all()
}

#[tokio::test]
async fn honest_and_those_that_misuse_their_secret_have_it_in_no_span() {
    for guest in [
        "honest",
        "asks_for_its_secret_back",
        "leaks_its_secret_in_an_error",
        "puts_its_secret_into_a_host_name",
        "puts_its_secret_into_its_report",
        "puts_its_secret_into_its_run",
        "puts_its_secret_into_stderr",
        "puts_its_secret_into_the_body",
        "puts_its_secret_into_the_method",
        "puts_its_secret_into_the_path",
        "puts_its_secret_into_the_query",
    ] {
        for exposed in [false, true] {
            let told = told(guest, exposed).await;
            assert!(told.iter().any(|span| span.target.starts_with("host_harness") && span.name == "call"));
            let shown = format!("{told:#?}");
            for hidden in [TOKEN, "placeholder"] {
                let line = shown.lines().find(|line| line.contains(hidden));
                assert_eq!(line, None, "{guest}, exposed: {exposed}");
            }
        }
    }
}

#[tokio::test]
async fn puts_its_secret_into_the_path_has_it_redacted_in_its_span() {
    let told = told("puts_its_secret_into_the_path", true).await;
    let request = told.iter().find(|span| span.name == "request").expect("a request");
    assert_eq!((request.field("url.path"), request.field("http.response.status_code")), ("/***", "200"));
    assert_eq!(request.within, ["call"]);
}

#[tokio::test]
async fn leaks_its_secret_in_an_error_has_its_code_in_its_span() {
    let told = told("leaks_its_secret_in_an_error", false).await;
    let call = told.iter().find(|span| span.field("plugin.function") == "trigger").expect("a call");
    assert_eq!(call.field("error.type"), "unauthorized");
}
