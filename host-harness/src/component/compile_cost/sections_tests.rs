//! Costs of components, by how they are composed.

use crate::ComponentInfo;
use crate::component::compile_cost::scope::{HANDED_ON, ITEM};
use crate::component::compile_cost::sections::{CANONICAL, IMPORTED, TYPE_PART};

fn weight(text: &str) -> Result<usize, String> {
    read(text).map(|anatomy| anatomy.weight)
}

fn read(text: &str) -> Result<ComponentInfo, String> {
    ComponentInfo::read(&wat::parse_str(text).unwrap()).map_err(|error| error.to_string())
}

#[test]
fn what_is_instantiated_twice_weighs_twice() {
    let instances = |count| {
        let instances = "(instance (instantiate $c))".repeat(count);
        weight(&format!("(component (component $c (core module $m) (core instance (instantiate $m))) {instances})"))
            .unwrap()
    };
    assert_eq!(instances(0), 0);
    assert!(instances(1) >= 2 * CANONICAL);
    assert_eq!(instances(6), 6 * instances(1));
}

#[test]
fn an_instance_of_a_module_weighs_with_what_the_module_imports_and_exports() {
    let instances = |names: usize| {
        let exports: Vec<_> = (0..names).map(|n| format!("(export \"{n}\" (func $f))")).collect();
        let exports = exports.concat();
        weight(&format!(
            "(component (component $c (core module $m (func $f) {exports}) (core instance (instantiate $m)))
                (instance (instantiate $c)) (instance (instantiate $c)))"
        ))
        .unwrap()
    };
    assert!(instances(1_000) >= instances(0) + 2 * 1_000);
}

#[test]
fn the_type_of_a_core_module_weighs_with_its_names() {
    let validation = |name: &str| {
        let text = format!(
            "(component (core type $t (module (export \"{name}\" (func)) (import \"{name}\" \"{name}\" (func))))
                (import \"m\" (core module (type $t))))"
        );
        read(&text).unwrap().validation
    };
    assert_eq!(validation(&"n".repeat(320)), validation("n") + IMPORTED * 30);
}

#[test]
fn instances_of_components_inside_each_other_multiply() {
    let mut text = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for level in 1..=10 {
        let instances = format!("(instance (instantiate $c{}))", level - 1).repeat(90);
        text = format!("(component $c{level} {text} {instances})");
    }
    assert_eq!(weight(&text), Ok(usize::MAX));
}

#[test]
fn an_instance_weighs_with_all_that_is_in_it() {
    let mut text = "(instance $i0)".to_owned();
    for level in 1..=12 {
        let before = level - 1;
        text = format!(
            "{text} (instance $i{level} (export \"a\" (instance $i{before})) (export \"b\" (instance $i{before})))"
        );
    }
    assert!(weight(&format!("(component {text})")).unwrap() > ITEM << 12);
}

#[test]
fn a_component_that_is_handed_on_is_not_taken() {
    for text in [
        "(component (import \"c\" (component)))",
        "(component (component $c) (export \"c\" (component $c)))",
        "(component (type (component)))",
        "(component (import \"i\" (instance (type (component)))))",
        "(component $outer (component $c) (component (alias outer $outer $c (component))))",
    ] {
        assert_eq!(weight(text).unwrap_err(), format!("it cannot be compiled: {HANDED_ON}"));
    }
}

#[test]
fn a_type_that_a_larger_one_could_stand_for_is_not_taken() {
    for text in [
        "(component (type $t (instance)) (import \"t\" (type (eq $t))))",
        "(component (type $t (instance)) (export \"t\" (type $t)))",
        "(component (import \"i\" (instance (type $t (instance)) (export \"t\" (type (eq $t))))))",
    ] {
        assert_eq!(
            weight(text).unwrap_err(),
            "it cannot be compiled: it imports or exports a type of instances: only types of values and resources \
             are taken"
        );
    }
}

#[test]
fn what_is_not_there_is_named() {
    // Type 1 is a component type that imports a function.
    let bytes = b"\0asm\x0d\0\x01\0\x07\x05\x01\x40\0\x01\0\x0a\x06\x01\0\x01a\x01\x01";
    let error = ComponentInfo::read(bytes).unwrap_err().to_string();
    assert_eq!(error, "it cannot be compiled: it refers to the type 1, which is not there");
}

#[test]
fn a_type_is_validated_as_often_as_it_is_written_out() {
    let validation = |levels: usize, imports: usize| {
        let levels: Vec<_> = (1..=levels).map(|n| format!("(type $t{n} (tuple $t{0} $t{0}))", n - 1)).collect();
        let imports: Vec<_> = (0..imports).map(|n| format!("(import \"f{n}\" (func (type $t)))")).collect();
        let function = format!("(type $t (func (param \"a\" $t{})))", levels.len());
        let (levels, imports) = (levels.concat(), imports.concat());
        read(&format!("(component (type $t0 (tuple u8)) {levels} {function} {imports})")).unwrap().validation
    };
    let per_import = |levels| validation(levels, 11) - validation(levels, 10);
    assert_eq!(per_import(0), ITEM + IMPORTED * 2);
    assert_eq!(per_import(3), ITEM + IMPORTED * (8 * 2 + 7));
    assert_eq!(validation(90, 1), usize::MAX);
}

#[test]
fn a_lowered_function_weighs_with_its_type() {
    let lowered = |fields: usize| {
        let fields: Vec<_> = (0..fields).map(|nth| format!("(field \"f{nth}\" u8)")).collect();
        let fields = fields.join(" ");
        weight(&format!(
            r#"(component
                (type $r' (record (field "first" u8) {fields}))
                (import "r" (type $r (eq $r')))
                (import "f" (func $f (param "x" $r)))
                (core module $m (memory (export "m") 1))
                (core instance $i (instantiate $m))
                (core func (canon lower (func $f) (memory $i "m"))))"#
        ))
        .unwrap()
    };
    assert_eq!(lowered(10), lowered(0) + 10 * TYPE_PART);
}
