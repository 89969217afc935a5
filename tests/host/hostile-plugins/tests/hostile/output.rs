//! Guests that write to stderr and stdout.

use crate::scenario::{Scenario, finished};

#[tokio::test]
async fn floods_stderr_is_cut_and_counted() {
    let call = Scenario::of("floods_stderr").await.sized(1 << 20).trigger().await;
    assert!(call.stderr.ends_with("x\n[1044480 more bytes were dropped]\n"));
    assert!(call.stderr.len() < 5_000);
    assert_eq!(finished(call).report.message, "it is said");
}

#[tokio::test]
async fn floods_stdout_is_cut_and_counted() {
    let call = Scenario::of("floods_stdout").await.sized(1 << 20).trigger().await;
    assert!(call.stderr.ends_with("x\n[1044480 more bytes were dropped]\n"));
    assert!(call.stderr.len() < 5_000);
    assert_eq!(finished(call).report.message, "it is said");
}

/// What a terminal acts on instead of showing it.
fn is_harmful(character: char) -> bool {
    let reorders = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    reorders || character.is_control() && character != '\n' && character != '\t'
}

#[tokio::test]
async fn writes_terminal_escapes_moves_no_terminal() {
    let call = Scenario::of("writes_terminal_escapes").await.trigger().await;
    assert!(call.stderr.contains("plain"));
    assert!(!call.stderr.contains(is_harmful), "{:?}", call.stderr);
}

#[tokio::test]
async fn puts_its_secret_into_stderr_has_none_to_show() {
    for exposed in [false, true] {
        let scenario = Scenario::of("puts_its_secret_into_stderr").await;
        let scenario = if exposed { scenario.exposed() } else { scenario };
        assert_eq!(scenario.trigger().await.stderr, "the token is ***\n");
    }
}
