//! One property for each reader of outside data. It takes any bytes, and panics where what must hold does not.

mod call;
mod host;
mod plugin;
mod stitch;

/// A property and the name of its fuzz target, which is that of its folder of the corpus, too.
pub(crate) type Property = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const ALL: &[Property] = &[
    ("call", call::call),
    ("base_url", plugin::base_url),
    ("connection", plugin::connection),
    ("run", plugin::run),
    ("token_echo", plugin::token_echo),
    ("error_body", stitch::error_body),
    ("extractions", stitch::extractions),
    ("id", stitch::id),
    ("job_name", stitch::job_name),
    ("loads", stitch::loads),
    ("source", stitch::source),
    ("streams", stitch::streams),
    ("sync", stitch::sync),
    ("timestamp", stitch::timestamp),
    ("component", host::component),
    ("grant", host::grant),
    ("inputs", host::inputs),
    ("limit", host::limit),
    ("mask", host::mask),
    ("origin", host::origin),
];

/// What stands for a secret: it is in nothing that is shown.
const SECRET: &str = "hush-3b1f0c9d";

/// Holds `data` against the property called `name`.
///
/// # Panics
/// Where it does not hold.
pub(crate) fn hold(name: &str, data: &[u8]) {
    let property = ALL.iter().find(|(known, _)| *known == name).map(|(_, property)| property);
    property.unwrap_or_else(|| panic!("no property is called {name}"))(data);
}
