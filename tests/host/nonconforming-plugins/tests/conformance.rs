//! Every check of the conformance suite can fail: each flaw fails the checks that are about it, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use host_harness::conformance::{Check, Checked, Conformance, Errand, Kit, RemotePoll, Summary, examine};
use host_harness::{Limits, Plugin};
use plugin_tests::artifact::examples;
use plugin_tests::compile_cache::host;
use tokio::task::JoinSet;

/// The components by their names.
static PLUGINS: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| examples("nonconforming-plugins"));

/// The text of the kit, and of what it has besides for plugins that export `cancellation`.
const KIT: &str = include_str!("../kit/kit.toml");
const CANCELLING: &str = include_str!("../kit/cancelling.toml");

/// The plugins that export `cancellation`.
const CANCEL: [&str; 2] = ["cancels_without_looking", "keeps_the_contract"];

/// A kit of this text.
fn kit_of(text: &str) -> Kit {
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("nonconforming-kit-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("kit.toml"), text).expect("a kit is written");
    let kit = Kit::read(&folder).expect("a kit");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    kit
}

/// The kit for this plugin.
fn kit(plugin: &str) -> Kit {
    kit_of(&if CANCEL.contains(&plugin) { format!("{KIT}\n{CANCELLING}") } else { KIT.to_owned() })
}

async fn examined_with(plugin: &str, elsewhere: &impl RemotePoll) -> Conformance {
    examined_by(&kit(plugin), plugin, elsewhere).await
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

/// The plugins without a flaw.
const CONFORMING: [&str; 3] = ["ends_at_once", "has_ways_of_its_own", "keeps_the_contract"];

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
        ("needs_an_optional_field", &[OmissionAccepted]),
        ("takes_any_run", &[RunChecked]),
        ("writes_its_run_as_a_number", &[RunChecked]),
        ("refuses_unknown_fields", &[UnknownIgnored]),
        ("says_succeeded", &[Situations]),
        ("guesses_new_states", &[Situations]),
        ("crashes_where_a_job_failed", &[Situations]),
        ("speaks_in_kebab_case", &[AnswersFormed]),
        ("hides_the_reason", &[ErrorsSpeak]),
        ("advises_a_field_that_it_does_not_have", &[AdviceDescribed]),
        ("keeps_the_run_in_memory", &[RunPortable]),
        ("polls_by_posting", &[Situations, PollsRepeatable, StartedOnce]),
        ("asks_without_end", &[RequestsBounded]),
        ("asks_without_end_together", &[RequestsBounded]),
        ("takes_silence_for_failure", &[AnswersSpoiled]),
        ("takes_silence_for_failure_together", &[AnswersSpoiled]),
        ("takes_no_state_for_failure", &[AnswersSpoiled]),
        ("calls_a_lost_start_unavailable", &[AnswersSpoiled]),
        ("denies_that_a_run_may_have_started", &[AnswersFormed, AnswersSpoiled]),
        ("fears_that_a_run_may_have_started", &[AnswersFormed, AnswersSpoiled]),
        ("starts_twice", &[StartedOnce]),
        ("cancels_without_looking", &[EndedUntouched]),
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
        ("asks_too_often_together", &[BatchAgrees, AnswersSpoiled]),
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
    assert_eq!(PLUGINS.len(), FLAWS.len() + CONFORMING.len());
}

#[tokio::test]
async fn a_failure_shows_the_exchange_that_tells_it() {
    let failure = first_failure(examined("says_succeeded").await, Check::Situations);
    assert_eq!(failure.0, "failed: expected failed, found succeeded (ended)");
    assert_eq!(failure.1, [r#"GET /jobs/7 -> 200 {"state": "failed"}"#]);
}

#[tokio::test]
async fn a_trigger_that_is_settled_without_any_age_is_told() {
    let conformance = examined("settles_without_any_age").await;
    let failure = &conformance.checks[Check::InputChecked as usize].failures[0];
    assert_eq!((failure.play.as_deref(), failure.field.as_deref()), (Some("where there is no age"), Some("ages")));
    let (told, exchanges) = first_failure(conformance, Check::InputChecked);
    assert_eq!(told, "settle: expected the error invalid_input, found running (found)");
    assert!(exchanges.is_empty(), "{exchanges:?}");
}

#[tokio::test]
async fn a_failure_that_is_told_holds_no_secret() {
    let (told, exchanges) = first_failure(examined("sends_the_token_in_a_url").await, Check::SecretsKept);
    assert_eq!(told, "started: the secret token is in the URL of a request");
    assert_eq!(exchanges, [r#"GET /jobs/7?token=*** -> 200 {"state": "running"}"#]);
}

#[tokio::test]
async fn a_crash_is_told_with_the_last_lines_that_the_plugin_wrote() {
    let conformance = examined("crashes_where_a_job_failed").await;
    let failure = &conformance.checks[Check::Situations as usize].failures[0];
    assert!(failure.message.starts_with("expected failed, found the plugin's poll crashed: "), "{}", failure.message);
    assert_eq!(failure.stderr[..2], ["reading the reason", "there is none"]);
}

#[tokio::test]
async fn equal_failures_are_told_once_with_the_play_and_the_field() {
    let conformance = examined("takes_any_input").await;
    let failures = &conformance.checks[Check::InputChecked as usize].failures;
    let of_job: Vec<_> = failures.iter().filter(|failure| failure.field.as_deref() == Some("job")).collect();
    let plays: BTreeSet<_> = failures.iter().map(|failure| (&failure.message, &failure.field)).collect();
    assert_eq!(plays.len(), failures.len());
    assert_eq!((&*of_job[0].place, of_job[0].play.as_deref()), ("trigger", Some("where job is of another kind")));
    assert!(of_job[0].times > 1, "{of_job:#?}");
}

/// The kit with these replacements.
fn kit_with(replacements: &[(&str, &str)]) -> Kit {
    let mut text = KIT.to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    kit_of(&text)
}

#[tokio::test]
async fn values_that_the_plugin_does_not_take_are_told_and_nothing_is_played_with_them() {
    let kit = kit_with(&[("job = \"nightly\"", "job = 7\njobs = \"nightly\"")]);
    let conformance = examined_by(&kit, "keeps_the_contract", &Here).await;
    let complete = &conformance.checks[Check::KitComplete as usize];
    let told: Vec<_> = complete.failures.iter().map(|failure| (&*failure.message, failure.field.as_deref())).collect();
    let expected = [
        ("the plugin has no parameter `jobs`: did you mean `job`?", Some("jobs")),
        ("`job` must be text, not a whole number: write it in quotes", Some("job")),
    ];
    assert_eq!(told[told.len() - 2..], expected);
    let situations = &conformance.checks[Check::Situations as usize];
    let excuse = "the kit's values do not fit what the plugin describes";
    assert_eq!((situations.times, situations.excuse), (0, Some(excuse)));
    assert_eq!(failed(conformance), [Check::KitComplete]);
}

#[tokio::test]
async fn a_tool_that_answers_a_trigger_at_once_says_so_in_its_kit() {
    let polls = KIT.find("[[situation]]\nname = \"running\"").expect("polls");
    let triggers = KIT[..polls].replace("result = \"running\"", "result = \"succeeded\"");
    let triggers = triggers.replace(r#"{"id": 7}"#, r#"{"state": "succeeded"}"#);
    let no_polls = "running = \"Acme answers at once\"\nnew_status = \"it has no others\"\nnot_found = \"it knows all jobs\"\n\
                    rate_limited = \"it has no limit\"\nunauthorized = \"it takes any token\"\nstopped";
    let text = triggers.replace("stopped", no_polls)
        + "[[situation]]\nname = \"failed\"\ncall = \"trigger\"\nresult = \"failed\"\n\
           [[situation.exchange]]\nrequest = \"POST /jobs\"\nstarts = true\nbody = '{\"state\": \"failed\"}'\n\
           [[situation]]\nname = \"server_error\"\ncall = \"trigger\"\nresult = \"unavailable\"\n\
           [[situation.exchange]]\nrequest = \"POST /jobs\"\nstarts = true\nstatus = 503\n";
    let conformance = examined_by(&kit_of(&text), "ends_at_once", &Here).await;
    let portable = &conformance.checks[Check::RunPortable as usize];
    assert_eq!(portable.excuse, Some("the tool answers a trigger at once, and no run is polled"));
    for checked in &conformance.checks {
        assert_eq!(checked.failures, [], "{}", checked.check);
    }
    assert!(conformance.passed());
}

#[tokio::test]
async fn what_a_kit_says_of_a_plugins_own_ways_is_let_through_and_no_more() {
    let failed_job = "request = \"GET /jobs/7\"\nbody = '{\"state\": \"failed\"}'\n";
    let exchanges = failed_job.to_owned()
        + "\n[[situation.exchange]]\nrequest = \"GET /jobs/7/log\"\noptional = true\n\
           \n[[situation.exchange]]\nrequest = \"GET /jobs/7/never\"\noptional = true\n";
    let posts = ("starts = true\nbody = '{\"id\": 7}'", "starts = true\nvaries = [\"key\"]\nbody = '{\"id\": 7}'");
    let all = [("[connection]", "run-format = false\n\n[connection]"), posts, (failed_job, &exchanges)];
    let conformance = examined_by(&kit_with(&all), "has_ways_of_its_own", &Here).await;
    for checked in &conformance.checks {
        assert_eq!(checked.failures, [], "{}", checked.check);
    }
    assert!(conformance.passed());
    let unsaid = examined("has_ways_of_its_own").await;
    assert_eq!(failed(unsaid), [Check::InputChecked, Check::RunChecked, Check::UnknownIgnored, Check::Situations]);
}

/// Where and why a check failed first, and the exchanges.
fn first_failure(conformance: Conformance, check: Check) -> (String, Vec<String>) {
    let mut checked: Vec<Checked> = conformance.checks;
    let failure = checked.swap_remove(check as usize).failures.swap_remove(0);
    (format!("{}: {}", failure.place, failure.message), failure.exchanges)
}

/// The kit with, for each poll, the request of a plugin that looks runs up in a list where it is polled for several.
fn kit_of_a_list(more: &str) -> Kit {
    let with_list = KIT.split("\n\n").map(|block| match block.split_once("GET /jobs/7") {
        Some((before, after)) => {
            format!("{block}\n\n{}GET /jobs?id=7{after}", before.replace("situation.exchange", "situation.together"))
        }
        None => block.to_owned(),
    });
    kit_of(&format!("{}\n{more}", with_list.collect::<Vec<_>>().join("\n\n")))
}

#[tokio::test]
async fn what_is_asked_where_runs_are_polled_together_may_have_exchanges_of_its_own() {
    let conformance = examined_by(&kit_of_a_list(""), "asks_otherwise_together", &Here).await;
    assert_eq!(failed(conformance), []);
    let conformance = examined_by(&kit_of_a_list(CANCELLING), "keeps_the_contract", &Here).await;
    assert_eq!(failed(conformance), [Check::BatchAgrees]);
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
