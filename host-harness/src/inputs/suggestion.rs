//! Suggestions for an unknown name.

/// The most names that are compared, and the most that are listed.
const COMPARED: usize = 1000;
const LISTED: usize = 40;

/// The name most similar to the one given, if any is similar.
pub(crate) fn closest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &'a str| (strsim::jaro_winkler(given, name), name);
    let alike = names.into_iter().take(COMPARED).map(likeness).filter(|(likeness, _)| *likeness > 0.8);
    alike.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

/// The suggestion after an unknown name: the similar one, or else the names that there are.
pub(crate) fn instead<'a>(given: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = closest(given, names.clone()) {
        return format!(": did you mean `{name}`?");
    }
    let (names, rest) = (names.clone().into_iter(), names.into_iter().skip(LISTED).count());
    let names: Vec<_> = names.take(LISTED).collect();
    match (&names[..], rest) {
        ([], _) => String::new(),
        (names, 0) => format!(": there is {}", names.join(", ")),
        (names, rest) => format!(": there is {} and {rest} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_is_suggested() {
        let names = ["connection", "parameters", "after", "retries", "timeout", "on_failure"];
        for (given, help) in [
            ("conection", ": did you mean `connection`?"),
            ("paramters", ": did you mean `parameters`?"),
            ("retry", ": did you mean `retries`?"),
            ("onfailure", ": did you mean `on_failure`?"),
            ("x", ": there is connection, parameters, after, retries, timeout, on_failure"),
        ] {
            assert_eq!(instead(given, names), help);
        }
        assert_eq!(instead("x", []), "");
    }

    #[test]
    fn of_many_names_some_are_listed() {
        let help = instead("x", std::iter::repeat_n("task", 2_000));
        assert_eq!(help, format!(": there is {} and 1960 more", ["task"; LISTED].join(", ")));
    }
}
