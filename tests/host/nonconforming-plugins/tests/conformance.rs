//! Every check of the conformance suite can fail: each flaw fails the checks that are about it, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use host_harness::conformance::{Check, Checked, Conformance, Errand, Kit, RemotePoll, Summary, examine};
use host_harness::{Limits, Plugin};
use plugin_tests::artifact::examples;
use plugin_tests::compile_cache::host;
use tokio::task::JoinSet;

/// The components by their names.
static PLUGINS: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| examples("nonconforming-plugins"));

fn kit() -> Kit {
    Kit::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("kit")).expect("a kit")
}

async fn examined_with(plugin: &str, elsewhere: &impl RemotePoll) -> Conformance {
    examined_by(&kit(), plugin, elsewhere).await
}

async fn examined_by(kit: &Kit, plugin: &str, elsewhere: &impl RemotePoll) -> Conformance {
    let host = host(Limits::default());
    let bytes = host.read(&PLUGINS[plugin]).expect("the plugin is read");
    examine(&host, &bytes, kit, elsewhere).await.expect("an examination")
}

/// Nowhere else: to load each plugin a second time takes longer than all else.
struct Here;

impl RemotePoll for Here {
    async fn answer(&self, here: &Plugin, errand: Errand) -> Result<Summary, String> {
        here.answer(here, errand).await
    }
}

async fn examined(plugin: &str) -> Conformance {
    examined_with(plugin, &Here).await
}

/// The checks that a plugin fails.
fn failed(conformance: Conformance) -> Vec<Check> {
    let failed = conformance.checks.into_iter().filter(|checked| !checked.passed());
    failed.map(|checked| checked.check).collect()
}

#[tokio::test]
async fn a_plugin_that_keeps_the_contract_passes_every_check_and_each_was_made() {
    let conformance = examined("keeps_the_contract").await;
    for checked in &conformance.checks {
        assert_eq!(checked.failures, [], "{}", checked.check);
        assert!(checked.times > 0, "{} was never made", checked.check);
    }
    assert!(conformance.passed());
    assert_eq!(conformance.plugin, Some(("acme-sync".to_owned(), "0.1.0".to_owned())));
    assert_eq!(conformance.cannot[1], ("stopped".to_owned(), "Acme stops no jobs".to_owned()));
}

/// Each flaw with all that it fails. Where there are several, one act breaks several rules.
const FLAWS: &[(&str, &[Check])] = {
    use Check::*;
    &[
        ("hides_its_parameters", &[KitComplete]),
        ("describes_the_token_as_plain", &[KitComplete]),
        ("describes_nothing", &[DescribeComplete]),
        ("changes_its_mind", &[DescribePure]),
        ("calls_home_to_describe", &[DescribeOffline]),
        ("takes_any_input", &[InputChecked, StartedOnce, OriginsKept]),
        // The kit shows no settling: an age is asked for before anything is sent.
        ("settles_without_any_age", &[KitComplete, InputChecked]),
        ("takes_a_token_of_two_lines", &[InputChecked, StartedOnce]),
        ("means_another_default", &[InputChecked]),
        ("takes_any_run", &[RunChecked]),
        ("writes_its_run_as_a_number", &[RunChecked]),
        ("refuses_unknown_fields", &[UnknownIgnored]),
        ("says_succeeded", &[Situations]),
        ("guesses_new_states", &[Situations]),
        ("speaks_in_kebab_case", &[AnswersFormed]),
        ("hides_the_reason", &[ErrorsSpeak]),
        ("keeps_the_run_in_memory", &[RunPortable]),
        ("polls_by_posting", &[Situations, PollsRepeatable, StartedOnce]),
        ("asks_without_end", &[RequestsBounded]),
        ("takes_silence_for_failure", &[AnswersSpoiled]),
        ("takes_no_state_for_failure", &[AnswersSpoiled]),
        ("calls_a_lost_start_unavailable", &[AnswersSpoiled]),
        ("denies_that_a_run_may_have_started", &[AnswersFormed, AnswersSpoiled]),
        ("fears_that_a_run_may_have_started", &[AnswersFormed, AnswersSpoiled]),
        ("starts_twice", &[StartedOnce]),
        ("tells_the_token", &[SecretsKept]),
        ("tells_the_token_in_base64", &[SecretsKept]),
        ("logs_the_token", &[SecretsKept]),
        ("sends_the_token_in_a_url", &[RunPortable, SecretsKept, SecretsUntouched, OriginsKept]),
        ("keeps_the_token_in_its_run", &[RunPortable, SecretsKept, SecretsUntouched]),
        ("changes_the_token", &[SecretsUntouched]),
        ("calls_home", &[OriginsKept]),
        ("loses_a_run", &[BatchAgrees]),
        ("mixes_up_runs", &[BatchAgrees]),
        ("lets_one_run_spoil_the_others", &[BatchAgrees]),
        ("takes_any_run_together", &[BatchAgrees]),
        ("says_succeeded_together", &[BatchAgrees]),
        ("tells_another_report_together", &[BatchAgrees]),
        ("asks_too_often_together", &[BatchAgrees]),
        ("asks_otherwise_together", &[BatchAgrees]),
        ("changes_the_token_together", &[SecretsUntouched]),
        ("takes_any_input_together", &[InputChecked]),
        ("polls_together_by_posting", &[BatchAgrees, StartedOnce]),
    ]
};

#[tokio::test(flavor = "multi_thread")]
async fn each_flaw_fails_the_checks_that_are_about_it_and_no_others() {
    // Some at once, since much of the time is waited for answers that never come; not all, or calls would run late.
    const AT_ONCE: usize = 4;
    let mut examinations = JoinSet::new();
    let (mut flaws, mut wrong) = (FLAWS.iter(), Vec::new());
    loop {
        while examinations.len() < AT_ONCE
            && let Some((plugin, checks)) = flaws.next()
        {
            examinations.spawn(async move { (plugin, checks, examined(plugin).await) });
        }
        let Some(examination) = examinations.join_next().await else { break };
        let (plugin, checks, conformance) = examination.expect("an examination");
        let why: Vec<_> = conformance.checks.iter().filter_map(|checked| checked.failures.first().cloned()).collect();
        let failed = failed(conformance);
        if failed != **checks {
            wrong.push(format!("{plugin}: expected {checks:?}, found {failed:?}: {why:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_a_plugin_that_fails_it_and_no_other() {
    let alone: BTreeSet<_> =
        FLAWS.iter().filter(|(_, checks)| checks.len() == 1).map(|(_, checks)| checks[0]).collect();
    // Whatever moves a request to a poll is seen as an unexpected one, too.
    let others: Vec<_> = Check::ALL.iter().filter(|check| !alone.contains(check)).collect();
    assert_eq!(others, [&Check::PollsRepeatable]);
    assert_eq!(PLUGINS.len(), FLAWS.len() + 1);
}

#[tokio::test]
async fn a_failure_shows_the_exchange_that_tells_it() {
    let failure = first_failure(examined("says_succeeded").await, Check::Situations);
    assert_eq!(failure.0, "failed: expected failed, found succeeded (ended)");
    assert_eq!(failure.1, [r#"GET /jobs/7 -> 200 {"state": "failed"}"#]);
}

#[tokio::test]
async fn a_trigger_that_is_settled_without_any_age_is_told() {
    let (told, exchanges) = first_failure(examined("settles_without_any_age").await, Check::InputChecked);
    assert_eq!(told, "settle: where there is no age, expected the error invalid_input, found running (found)");
    assert!(exchanges.is_empty(), "{exchanges:?}");
}

#[tokio::test]
async fn a_failure_that_is_told_holds_no_secret() {
    let (told, exchanges) = first_failure(examined("sends_the_token_in_a_url").await, Check::SecretsKept);
    assert_eq!(told, "started: the secret token is in the URL of a request");
    assert_eq!(exchanges, [r#"GET /jobs/7?token=*** -> 200 {"state": "running"}"#]);
}

/// Where and why a check failed first, and the exchanges.
fn first_failure(conformance: Conformance, check: Check) -> (String, Vec<String>) {
    let mut checked: Vec<Checked> = conformance.checks;
    let failure = checked.swap_remove(check as usize).failures.swap_remove(0);
    (format!("{}: {}", failure.place, failure.message), failure.exchanges)
}

/// The kit with, for each poll, the request of a plugin that looks runs up in a list where it is polled for several.
fn kit_of_a_list() -> Kit {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("kit/kit.toml")).expect("a kit");
    let with_list = text.split("\n\n").map(|block| match block.split_once("GET /jobs/7") {
        Some((before, after)) => {
            format!("{block}\n\n{}GET /jobs?id=7{after}", before.replace("situation.exchange", "situation.together"))
        }
        None => block.to_owned(),
    });
    let folder = std::env::temp_dir().join(format!("kit-of-a-list-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("kit.toml"), with_list.collect::<Vec<_>>().join("\n\n")).expect("a kit is written");
    let kit = Kit::read(&folder).expect("a kit");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    kit
}

#[tokio::test]
async fn what_is_asked_where_runs_are_polled_together_may_have_exchanges_of_its_own() {
    let kit = kit_of_a_list();
    let conformance = examined_by(&kit, "asks_otherwise_together", &Here).await;
    assert_eq!(failed(conformance), []);
    assert_eq!(failed(examined_by(&kit, "keeps_the_contract", &Here).await), [Check::BatchAgrees]);
}

#[tokio::test]
async fn a_plugin_without_batch_is_excused_from_polling_together() {
    let conformance = examined("says_succeeded").await;
    let checked = &conformance.checks[Check::BatchAgrees as usize];
    assert_eq!((checked.times, checked.excuse), (0, Some("the plugin does not export batch")));
    assert!(checked.passed());
}

/// Another process in which every run is lost.
struct Forgetful;

impl RemotePoll for Forgetful {
    async fn answer(&self, _: &Plugin, _: Errand) -> Result<Summary, String> {
        Ok(Summary { result: "invalid_input".to_owned(), code: Some("invalid_input".to_owned()), steps: Vec::new() })
    }
}

#[tokio::test]
async fn a_run_that_another_process_does_not_know_is_not_portable() {
    let conformance = examined_with("keeps_the_contract", &Forgetful).await;
    let told = "running: here it answered running, elsewhere invalid_input with the code invalid_input";
    assert_eq!(first_failure(conformance.clone(), Check::RunPortable).0, told);
    assert_eq!(failed(conformance), [Check::RunPortable]);
}
