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
    let required = REQUIRED
        .iter()
        .map(|required| required.flaw(&kit.situations, kit.cannot.iter().any(|(name, _)| name == required.name)));
    let uses = USES.iter().filter(|(call, ..)| offers(*call)).map(|(call, what, used)| {
        let used = kit.situations.iter().any(|situation| situation.call == *call && used(situation));
        (!used).then(|| format!("the plugin exports {call}, and the kit has no situation {what}"))
    });
    let foreign = kit.situations.iter().filter(|situation| !offers(situation.call)).map(|situation| {
        Some(format!("{} calls {}, which the plugin does not export", situation.name, situation.call))
    });
    let fields = descriptor.map(|descriptor| of_fields(kit, descriptor)).unwrap_or_default();
    required.chain(uses).chain(foreign).chain(of_starts(kit)).chain(fields).collect()
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
const USES: [Use; 5] = [
    (Called::Cancel, "that calls it", |_| true),
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

/// Checks that the kit fills existing fields only, and secret ones with secrets.
fn of_fields(kit: &Kit, descriptor: &Descriptor) -> Vec<Option<String>> {
    let own = kit.situations.iter();
    let connection = kit.connection.keys().chain(own.clone().flat_map(|situation| situation.connection.keys()));
    let parameters = kit.parameters.keys().chain(own.flat_map(|situation| situation.parameters.keys()));
    let plain = |list: &'static str, fields: &[Field], names: BTreeSet<&String>| -> Vec<Option<String>> {
        let flaw = |name: &String| match fields.iter().find(|field| field.name == *name) {
            None => Some(format!("the plugin has no field {name} in its {list}, which the kit fills")),
            Some(field) if field.secret => Some(format!(
                "{name} is a secret of the plugin's, and the kit has it under [{list}]: write it under [secrets]"
            )),
            Some(_) => None,
        };
        names.into_iter().map(flaw).collect()
    };
    let fields = || descriptor.connection.iter().chain(&descriptor.parameters);
    let names: BTreeSet<_> = kit.secrets().map(|(name, _)| name).collect();
    let unfilled = fields().filter(|field| field.secret).map(|Field { name, .. }| {
        let filled = names.contains(&&**name);
        (!filled)
            .then(|| format!("{name} is a secret of the plugin's, and the kit gives none: write one under [secrets]"))
    });
    let unfilled: Vec<_> = unfilled.collect();
    let secrets = names.into_iter().map(|name| {
        let secret = fields().any(|field| field.name == *name && field.secret);
        (!secret).then(|| format!("{name} is a secret of the kit, and the plugin describes no such secret"))
    });
    [
        plain("connection", &descriptor.connection, connection.collect()),
        plain("parameters", &descriptor.parameters, parameters.collect()),
        secrets.collect(),
        unfilled,
    ]
    .concat()
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
            "cancel, and the kit has no situation that calls it",
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
    fn what_the_kit_fills_is_described_and_secret_where_the_plugin_says_so() {
        let flaws = flaws(
            "[connection]\ntoken = 'plain'\nurl = 'x'\n[secrets]\njob = 'made-up-secret'\nsalt = 'made-up-salt'\n\
             [[situation]]\nname = 'odd'\ncall = 'trigger'\nresult = 'running'\nparameters = { colour = 1 }\n",
            &[Called::Trigger],
        );
        let of_fields: Vec<_> = flaws.iter().filter(|flaw| !flaw.starts_with("the kit has no")).collect();
        assert_eq!(
            of_fields,
            [
                "token is a secret of the plugin's, and the kit has it under [connection]: write it under [secrets]",
                "the plugin has no field url in its connection, which the kit fills",
                "the plugin has no field colour in its parameters, which the kit fills",
                "job is a secret of the kit, and the plugin describes no such secret",
                "token is a secret of the plugin's, and the kit gives none: write one under [secrets]",
            ]
        );
    }
}
