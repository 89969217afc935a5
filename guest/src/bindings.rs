//! Bindings of the contract, generated from `wit/`: its types, and a trait and an export macro for each of its interfaces.
//!
//! They are generated here alone, so that a plugin needs no path to the contract, and that its core, its edge and this
//! library speak of the same types. `guest/wit` is a link, which `cargo package` follows.

#![allow(missing_docs, unexpected_cfgs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

pub mod types {
    wit_bindgen::generate!({
        inline: "package plugin:guest; world types { import orchestrator:plugin/types@0.1.0; }",
        path: "wit",
        additional_derives: [PartialEq],
        std_feature,
        generate_all,
    });
}

/// Bindings of one interface, in a world of its own: a component exports the interfaces whose macros it calls.
macro_rules! exported {
    ($interface:ident, $world:literal, $export_macro:literal, $module:literal) => {
        pub mod $interface {
            wit_bindgen::generate!({
                inline: $world,
                path: "wit",
                with: { "orchestrator:plugin/types@0.1.0": crate::bindings::types::orchestrator::plugin::types },
                additional_derives: [PartialEq],
                std_feature,
                generate_all,
                export_macro_name: $export_macro,
                pub_export_macro: true,
                default_bindings_module: $module,
            });
        }
    };
}

exported!(
    task,
    "package plugin:guest; world task { export orchestrator:plugin/task@0.1.0; }",
    "export_task",
    "$crate::bindings::task"
);
exported!(
    cancellation,
    "package plugin:guest; world cancellation { export orchestrator:plugin/cancellation@0.1.0; }",
    "export_cancellation",
    "$crate::bindings::cancellation"
);
exported!(
    preflight,
    "package plugin:guest; world preflight { export orchestrator:plugin/preflight@0.1.0; }",
    "export_preflight",
    "$crate::bindings::preflight"
);
exported!(
    settlement,
    "package plugin:guest; world settlement { export orchestrator:plugin/settlement@0.1.0; }",
    "export_settlement",
    "$crate::bindings::settlement"
);
exported!(
    batch,
    "package plugin:guest; world batch { export orchestrator:plugin/batch@0.1.0; }",
    "export_batch",
    "$crate::bindings::batch"
);
