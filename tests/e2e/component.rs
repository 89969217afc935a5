//! Imports, exports and sizes of the components of our plugins.

use std::collections::BTreeSet;

use stitch_simulator::Plan;
use wasmparser::{Parser, Payload};
use wit_parser::{PackageId, Resolve};

use crate::artifact;
use crate::scenario::Scenario;

/// The components of Stitch, Airbyte and Fivetran.
fn components() -> [Vec<u8>; 3] {
    let [airbyte, fivetran] = artifact::other_plugins();
    [artifact::plugin(), airbyte, fivetran].map(|file| std::fs::read(file).expect("the component is readable"))
}

fn imports(component: &[u8]) -> BTreeSet<String> {
    names(component, |payload| match payload {
        Payload::ComponentImportSection(section) => {
            section.into_iter().map(|import| import.expect("an import").name.name.to_owned()).collect()
        }
        _ => Vec::new(),
    })
}

fn exports(component: &[u8]) -> BTreeSet<String> {
    names(component, |payload| match payload {
        Payload::ComponentExportSection(section) => {
            section.into_iter().map(|export| export.expect("an export").name.name.to_owned()).collect()
        }
        _ => Vec::new(),
    })
}

/// The names that `read` finds in sections of the component itself.
fn names(component: &[u8], read: impl Fn(Payload<'_>) -> Vec<String>) -> BTreeSet<String> {
    let mut depth = 0;
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("a valid component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            payload if depth == 0 => names.extend(read(payload)),
            _ => {}
        }
    }
    names
}

#[test]
fn each_imports_http_what_http_needs_a_clock_to_measure_by_and_stderr() {
    let expected = [
        "wasi:cli/stderr",
        "wasi:clocks/monotonic-clock",
        "wasi:http/outgoing-handler",
        "wasi:http/types",
        "wasi:io/error",
        "wasi:io/poll",
        "wasi:io/streams",
    ];
    for component in components() {
        let imports = imports(&component);
        let unversioned = imports.iter().filter_map(|name| name.split_once('@')).map(|(name, _)| name);
        let of_wasi: Vec<_> = unversioned.filter(|name| *name != "orchestrator:plugin/types").collect();
        assert_eq!(of_wasi, expected);
    }
}

#[test]
fn each_exports_the_interfaces_that_it_has_a_macro_for_and_no_other() {
    let all = ["batch", "cancellation", "preflight", "settlement", "task"];
    for (component, expected) in components().iter().zip([&all[..], &all[1..], &all[2..]]) {
        let expected = expected.iter().map(|name| format!("orchestrator:plugin/{name}@0.1.0"));
        assert_eq!(exports(component).into_iter().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

#[test]
fn each_has_at_most_420_000_bytes() {
    for bytes in components().map(|component| component.len()) {
        assert!(bytes <= 420_000, "{bytes} bytes");
    }
}

/// The contract, and the id of its package.
fn contract() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/wit")).expect("wit/ is whole");
    (resolve, package)
}

/// As `wasm-tools component targets`: an error says what of the component does not fit into the world.
fn targets(resolve: &Resolve, package: PackageId, world: &str, component: &[u8]) -> Result<(), String> {
    let world = resolve.select_world(&[package], Some(world)).expect("the world is there");
    wit_component::targets(resolve, world, component).map_err(|error| format!("{error:#}"))
}

#[test]
fn each_fits_into_the_world_of_hosted_plugins() {
    let (resolve, package) = contract();
    for component in components() {
        assert_eq!(targets(&resolve, package, "hosted-plugin", &component), Ok(()));
    }
    let [stitch, airbyte, _] = components();
    assert_eq!(targets(&resolve, package, "hosted-full-plugin", &stitch), Ok(()));
    let error = targets(&resolve, package, "hosted-full-plugin", &airbyte).expect_err("it has no batch");
    assert!(error.contains("missing export named `orchestrator:plugin/batch@0.1.0`"), "{error}");
}

#[test]
fn each_optional_interface_that_one_exports_has_the_types_of_the_contract() {
    for component in components() {
        let (mut resolve, _) = contract();
        let exports: Vec<_> = exports(&component).iter().map(|name| format!("export {name};")).collect();
        let exports = exports.join("\n");
        let world = format!("include orchestrator:plugin/hosted-plugin@0.1.0;\n{exports}");
        let text = format!("package test:plugin;\nworld exported {{\n{world}}}");
        let package = resolve.push_str("exported.wit", &text).expect("a world");
        assert_eq!(targets(&resolve, package, "exported", &component), Ok(()));
    }
}

#[test]
fn of_wasi_the_contract_holds_what_the_plugins_import_and_no_more() {
    let (resolve, _) = contract();
    let held = resolve.interfaces.iter().filter_map(|(id, _)| resolve.id_of(id));
    let held: BTreeSet<String> = held.filter(|name| name.starts_with("wasi:")).collect();
    for component in components() {
        let imported: BTreeSet<String> =
            imports(&component).into_iter().filter(|name| name.starts_with("wasi:")).collect();
        assert_eq!(imported, held);
    }
}

#[tokio::test]
async fn it_describes_the_form_that_the_engine_draws() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let call = scenario.plugin.describe().await;
    assert_eq!(call.requests, []);
    let descriptor = call.outcome.expect("a descriptor");
    let source_id = &descriptor.parameters[0];
    assert_eq!((source_id.label.as_str(), source_id.required), ("Source ID", true));
    assert_eq!(descriptor.origins, ["https://api.stitchdata.com"]);
}
