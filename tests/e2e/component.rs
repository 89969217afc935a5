//! Imports, exports and sizes of the components of our plugins.

use std::collections::BTreeSet;

use stitch_simulator::Plan;
use wasmparser::{Parser, Payload};

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
