//! Values of a kit that the plugin does not take, found before anything is played with them.

use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::file::Kit;
use crate::conformance::kit::situation::Situation;
use crate::contract::{Descriptor, ErrorKind};
use crate::inputs::advice::{Wording, advised};
use crate::{InputError, List};

/// A value that the plugin does not take, or lacks.
#[derive(Debug, PartialEq)]
pub(crate) struct ValueProblem {
    /// `kit`, or the situation whose own value it is.
    pub(crate) place: String,
    pub(crate) field: String,
    pub(crate) message: String,
}

/// All problems of the kit's own values, and of those of its situations. One that is to be refused may have any values.
pub(crate) fn value_problems(kit: &Kit, descriptor: &Descriptor, server: &str) -> Vec<ValueProblem> {
    let errors = |situation| kit.inputs(situation, server).resolve_all(descriptor).1;
    let common = errors(None);
    let refused = |situation: &&Situation| situation.result == Expected::Failed(ErrorKind::InvalidInput);
    let own = kit.situations.iter().filter(|situation| !refused(situation)).flat_map(|situation| {
        let own = errors(Some(situation)).into_iter().filter(|error| !common.contains(error));
        own.map(|(list, error)| problem(&situation.name, "the situation", list, &error)).collect::<Vec<_>>()
    });
    let common = common.iter().map(|(list, error)| problem("kit", "the kit", *list, error));
    common.chain(own).collect()
}

fn problem(place: &str, owner: &str, list: List, error: &InputError) -> ValueProblem {
    let table = match list {
        List::Connection => "[connection]",
        List::Parameters => "[parameters]",
        List::Secrets => "[secrets]",
    };
    let wording = Wording { owner, place: table, secrets: "under [secrets]" };
    ValueProblem { place: place.to_owned(), field: error.name().to_owned(), message: advised(list, error, wording) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{descriptor, field, kit};
    use crate::contract::{Field, FieldKind};

    fn problems(text: &str) -> Vec<String> {
        let mut descriptor = descriptor();
        descriptor.parameters.push(Field { kind: FieldKind::Integer, required: true, ..field("count") });
        let problems = value_problems(&kit(text), &descriptor, "http://here");
        problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect()
    }

    const KIT: &str =
        "[connection]\nbase_url = '{server}'\n[secrets]\ntoken = 'made-up-token'\n[parameters]\ncount = 7\n";

    #[test]
    fn values_that_the_plugin_takes_are_no_problem() {
        assert_eq!(problems(KIT), [""; 0]);
    }

    #[test]
    fn a_value_that_the_plugin_does_not_take_is_told_once_and_with_what_to_write_instead() {
        let situation = "[[situation]]\nname = 'odd'\ncall = 'trigger'\nresult = 'running'\n";
        let text = "[connection]\ntoken = 'plain-token'\nbase_uri = 'x'\n[secrets]\njob = 'made-up-secret'\n"
            .to_owned()
            + situation
            + "parameters = { count = '7', jobb = 1 }\n";
        assert_eq!(
            problems(&text),
            [
                "kit: the plugin has no secret `job`: there is token, salt",
                "kit: the plugin has no connection field `base_uri`: did you mean `base_url`?",
                "kit: `token` is a secret: give it under [secrets]",
                "kit: the kit needs `count` in [parameters]: What count is.",
                "odd: the plugin has no parameter `jobb`: did you mean `job`?",
                "odd: `count` must be a whole number, not text: write it without quotes",
            ]
        );
    }

    #[test]
    fn a_situation_that_is_to_be_refused_may_have_any_values() {
        let refused = "[[situation]]\nname = 'odd'\ncall = 'trigger'\nresult = 'invalid_input'\n\
                       parameters = { count = 'many' }\n";
        assert_eq!(problems(&(KIT.to_owned() + refused)), [""; 0]);
    }
}
