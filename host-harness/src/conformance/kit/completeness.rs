//! Completeness of a kit for a plugin.

use std::collections::BTreeSet;

use crate::conformance::kit::called::Called;
use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::file::Kit;
use crate::conformance::kit::required_situations::REQUIRED;
use crate::conformance::kit::situation::Situation;
use crate::contract::{Descriptor, Field, Verdict};

/// All requirements of a kit, each with its flaw. `offers` tells which functions the plugin exports.
pub(crate) fn of_kit(
    kit: &Kit,
    descriptor: Option<&Descriptor>,
    offers: impl Fn(Called) -> bool,
) -> Vec<Option<String>> {
    let at_once = kit.answers_at_once();
    let required =
        REQUIRED.iter().map(|required| required.flaw(&kit.situations, kit.cannot.contains_key(required.name), at_once));
    let uses = USES.iter().filter(|(call, ..)| offers(*call)).map(|(call, what, used)| {
        let used = kit.situations.iter().any(|situation| situation.call == *call && used(situation));
        (!used).then(|| format!("the plugin exports {call}, and the kit has no situation {what}"))
    });
    let foreign = kit.situations.iter().filter(|situation| !offers(situation.call)).map(|situation| {
        Some(format!("{} calls {}, which the plugin does not export", situation.name, situation.call))
    });
    let secrets = descriptor.map(|descriptor| of_secrets(kit, descriptor)).unwrap_or_default();
    required.chain(uses).chain(foreign).chain(of_starts(kit)).chain(of_running(kit)).chain(secrets).collect()
}

/// Checks that the kit says which requests start a run: otherwise a repeated start would not show.
fn of_starts(kit: &Kit) -> Vec<Option<String>> {
    let calls = kit.situations.iter().filter(|situation| [Called::Trigger, Called::Settle].contains(&situation.call));
    let exchanges = calls.flat_map(|situation| situation.exchanges.iter().map(move |exchange| (situation, exchange)));
    exchanges
        .map(|(situation, exchange)| {
            let Situation { name, .. } = situation;
            let request = &exchange.request.text;
            (!exchange.starts && !exchange.is_read())
                .then(|| format!("{name} does not say of {request} whether it `starts` a run or only `reads`"))
        })
        .collect()
}

type Use = (Called, &'static str, fn(&Situation) -> bool);

/// The least use of each optional function.
const USES: [Use; 6] = [
    (Called::Cancel, "in which it stops a run", |situation| !situation.only_reads()),
    (Called::Cancel, "of a run that has ended, to which it only reads", Situation::finds_an_end),
    (Called::Check, "in which it finds all fine", |situation| situation.result == Expected::Fine),
    (Called::Check, "in which it finds a problem", |situation| situation.result == Expected::Problem),
    (Called::Settle, "in which it finds a run", |situation| {
        let found = match situation.result {
            Expected::Running => true,
            Expected::Finished(verdict) => !matches!(verdict, Verdict::Unknown | Verdict::Skipped),
            _ => false,
        };
        found && !situation.starts()
    }),
    (Called::Settle, "in which it finds none", |situation| {
        situation.starts() || situation.result == Expected::Finished(Verdict::Unknown)
    }),
];

/// Checks that the kit has every secret: what it does not have is not searched for.
fn of_secrets(kit: &Kit, descriptor: &Descriptor) -> Vec<Option<String>> {
    let names: BTreeSet<_> = kit.secrets().map(|(name, _)| name).collect();
    let secrets = descriptor.connection.iter().chain(&descriptor.parameters).filter(|field| field.secret);
    let flaw = |Field { name, .. }: &Field| {
        let filled = names.contains(&&**name);
        (!filled)
            .then(|| format!("{name} is a secret of the plugin's, and the kit gives none: write one under [secrets]"))
    };
    secrets.map(flaw).collect()
}

/// Checks that no run goes on where the tool answers a trigger at once.
fn of_running(kit: &Kit) -> Vec<Option<String>> {
    let running = kit.situations.iter().filter(|situation| situation.result == Expected::Running);
    let running = running.filter(|_| kit.answers_at_once());
    running
        .map(|Situation { name, .. }| Some(format!("[cannot] says that no run is seen running, and {name} is running")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{descriptor, kit};

    fn flaws(text: &str, offered: &[Called]) -> Vec<String> {
        of_kit(&kit(text), Some(&descriptor()), |call| offered.contains(&call)).into_iter().flatten().collect()
    }

    #[test]
    fn a_kit_calls_each_optional_function_in_every_way_that_matters() {
        let flaws = flaws("", &Called::ALL);
        let lacking = |what: &str| flaws.contains(&format!("the plugin exports {what}"));
        for what in [
            "cancel, and the kit has no situation in which it stops a run",
            "cancel, and the kit has no situation of a run that has ended, to which it only reads",
            "check, and the kit has no situation in which it finds all fine",
            "check, and the kit has no situation in which it finds a problem",
            "settle, and the kit has no situation in which it finds a run",
            "settle, and the kit has no situation in which it finds none",
        ] {
            assert!(lacking(what), "{what}: {flaws:?}");
        }
    }

    #[test]
    fn to_settle_is_to_find_a_run_or_to_start_the_first() {
        let settle = |name: &str, starts: bool| {
            format!(
                "[[situation]]\nname = '{name}'\ncall = 'settle'\nresult = 'running'\n\
                 [[situation.exchange]]\nrequest = 'POST /jobs'\nstarts = {starts}\n"
            )
        };
        let settling =
            |flaws: Vec<String>| flaws.into_iter().filter(|flaw| flaw.contains("settle")).collect::<Vec<_>>();
        let offered = [Called::Trigger, Called::Poll, Called::Settle];
        let both = settle("found", false) + &settle("begun", true);
        assert_eq!(settling(flaws(&both, &offered)), [""; 0]);
        let none = settling(flaws(&settle("found", false), &offered));
        assert_eq!(none, ["the plugin exports settle, and the kit has no situation in which it finds none"]);
        let none = settling(flaws(&settle("begun", true), &offered));
        assert_eq!(none, ["the plugin exports settle, and the kit has no situation in which it finds a run"]);
        let foreign = settling(flaws(&both, &[]));
        assert_eq!(foreign[0], "found calls settle, which the plugin does not export");
    }

    #[test]
    fn a_request_that_changes_something_starts_a_run_or_the_kit_says_that_it_reads() {
        let started = |more: &str| {
            let text = "[[situation]]\nname = 'started'\ncall = 'trigger'\nresult = 'running'\n\
                        [[situation.exchange]]\nrequest = 'POST /jobs'\n";
            let flaws = flaws(&(text.to_owned() + more), &[Called::Trigger]);
            flaws.contains(&"started does not say of POST /jobs whether it `starts` a run or only `reads`".to_owned())
        };
        assert_eq!(["", "starts = true\n", "reads = true\n"].map(started), [true, false, false]);
    }

    #[test]
    fn every_secret_of_the_plugins_is_filled_or_it_could_not_be_looked_for() {
        let flaw = "token is a secret of the plugin's, and the kit gives none: write one under [secrets]".to_owned();
        assert!(flaws("", &[]).contains(&flaw));
        assert!(!flaws("[secrets]\ntoken = 'made-up-secret'\n", &[]).contains(&flaw));
    }

    #[test]
    fn a_cancel_is_shown_with_a_run_that_goes_on_and_with_one_that_has_ended() {
        let cancel = |name: &str, result: &str, request: &str| {
            format!(
                "[[situation]]\nname = '{name}'\ncall = 'cancel'\nafter = 'started'\nresult = '{result}'\n\
                 [[situation.exchange]]\nrequest = '{request}'\n"
            )
        };
        let lacking = |more: &str| -> Vec<String> {
            let started = "[[situation]]\nname = 'started'\ncall = 'trigger'\nresult = 'running'\n";
            let flaws = flaws(&(started.to_owned() + more), &[Called::Trigger, Called::Poll, Called::Cancel]);
            flaws.into_iter().filter(|flaw| flaw.contains("exports cancel")).collect()
        };
        let (stops, late) = (cancel("stops", "running", "DELETE /jobs/7"), cancel("late", "succeeded", "GET /jobs/7"));
        assert_eq!(lacking(&(stops.clone() + &late)), [""; 0]);
        assert_eq!(lacking(&late), ["the plugin exports cancel, and the kit has no situation in which it stops a run"]);
        // The tool answers what stops it with the end that it comes to: it had not ended.
        let stopped = cancel("stopped_at_once", "cancelled", "DELETE /jobs/7");
        for without in [stops.clone(), stops + &stopped] {
            let told = "the plugin exports cancel, and the kit has no situation of a run that has ended, to which it only reads";
            assert_eq!(lacking(&without), [told]);
        }
    }

    #[test]
    fn a_tool_that_answers_at_once_has_no_run_that_goes_on() {
        let at_once = |result: &str| {
            let kit = format!(
                "[cannot]\nrunning = 'Acme answers at once'\n[[situation]]\nname = 'started'\ncall = 'trigger'\n\
                 result = '{result}'\n"
            );
            flaws(&kit, &[Called::Trigger])
        };
        let told = "[cannot] says that no run is seen running, and started is running".to_owned();
        assert!(at_once("running").contains(&told));
        assert!(!at_once("succeeded").iter().any(|flaw| flaw.contains("started") || flaw.contains("running,")));
    }
}
