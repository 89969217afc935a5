//! Components that are no plugins, or bad ones: written as text, so that each shows all that there is to it.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use host_harness::{CallError, Function, Host, Limits, Plugin, Size};

fn host() -> Host {
    let limits = Limits { cpu: Duration::from_millis(300), memory: Size(1 << 20), ..Limits::default() };
    Host::new(limits).unwrap()
}

/// Why the component in WebAssembly's text format cannot be loaded.
fn refusal(text: &str) -> String {
    host().load_bytes(&wat::parse_str(text).unwrap()).unwrap_err().to_string()
}

/// A plugin whose only act is this core module, with all functions of `task` in it.
fn plugin(module: &str) -> Plugin {
    let text = format!(
        r#"(component
            (core module $module {module} (func (export "f")))
            (core instance $core (instantiate $module))
            (func $f (canon lift (core func $core "f")))
            (instance $task
                (export "describe" (func $f)) (export "trigger" (func $f)) (export "poll" (func $f)))
            (export "orchestrator:plugin/task@0.1.0" (instance $task)))"#
    );
    host().load_bytes(&wat::parse_str(text).unwrap()).unwrap()
}

async fn describe_error(module: &str) -> CallError {
    plugin(module).describe().await.outcome.unwrap_err()
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
        assert_eq!(error, "it is no WebAssembly component");
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
        refusal(r#"(component (instance $i) (export "orchestrator:plugin/task@0.2.0" (instance $i)))"#),
        "it does not export orchestrator:plugin/task@0.1.0, which this host calls; \
         it exports orchestrator:plugin/task@0.2.0"
    );
}

#[test]
fn a_task_interface_of_another_shape_is_refused() {
    let error = refusal(r#"(component (instance $i) (export "orchestrator:plugin/task@0.1.0" (instance $i)))"#);
    assert!(error.starts_with("its orchestrator:plugin/task@0.1.0 is not that of the contract: "), "{error}");
}

#[test]
fn an_import_that_is_not_offered_is_named() {
    let error = refusal(
        r#"(component
            (import "sample:weapons/missiles@1.0.0" (instance (export "launch" (func))))
            (instance $i)
            (export "orchestrator:plugin/task@0.1.0" (instance $i)))"#,
    );
    assert!(error.starts_with("it imports what this host does not offer: "), "{error}");
    assert!(error.contains("sample:weapons/missiles@1.0.0"), "{error}");
}

#[tokio::test]
async fn a_plugin_that_spins_is_ended() {
    let error = describe_error("(func $spin (loop (br 0))) (start $spin)").await;
    assert_eq!(error.to_string(), "the plugin's describe went past the limit cpu of 300ms and was ended");
}

#[tokio::test]
async fn a_plugin_that_grows_beyond_its_memory_is_ended_with_the_limit() {
    let module = "(memory 1) (func $grow (drop (memory.grow (i32.const 16))) unreachable) (start $grow)";
    let error = describe_error(module).await.to_string();
    assert_eq!(error, "the plugin's describe went past the limit memory of 1 MiB and was ended");
}

#[tokio::test]
async fn a_plugin_that_starts_with_too_much_memory_is_ended_with_the_limit() {
    let error = describe_error("(memory 17)").await.to_string();
    assert_eq!(error, "the plugin's describe went past the limit memory of 1 MiB and was ended");
}

#[tokio::test]
async fn a_plugin_that_traps_is_an_error_that_says_how() {
    assert_eq!(
        describe_error("(func $trap unreachable) (start $trap)").await.to_string(),
        "the plugin's describe crashed: wasm trap: wasm `unreachable` instruction executed"
    );
}

#[tokio::test]
async fn functions_of_another_type_are_an_error() {
    assert_eq!(describe_error("").await.to_string(), "the plugin's describe crashed: expected 1-tuple, found 0-tuple");
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
        assert!(matches!(call.await.unwrap(), host_harness::End::Failed(CallError::Trapped { .. })));
    }
}
