//! Components that are no plugins, or bad ones: written as text, so that each shows all that there is to it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::time::Duration;

use host_harness::{CallError, CompileCache, Function, Host, Limit, Limits, Plugin, Size};

fn host() -> Host {
    let limits = Limits { cpu: Duration::from_millis(300), memory: Size(1 << 20), ..Limits::default() };
    Host::new(limits).unwrap()
}

/// Why the component in WebAssembly's text format cannot be loaded.
fn refusal(text: &str) -> String {
    host().load_bytes(&wat::parse_str(text).unwrap()).unwrap_err().to_string()
}

/// A component of the contract around the functions that this core module exports beside those of the contract.
fn component(text: &str) -> Vec<u8> {
    let mut contract = wit_parser::Resolve::default();
    let (package, _) = contract.push_dir("../wit").unwrap();
    encoded(&module(text), &contract, package, "plugin")
}

/// A core module of the contract's `task`, with this text in it.
fn module(module: &str) -> String {
    let memory = if module.contains("(memory ") { "" } else { r#"(memory (export "memory") 1)"# };
    format!(
        r#"(module {memory} {module}
            (func (export "orchestrator:plugin/task@0.1.0#describe") (result i32) unreachable)
            (func (export "orchestrator:plugin/task@0.1.0#trigger") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "orchestrator:plugin/task@0.1.0#poll") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#
    )
}

/// A component around a core module, of this world of the package.
fn encoded(module: &str, contract: &wit_parser::Resolve, package: wit_parser::PackageId, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap();
    let world = contract.select_world(&[package], Some(world)).unwrap();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, contract, world, encoding).unwrap();
    wit_component::ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// A component that exports `task` and `batch`, and whose `poll-many` has this type.
fn batching(poll_many: &str) -> Vec<u8> {
    let mut contract = fs::read_to_string("../wit/world.wit").unwrap();
    for interface in ["batch", "cancellation", "preflight", "settlement", "task", "types"] {
        contract += &fs::read_to_string(format!("../wit/{interface}.wit")).unwrap();
    }
    let (before, rest) = contract.split_once("poll-many: ").unwrap();
    let (_, after) = rest.split_once(';').unwrap();
    let text = format!("{before}poll-many: {poll_many};{after} world batching {{ include plugin; export batch; }}");
    let mut contract = wit_parser::Resolve::default();
    let package = contract.push_str("contract.wit", &text).unwrap();
    let poll_many = r#"(func (export "orchestrator:plugin/batch@0.1.0#poll-many")
        (param i32 i32 i32 i32) (result i32) unreachable)"#;
    encoded(&module(poll_many), &contract, package, "batching")
}

/// A plugin whose only act is this core module.
fn plugin(module: &str) -> Plugin {
    host().load_bytes(&component(module)).unwrap()
}

/// Why a plugin with this core module cannot be loaded under these limits.
fn refused_under(limits: Limits, module: &str) -> String {
    Host::new(limits).unwrap().load_bytes(&component(module)).unwrap_err().to_string()
}

async fn describe_error(module: &str) -> CallError {
    plugin(module).describe().await.outcome.unwrap_err()
}

/// How a plugin with this core module, whose `describe` crashes, ends under these limits.
async fn describe_error_under(limits: Limits, module: &str) -> CallError {
    let plugin = Host::new(limits).unwrap().load_bytes(&component(module)).unwrap();
    plugin.describe().await.outcome.unwrap_err()
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = host().load("no/such/plugin.wasm").unwrap_err().to_string();
    assert!(error.starts_with("no/such/plugin.wasm cannot be read: "), "{error}");
}

#[test]
fn text_is_no_component() {
    for bytes in [&b""[..], b"(component)", b"\x7fELF\x02\x01\x01\x00"] {
        let error = host().load_bytes(bytes).unwrap_err().to_string();
        assert_eq!(error, "it is not a WebAssembly component");
    }
}

#[test]
fn a_core_module_is_no_component() {
    assert_eq!(
        refusal("(module)"),
        "it is a core WebAssembly module and not a component: build it for the target wasm32-wasip2"
    );
}

#[test]
fn a_component_that_breaks_off_cannot_be_compiled() {
    let error = host().load_bytes(b"\0asm\x0d\0\x01\0\x01\xff").unwrap_err().to_string();
    assert!(error.starts_with("it cannot be compiled: "), "{error}");
}

#[test]
fn a_component_without_the_task_interface_is_refused_with_what_it_exports() {
    assert_eq!(
        refusal("(component)"),
        "it does not export orchestrator:plugin/task@0.1.0, which this host calls; it exports nothing"
    );
    assert_eq!(
        refusal(r#"(component (instance $i) (export "sample:a/b@1.0.0" (instance $i)))"#),
        "it does not export orchestrator:plugin/task@0.1.0, which this host calls; it exports sample:a/b@1.0.0"
    );
}

#[test]
fn another_version_of_the_contract_is_refused_with_both_versions() {
    for (version, line) in [("0.2.0", "0.2"), ("1.0.0", "1")] {
        assert_eq!(
            refusal(&format!(
                r#"(component (instance $i) (export "orchestrator:plugin/task@{version}" (instance $i)))"#
            )),
            format!(
                "it exports orchestrator:plugin/task@{version}; this host speaks 0.1: use a host that speaks {line}, or \
                 build the plugin against orchestrator:plugin@0.1.0"
            )
        );
    }
}

#[test]
fn a_task_interface_of_another_shape_is_refused() {
    assert_eq!(
        refusal(r#"(component (instance $i) (export "orchestrator:plugin/task@0.1.0" (instance $i)))"#),
        "its orchestrator:plugin/task@0.1.0 is not that of the contract: it has no function describe"
    );
}

#[test]
fn functions_of_another_type_are_refused_before_anything_runs() {
    let text = r#"(component
        (core module $module (func $trap unreachable) (func (export "f")) (start $trap))
        (core instance $core (instantiate $module))
        (func $f (canon lift (core func $core "f")))
        (instance $task (export "describe" (func $f)) (export "trigger" (func $f)) (export "poll" (func $f)))
        (export "orchestrator:plugin/task@0.1.0" (instance $task)))"#;
    assert_eq!(
        refusal(text),
        "its orchestrator:plugin/task@0.1.0 is not that of the contract: \
         describe has another type: expected 1-tuple, found 0-tuple"
    );
}

#[test]
fn an_optional_interface_of_another_type_is_refused() {
    let contract = "func(connection: connection, runs: list<waiting-run>) -> list<result<progress, task-error>>";
    let plugin = host().load_bytes(&batching(contract)).unwrap();
    assert!(plugin.offers(Function::PollMany) && !plugin.offers(Function::Cancel));
    let refused = |poll_many: &str| host().load_bytes(&batching(poll_many)).unwrap_err().to_string();
    let another = "its orchestrator:plugin/batch@0.1.0 is not that of the contract: poll-many has another type: ";
    for (poll_many, reason) in [
        (
            "func(connection: connection, runs: list<waiting-run>) -> list<progress>",
            "expected `result` found `variant`",
        ),
        (
            "func(connection: connection, runs: list<run>) -> list<result<progress, task-error>>",
            "expected `record` found `string`",
        ),
    ] {
        assert_eq!(refused(poll_many), format!("{another}{reason}"));
    }
}

#[test]
fn all_imports_that_are_not_offered_are_named() {
    let error = refusal(
        r#"(component
            (import "sample:weapons/missiles@1.0.0" (instance (export "launch" (func))))
            (import "wasi:http/handler@0.3.0" (instance (export "handle" (func))))
            (instance $i)
            (export "orchestrator:plugin/task@0.1.0" (instance $i)))"#,
    );
    assert_eq!(
        error,
        "it imports what this host does not offer: sample:weapons/missiles@1.0.0, wasi:http/handler@0.3.0 (offered is \
         0.2); offered are wasi:cli, wasi:clocks, wasi:filesystem, wasi:http, wasi:io, wasi:random and wasi:sockets, \
         all 0.2"
    );
}

#[test]
fn a_file_is_read_no_further_than_four_times_its_limit() {
    let host = Host::new(Limits { component: Size(100), ..Limits::default() }).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for error in [host.load(manifest).unwrap_err(), host.load_bytes(&[0; 101]).unwrap_err()] {
        assert_eq!(error.to_string(), "its file goes past the limit component of 100 B");
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_with_all_limits_that_it_passes() {
    let bytes = component(&format!("(func {})", "nop ".repeat(1_000)));
    let limits = Limits { component: Size(bytes.len() - 1), function_body: Size(100), weight: 1, ..Limits::default() };
    let host = Host::new(limits).unwrap();
    let file = std::env::temp_dir().join(format!("too-large-{}.wasm", std::process::id()));
    fs::write(&file, &bytes).unwrap();
    let errors = [host.load(&file).unwrap_err(), host.load_bytes(&bytes).unwrap_err()];
    fs::remove_file(&file).unwrap();
    for error in errors {
        assert_eq!(
            error.to_string(),
            format!(
                "its file goes past the limit component of {} B, its largest function goes past the limit function_body of \
                 100 B, its code goes past the limit weight of 1",
                bytes.len() - 1
            )
        );
    }
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    for path in ["/dev/zero", "/dev"] {
        let error = host().load(path).unwrap_err().to_string();
        assert!(error.starts_with(path) && error.contains(" cannot be read: "), "{error}");
    }
}

#[test]
fn a_function_too_large_is_refused_before_it_is_compiled() {
    let module = format!("(func {})", "nop ".repeat(1_000));
    assert_eq!(
        refused_under(Limits { function_body: Size(1_000), ..Limits::default() }, &module),
        "its largest function goes past the limit function_body of 1000 B"
    );
}

#[test]
fn code_that_costs_too_much_to_compile_is_refused_before_it_is_compiled() {
    let depth = 10_000;
    let module = format!("(func {} {} {})", "(local i32)".repeat(1_000), "loop ".repeat(depth), "end ".repeat(depth));
    assert_eq!(refused_under(Limits::default(), &module), "its code goes past the limit weight of 10000000");
}

#[test]
fn components_that_multiply_inside_each_other_are_refused_before_they_are_compiled() {
    let mut bomb = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for level in 1..=3 {
        let instances = format!("(instance (instantiate $c{}))", level - 1).repeat(100);
        bomb = format!("(component $c{level} {bomb} {instances})");
    }
    assert_eq!(refusal(&bomb), "its code goes past the limit weight of 10000000");
}

#[test]
fn instances_that_double_are_refused_before_they_are_compiled() {
    let doubled = |level: usize| {
        let before = level - 1;
        format!("(instance $i{level} (export \"a\" (instance $i{before})) (export \"b\" (instance $i{before})))")
    };
    let bomb = format!("(component (instance $i0) {})", (1..=18).map(doubled).collect::<Vec<_>>().join(" "));
    assert_eq!(refusal(&bomb), "its code goes past the limit weight of 10000000");
}

#[test]
fn functions_without_end_between_components_are_refused_before_they_are_compiled() {
    let bomb = format!(
        r#"(component
            (component $a
                (core module $m (func (export "f")))
                (core instance $i (instantiate $m))
                (func (export "f") (canon lift (core func $i "f"))))
            (instance $a (instantiate $a))
            {})"#,
        r#"(core func (canon lower (func $a "f")))"#.repeat(5_000)
    );
    assert_eq!(refusal(&bomb), "its code goes past the limit weight of 10000000");
}

#[test]
fn compiling_is_waited_for_no_longer_than_its_limit() {
    assert_eq!(
        refused_under(Limits { compile: Duration::ZERO, ..Limits::default() }, ""),
        "its compilation goes past the limit compile of 0s"
    );
}

#[tokio::test]
async fn a_plugin_that_spins_is_ended() {
    let error = describe_error("(func $spin (loop (br 0))) (start $spin)").await;
    assert_eq!(error.to_string(), "the plugin's describe went past the limit cpu of 300ms and was ended");
}

#[tokio::test]
async fn a_plugin_that_grows_beyond_its_memory_is_ended_with_the_limit() {
    let module =
        r#"(memory (export "memory") 1) (func $grow (drop (memory.grow (i32.const 16))) unreachable) (start $grow)"#;
    let error = describe_error(module).await.to_string();
    assert_eq!(error, "the plugin's describe went past the limit memory of 1 MiB and was ended");
}

#[tokio::test]
async fn a_plugin_that_starts_with_too_much_memory_is_ended_with_the_limit() {
    let error = describe_error(r#"(memory (export "memory") 17)"#).await.to_string();
    assert_eq!(error, "the plugin's describe went past the limit memory of 1 MiB and was ended");
}

#[tokio::test]
async fn a_plugin_of_too_many_parts_is_ended_with_the_limit() {
    for (limit, parts, module) in [
        (Limit::Instances, 1, ""),
        (Limit::Tables, 3, "(table 1 funcref) (table 1 funcref) (table 1 funcref)"),
        (Limit::Memories, 2, r#"(memory (export "memory") 1) (memory 1)"#),
    ] {
        let mut limits = Limits::default();
        limits.set(limit, &parts.to_string()).unwrap();
        let enough = describe_error_under(limits.clone(), module).await;
        assert!(matches!(enough, CallError::Trapped { .. }), "{limit:?}: {enough}");
        limits.set(limit, &(parts - 1).to_string()).unwrap();
        match describe_error_under(limits, module).await {
            CallError::LimitExceeded { exceeded, .. } => assert_eq!(exceeded.limit, limit),
            error => panic!("{limit:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_plugin_that_traps_is_an_error_that_says_how() {
    assert_eq!(
        describe_error("(func $trap unreachable) (start $trap)").await.to_string(),
        "the plugin's describe crashed: wasm trap: wasm `unreachable` instruction executed"
    );
}

#[tokio::test]
async fn a_plugin_without_an_optional_interface_says_so() {
    let plugin = plugin("");
    assert!(!plugin.offers(Function::Cancel) && !plugin.offers(Function::Check));
    let arguments = host_harness::Arguments::new(Vec::new(), Vec::new());
    assert_eq!(
        plugin.cancel(&arguments, "run").await.outcome.unwrap_err().to_string(),
        "the plugin cannot cancel: it does not export orchestrator:plugin/cancellation@0.1.0"
    );
}

#[tokio::test]
async fn one_plugin_is_called_from_many_tasks_at_once() {
    let plugin = plugin("(func $trap unreachable) (start $trap)");
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let plugin = plugin.clone();
            tokio::spawn(async move {
                let arguments = host_harness::Arguments::new(Vec::new(), Vec::new());
                let watcher = host_harness::Watcher {
                    plugin: &plugin,
                    arguments: &arguments,
                    policy: &host_harness::PollPolicy::default(),
                    clock: &host_harness::SystemClock::new(),
                };
                watcher.run(|_| {}, std::future::pending()).await.end
            })
        })
        .collect();
    for call in calls {
        assert!(matches!(call.await.unwrap(), host_harness::WatchEnd::Failed(CallError::Trapped { .. })));
    }
}

#[test]
fn what_is_in_the_compile_cache_is_held_to_the_limits_all_the_same() {
    let folder = std::env::temp_dir().join(format!("compile-cache-limits-{}", std::process::id()));
    let bytes = component("");
    let under = |limits| Host::new(limits).unwrap().with_cache(CompileCache::open(&folder).unwrap()).load_bytes(&bytes);
    assert!(under(Limits::default()).is_ok());
    let entries = fs::read_dir(&folder).unwrap().count();
    let weight = under(Limits { weight: 1, ..Limits::default() }).unwrap_err().to_string();
    let file = under(Limits { component: Size(100), ..Limits::default() }).unwrap_err().to_string();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(entries, 1);
    assert_eq!(
        (&*weight, &*file),
        ("its code goes past the limit weight of 1", "its file goes past the limit component of 100 B")
    );
}
