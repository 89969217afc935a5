//! Check of the descriptor: complete enough to draw a form from it.

use crate::conformance::checks::wrong_input::origin_of;
use crate::contract::Descriptor;
use crate::{Origin, validate_descriptor};

/// The flaw of a descriptor. None if a form can be drawn and egress be granted from it.
pub(crate) fn of_descriptor(descriptor: &Descriptor) -> Option<String> {
    let fields = || descriptor.connection.iter().chain(&descriptor.parameters);
    let undescribed = fields()
        .find(|field| field.description.trim().is_empty())
        .map(|field| format!("{} has no description", field.name));
    let lacking = || {
        let required = |field: &&crate::contract::Field| field.required && field.example.is_none() && !field.secret;
        let field = descriptor.parameters.iter().find(required)?;
        Some(format!("{} is required and has no example", field.name))
    };
    validate_descriptor(descriptor).into_iter().next().or(undescribed).or_else(lacking).or_else(|| {
        fields().find_map(|field| {
            let wanted = origin_of(field)?;
            let parsed = |text: &str| text.parse::<Origin>().ok();
            let listed = descriptor.origins.iter().any(|origin| parsed(origin) == parsed(&wanted));
            (!listed).then(|| format!("{} leads to {wanted} by default, which its origins do not list", field.name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::descriptor;

    fn flaw(change: impl FnOnce(&mut Descriptor)) -> Option<String> {
        let mut descriptor = descriptor();
        change(&mut descriptor);
        of_descriptor(&descriptor)
    }

    #[test]
    fn what_a_form_would_miss_is_named() {
        assert_eq!(flaw(|_| {}), None);
        assert_eq!(flaw(|it| it.parameters[0].description.clear()).as_deref(), Some("job has no description"));
        assert_eq!(flaw(|it| it.parameters[0].required = true).as_deref(), Some("job is required and has no example"));
        assert_eq!(
            flaw(|it| it.origins = vec!["https://acme.example".to_owned()]).as_deref(),
            Some("base_url leads to https://api.acme.example by default, which its origins do not list")
        );
    }

    #[test]
    fn without_a_default_that_leads_somewhere_no_origin_is_wanted() {
        let nowhere = flaw(|it| {
            it.origins.clear();
            it.connection[0].default = None;
        });
        assert_eq!(nowhere, None);
    }
}
