//! Small components that cost much: a family of them, each with a width and a depth.

/// A way to make a component costly: `width` times something that doubles with each step of `depth`.
pub(crate) struct Bomb {
    /// What is costly in it.
    pub(crate) name: &'static str,
    /// The component in WebAssembly's text format.
    pub(crate) text: fn(width: usize, depth: usize) -> String,
}

/// All that are known.
pub(crate) const BOMBS: [Bomb; 22] = [
    Bomb { name: "instances as arguments", text: |width, depth| instantiated(&instances(depth), "instance", width) },
    Bomb { name: "functions as arguments", text: |width, depth| instantiated(&tuples(depth), "func", width) },
    Bomb { name: "resources as arguments", text: |width, depth| instantiated(&resources(depth), "instance", width) },
    Bomb {
        name: "core modules as arguments",
        text: |width, depth| instantiated(&core_module_type(depth), "core module", width),
    },
    Bomb {
        name: "instances as arguments in components that are never instantiated",
        text: |width, depth| {
            let inside = instantiated(&instances(depth), "instance", width / 2);
            format!("(component {} {inside})", inside.replacen("(component", "(component $twice", 1))
        },
    },
    Bomb { name: "types of instances aliased from outside", text: |width, depth| aliased(&instances(depth), width) },
    Bomb { name: "types of functions aliased from outside", text: |width, depth| aliased(&tuples(depth), width) },
    Bomb { name: "types of instances that export aliases", text: |width, depth| exporting(&instances(depth), width) },
    Bomb { name: "types of instances that export resources", text: |width, depth| exporting(&resources(depth), width) },
    Bomb { name: "imports of instances", text: |width, depth| imported(&instances(depth), "instance", width) },
    Bomb { name: "imports of resources", text: |width, depth| imported(&resources(depth), "instance", width) },
    Bomb { name: "imports of functions", text: |width, depth| imported(&tuples(depth), "func", width) },
    Bomb {
        name: "exports with a type of their own",
        text: |width, depth| {
            format!(
                "(component {} (import \"f\" (func $f (type $t))) {})",
                tuples(depth),
                each(width, |n| format!("(export \"{}\" (func $f) (func (type $t)))", name(n)))
            )
        },
    },
    Bomb {
        name: "exports of instances",
        text: |width, depth| {
            format!(
                "(component {} (import \"i\" (instance $i (type $t))) {})",
                instances(depth),
                each(width, |n| format!("(export \"{}\" (instance $i))", name(n)))
            )
        },
    },
    Bomb {
        name: "instances of resources by their exports",
        text: |width, depth| {
            let one = r#"(instance (export "a" (instance $i)))"#;
            format!("(component {} (import \"i\" (instance $i (type $t))) {})", resources(depth), one.repeat(width))
        },
    },
    Bomb {
        name: "instances of a component with large exports",
        text: |width, depth| {
            format!(
                "(component (component $c {} (import \"i\" (instance $i (type $t))) (export \"i\" (instance $i)))
                    {} (import \"i\" (instance $i (type $t))) {})",
                resources(depth),
                resources(depth),
                r#"(instance (instantiate $c (with "i" (instance $i))))"#.repeat(width)
            )
        },
    },
    Bomb { name: "lowered tuples", text: |width, depth| lowered(&tuples(depth), width) },
    Bomb { name: "lowered variants", text: |width, depth| lowered(&variants(depth), width) },
    Bomb { name: "lowered records", text: |width, depth| lowered(&records(depth), width) },
    Bomb {
        name: "instances of a core module",
        text: |width, depth| {
            let exports = each(1 << depth, |n| format!("(export \"{n}\" (func $f))"));
            let instances = "(core instance (instantiate $m))".repeat(width);
            format!("(component (component (core module $m (func $f) {exports}) {instances}))")
        },
    },
    Bomb { name: "core modules", text: |width, depth| many("(core module (func))", width, depth) },
    Bomb { name: "components", text: |width, depth| many("(component)", width, depth) },
];

fn each(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

fn name(n: usize) -> String {
    format!("n{n}")
}

/// Instances of a component that takes something of the type `$t`.
fn instantiated(types: &str, kind: &str, width: usize) -> String {
    let instance = format!("(instance (instantiate $c (with \"i\" ({kind} $i))))");
    format!(
        "(component (component $c {types} (import \"i\" ({kind} (type $t)))) {types} (import \"i\" ({kind} $i (type $t))) {})",
        instance.repeat(width)
    )
}

/// The type `$t`, aliased in so many components.
fn aliased(types: &str, width: usize) -> String {
    format!("(component {types} {})", "(component (alias outer 1 $t (type)))".repeat(width))
}

/// Types of instances that export one of the type `$t`.
fn exporting(types: &str, width: usize) -> String {
    let one = r#"(type (instance (alias outer 1 $t (type $x)) (export "a" (instance (type $x)))))"#;
    format!("(component {types} {})", one.repeat(width))
}

/// Imports of the type `$t`.
fn imported(types: &str, kind: &str, width: usize) -> String {
    format!("(component {types} {})", each(width, |n| format!("(import \"{}\" ({kind} (type $t)))", name(n))))
}

/// A function of the type `$t`, lowered again and again.
fn lowered(types: &str, width: usize) -> String {
    let lower = r#"(core func (canon lower (func $f) (memory $m "m")))"#.repeat(width);
    format!(
        r#"(component (component {types}
            (core module $m (memory (export "m") 1)) (core instance $m (instantiate $m))
            (import "f" (func $f (type $t))) {lower}))"#
    )
}

/// So many of the same, a thousand in each of so many components.
fn many(one: &str, width: usize, depth: usize) -> String {
    format!("(component {})", format!("(component {})", one.repeat(width.min(1_000))).repeat((1 << depth) / 256 + 1))
}

/// The type `$t` of an instance that exports two instances that export two, and so on.
fn instances(depth: usize) -> String {
    nested(depth, r#"(export "f" (func))"#)
}

/// The same with a resource in each.
fn resources(depth: usize) -> String {
    nested(depth, r#"(export "r" (type (sub resource)))"#)
}

fn nested(depth: usize, innermost: &str) -> String {
    let step = |n: usize| {
        let alias = format!("(alias outer 1 $t{} (type $x))", n - 1);
        format!(
            "(type $t{n} (instance {alias} (export \"a\" (instance (type $x))) (export \"b\" (instance (type $x)))))"
        )
    };
    let steps: String = (1..depth).map(step).collect();
    let last = step(depth).replacen(&format!("$t{depth}"), "$t", 1);
    format!("(type $t0 (instance {innermost})) {steps} {last}")
}

/// The type `$t` of a function that takes a tuple of two tuples of two, and so on.
fn tuples(depth: usize) -> String {
    let step = |n: usize| format!("(type $t{n} (tuple $t{0} $t{0}))", n - 1);
    let steps: String = (1..=depth).map(step).collect();
    format!("(type $t0 (tuple u8)) {steps} (type $t (func (param \"a\" $t{depth})))")
}

/// The same with a variant in each, of which the first case is as large as the second.
fn variants(depth: usize) -> String {
    let step = |n: usize| format!("(type $t{n} (result $t{0} (error $t{0})))", n - 1);
    let steps: String = (1..=depth.min(15)).map(step).collect();
    format!("(type $t0 (tuple u8)) {steps} (type $t (func (param \"a\" $t{})))", depth.min(15))
}

/// The same with records, which are imported by a name each.
fn records(depth: usize) -> String {
    let step = |n: usize| {
        let record = format!("(type $r{n} (record (field \"a\" $t{0}) (field \"b\" $t{0})))", n - 1);
        format!("{record} (import \"t{n}\" (type $t{n} (eq $r{n})))")
    };
    let steps: String = (1..=depth).map(step).collect();
    format!("(type $t0 u8) {steps} (type $t (func (param \"a\" $t{depth})))")
}

/// The type `$t` of a core module with many exports.
fn core_module_type(depth: usize) -> String {
    let exports = each(1 << depth, |n| format!("(export \"{n}\" (func (type $f)))"));
    format!("(core type $t (module (type $f (func)) {exports}))")
}
