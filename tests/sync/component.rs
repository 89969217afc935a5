//! What the component file itself promises.

use std::collections::BTreeSet;

use stitch_simulator::Plan;
use wasmparser::{Parser, Payload};

use crate::artifact;
use crate::scenario::Scenario;

fn component() -> Vec<u8> {
    std::fs::read(artifact::plugin()).expect("the component is readable")
}

/// The names at the component's own level that `read` finds in a section of it.
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
fn it_imports_http_what_http_needs_a_clock_to_measure_by_and_stderr() {
    let imports = names(&component(), |payload| match payload {
        Payload::ComponentImportSection(section) => {
            section.into_iter().map(|import| import.expect("an import").name.name.to_owned()).collect()
        }
        _ => Vec::new(),
    });
    let imports: BTreeSet<&str> =
        imports.iter().filter_map(|name| name.split_once('@')).map(|(name, _)| name).collect();
    let expected = [
        "wasi:cli/stderr",
        "wasi:clocks/monotonic-clock",
        "wasi:http/outgoing-handler",
        "wasi:http/types",
        "wasi:io/error",
        "wasi:io/poll",
        "wasi:io/streams",
    ];
    let types_of_the_contract = "orchestrator:plugin/types";
    assert_eq!(imports.into_iter().filter(|name| *name != types_of_the_contract).collect::<Vec<_>>(), expected);
}

#[test]
fn it_exports_every_interface_of_the_contract() {
    let exports = names(&component(), |payload| match payload {
        Payload::ComponentExportSection(section) => {
            section.into_iter().map(|export| export.expect("an export").name.name.to_owned()).collect()
        }
        _ => Vec::new(),
    });
    let expected =
        ["cancellation", "preflight", "settlement", "task"].map(|name| format!("orchestrator:plugin/{name}@0.1.0"));
    assert_eq!(exports.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn it_has_at_most_400_000_bytes() {
    let bytes = component().len();
    assert!(bytes <= 400_000, "{bytes} bytes");
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
