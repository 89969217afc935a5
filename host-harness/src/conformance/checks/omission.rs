//! Check of optional fields: a call without one of them is not refused.

use crate::conformance::checks::verdicts::{Outcome, told};
use crate::contract::{Descriptor, ErrorKind, Field, NamedValue};
use crate::{Arguments, CallError};

/// Arguments without one field that need not be given.
#[derive(Debug)]
pub(crate) struct Omission {
    /// The field.
    pub(crate) field: String,
    /// The rest. None: nothing is left to show, since a situation of the kit is played without the field.
    pub(crate) arguments: Option<Arguments>,
}

/// All fields that need not be given, each left out of `given`. A field that is not among `given`, or is left out of one
/// of the kit's `others`, is shown by that: so a kit can show fields of which only some set is complete.
pub(crate) fn omissions(descriptor: &Descriptor, given: &Arguments, others: &[Arguments]) -> Vec<Omission> {
    let connection = descriptor.connection.iter().map(|field| (field, true));
    let parameters = descriptor.parameters.iter().map(|field| (field, false));
    let optional = connection.chain(parameters).filter(|(field, _)| !field.required);
    optional
        .map(|(Field { name, .. }, of_connection)| {
            let has = |arguments: &Arguments| {
                let values = if of_connection { &arguments.connection } else { &arguments.parameters };
                values.iter().any(|value| value.name == *name)
            };
            let shown = !has(given) || !others.iter().all(has);
            let without = || {
                let mut arguments = given.clone();
                let values = if of_connection { &mut arguments.connection } else { &mut arguments.parameters };
                values.retain(|NamedValue { name: other, .. }| other != name);
                arguments
            };
            Omission { field: name.clone(), arguments: (!shown).then(without) }
        })
        .collect()
}

/// The flaw of a call that an optional field was left out of. Where the field leads elsewhere, the call fails; it is not
/// refused.
pub(crate) fn of_omission(field: &str, outcome: &Outcome) -> Option<String> {
    let refused = match outcome {
        Err(CallError::Task(error)) => error.kind == ErrorKind::InvalidInput,
        Err(_) => true,
        Ok(_) => false,
    };
    refused.then(|| format!("describe does not require {field}, and without it the call is refused: {}", told(outcome)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::kit::values::text;
    use crate::conformance::sample::{descriptor, error, field, running};

    fn given() -> Arguments {
        Arguments::new(vec![text("base_url", "http://here"), text("token", "made-up")], vec![text("job", "nightly")])
    }

    fn left_out(others: &[Arguments]) -> Vec<String> {
        let mut descriptor = descriptor();
        descriptor.parameters.push(Field { required: true, ..field("count") });
        let omissions = omissions(&descriptor, &given(), others).into_iter();
        omissions.filter(|omission| omission.arguments.is_some()).map(|omission| omission.field).collect()
    }

    #[test]
    fn each_optional_field_that_is_given_is_left_out() {
        assert_eq!(left_out(&[]), ["base_url", "token", "job"]);
        let omissions = omissions(&descriptor(), &given(), &[]);
        assert_eq!(omissions[0].arguments.as_ref().unwrap().connection, [text("token", "made-up")]);
    }

    #[test]
    fn a_field_that_another_situation_is_played_without_is_shown_to_be_optional() {
        let anonymous = Arguments::new(vec![text("base_url", "http://here")], given().parameters);
        assert_eq!(left_out(&[given(), anonymous]), ["base_url", "job"]);
    }

    #[test]
    fn only_a_refusal_or_a_crash_is_a_flaw() {
        for kind in [ErrorKind::Denied, ErrorKind::Unauthorized, ErrorKind::Unavailable] {
            assert_eq!(of_omission("job", &error(kind)), None);
        }
        assert_eq!(of_omission("job", &running()), None);
        let flaw = of_omission("job", &error(ErrorKind::InvalidInput));
        let expected = "describe does not require job, and without it the call is refused: the error invalid_input, code \
                        odd (it is odd)";
        assert_eq!(flaw.as_deref(), Some(expected));
        let crashed = Err(CallError::Trapped { function: crate::Function::Poll, reason: "unreachable".to_owned() });
        assert!(of_omission("job", &crashed).is_some());
    }
}
