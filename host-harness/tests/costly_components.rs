//! Components that would cost much to validate or to compile: how they are weighed, and that it is done in time.

#![allow(clippy::unwrap_used)]

#[path = "costly_components/bombs.rs"]
mod bombs;

use std::time::{Duration, Instant};

use bombs::BOMBS;
use host_harness::{ComponentInfo, Host, Limits, LoadError};

/// Far more than anything here takes, on any machine; what is not weighed takes hours.
const PATIENCE: Duration = Duration::from_mins(2);

/// A component with the interface that every plugin exports, so that it is validated where it is not refused before.
fn component(text: &str) -> Vec<u8> {
    let task = r#"(instance $none) (export "orchestrator:plugin/task@0.1.0" (instance $none)))"#;
    wat::parse_str(format!("{}{task}", text.strip_suffix(')').unwrap())).unwrap()
}

fn anatomy(text: &str) -> ComponentInfo {
    ComponentInfo::read(&component(text)).unwrap()
}

/// Why it cannot be loaded under these limits.
fn refusal(limits: Limits, bytes: &[u8]) -> LoadError {
    Host::new(limits).unwrap().load_bytes(bytes).unwrap_err()
}

#[test]
fn a_few_kilobytes_that_keep_the_validator_busy_for_hours_are_refused_at_once() {
    let begun = Instant::now();
    for bomb in BOMBS {
        let error = refusal(Limits::default(), &component(&(bomb.text)(900, 13))).to_string();
        assert!(error.contains("its validation goes past the limit validation of 10000000"), "{}: {error}", bomb.name);
    }
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[test]
fn what_is_written_out_twice_as_often_weighs_twice_as_much() {
    for bomb in BOMBS {
        let validation = |width, depth| anatomy(&(bomb.text)(width, depth)).validation;
        let once = validation(400, 11);
        for (twice, of) in [(validation(800, 11), "wide"), (validation(400, 12), "deep")] {
            assert!(twice >= once / 10 * 17, "{}, twice as {of}: {twice}, and not twice {once}", bomb.name);
        }
    }
}

/// The deepest bomb of each kind that is let through takes no longer than its limit says.
#[test]
fn validating_takes_time_in_proportion_to_its_limit() {
    for limit in [100_000, 1_000_000] {
        let begun = Instant::now();
        for bomb in BOMBS {
            let within = |depth: &usize| anatomy(&(bomb.text)(30, *depth)).validation <= limit;
            let Some(depth) = (1..14).take_while(within).last() else { panic!("{}: none is let through", bomb.name) };
            let limits = Limits { validation: limit, ..Limits::default() };
            let error = refusal(limits, &component(&(bomb.text)(30, depth)));
            assert!(!matches!(error, LoadError::NoTask { .. }), "{}: {error}", bomb.name);
        }
        assert!(begun.elapsed() < PATIENCE, "{limit}: {:?}", begun.elapsed());
    }
}

#[test]
fn all_limits_that_are_passed_are_named_at_once() {
    let depth = 10_000;
    let costly = format!("(func {} {} {})", "(local i32)".repeat(1_000), "loop ".repeat(depth), "end ".repeat(depth));
    let large = format!("(func {})", "nop ".repeat(300_000));
    let bomb = (BOMBS[0].text)(900, 13);
    let text = format!("{} (core module {costly} {large}))", bomb.strip_suffix(')').unwrap());
    assert_eq!(
        refusal(Limits::default(), &component(&text)).to_string(),
        "its largest function goes past the limit function_body of 256 KiB, its code goes past the limit weight of \
         10000000, its validation goes past the limit validation of 10000000"
    );
}

#[test]
fn validating_is_waited_for_no_longer_than_compiling() {
    let compile = Duration::from_millis(50);
    let limits = Limits { compile, validation: usize::MAX, weight: usize::MAX, ..Limits::default() };
    let error = refusal(limits, &component(&(BOMBS[1].text)(900, 17)));
    assert_eq!(error.to_string(), "its compilation goes past the limit compile of 50ms");
}

#[test]
fn reading_is_waited_for_no_longer_than_compiling() {
    let host = Host::new(Limits { compile: Duration::ZERO, ..Limits::default() }).unwrap();
    let error =
        host.anatomy(&component(&format!("(component {})", "(core module (func))".repeat(50_000)))).unwrap_err();
    assert_eq!(error.to_string(), "its examination goes past the limit compile of 0s");
}

/// One type inside the other, as bytes: the text format has a bound of its own.
#[test]
fn types_too_deep_in_each_other_are_refused_before_anything_reads_them_on_its_stack() {
    for (depth, first) in [(17, 0x42), (1_000_000, 0x42), (1_000_000, 0x41)] {
        let mut types = vec![1];
        types.extend([first, 1, 1].repeat(depth));
        types.extend([0x40, 0, 1, 0]);
        let mut bytes = b"\0asm\x0d\0\x01\0\x07".to_vec();
        // The length of the section, in seven bits a byte.
        for (shift, more) in [(0, 0x80), (7, 0x80), (14, 0x80), (21, 0x80), (28, 0)] {
            bytes.push(types.len().wrapping_shr(shift).to_le_bytes()[0] & 0x7f | more);
        }
        bytes.extend(types);
        let error = refusal(Limits::default(), &bytes).to_string();
        let deep = "it cannot be compiled: it declares types more than 16 deep in each other";
        assert!(error == deep || (first == 0x41 && error.contains("declares the type of a component")), "{error}");
    }
}

#[test]
fn types_that_refer_to_each_other_too_deep_are_refused_before_the_validator_crashes() {
    let one = |n: usize| {
        format!("(type $t{n} (instance (alias outer 1 $t{} (type $x)) (export \"a\" (instance (type $x)))))", n - 1)
    };
    let types: String = (1..140).map(one).collect();
    let error = refusal(Limits::default(), &component(&format!("(component (type $t0 (instance)) {types})")));
    assert_eq!(error.to_string(), "it cannot be compiled: its types lie more than 100 deep in each other");
}

#[test]
fn an_ordinary_component_of_many_interfaces_stays_far_below() {
    let interface = |n: usize| {
        let before = if n == 0 { "" } else { "use i0.{thing, state, failure};" };
        let own = if n == 0 {
            "resource thing { constructor(name: string); name: func() -> string; }
             enum state { waiting, running, done }
             variant failure { denied, timed-out(u64), other(tuple<string, list<string>>) }"
        } else {
            ""
        };
        let methods: Vec<_> = (0..30)
            .map(|m| {
                format!("m{m}: func(page: option<record{n}>, by: borrow<thing>) -> result<list<record{n}>, failure>;")
            })
            .collect();
        let methods = methods.concat();
        format!(
            "interface i{n} {{ {before} {own}
                record record{n} {{ id: u64, name: string, state: state, tags: list<tuple<string, string>>, at: option<f64> }}
                resource handle{n} {{ constructor(of: record{n}); get: func() -> result<record{n}, failure>; }}
                {methods} }}"
        )
    };
    let count = 15;
    let interfaces: String = (0..count).map(interface).collect();
    let imports: Vec<_> = (0..count).map(|n| format!("import i{n};")).collect();
    let imports = imports.concat();
    let exported = count - 1;
    let text = format!("package sample:large; {interfaces} world all {{ {imports} export i{exported}; }}");
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("large.wit", &text).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8).unwrap();
    let component = wit_component::ComponentEncoder::default().module(&module).unwrap().encode().unwrap();
    let anatomy = ComponentInfo::read(&component).unwrap();
    let limits = Limits::default();
    assert!(anatomy.validation < limits.validation / 5, "{anatomy:?}");
    assert!(anatomy.weight < limits.weight, "{anatomy:?}");
}
