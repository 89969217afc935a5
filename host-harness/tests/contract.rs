//! What hosts in other languages than ours rely on in the contract.

#![allow(clippy::unwrap_used)]

use wit_parser::{Resolve, TypeDefKind};

/// The names of the cases of a type, in their order.
fn cases(name: &str) -> Vec<String> {
    let mut contract = Resolve::default();
    contract.push_dir("../wit").unwrap();
    let mut types = contract.types.iter().map(|(_, ty)| ty);
    match &types.find(|ty| ty.name.as_deref() == Some(name)).unwrap().kind {
        TypeDefKind::Variant(variant) => variant.cases.iter().map(|case| case.name.clone()).collect(),
        TypeDefKind::Enum(kinds) => kinds.cases.iter().map(|case| case.name.clone()).collect(),
        other => panic!("{name} has no cases: {other:?}"),
    }
}

/// A host in a language without variants hands over the first case that fits, and in Python `True` is an integer, too:
/// wasmtime-py makes `integer(1)` of it where `integer` comes first.
#[test]
fn a_value_is_looked_at_as_a_boolean_before_it_is_a_number() {
    assert_eq!(cases("value"), ["text", "boolean", "integer", "decimal"]);
    assert_eq!(cases("field-kind"), cases("value"));
}
