//! The contract's types and exports, generated from `wit/`.

wit_bindgen::generate!({
    world: "plugin",
    path: "../../../wit",
    pub_export_macro: true,
    default_bindings_module: "hostile_plugins::bindings",
});

/// The optional interface `batch`, for the guests that export it.
pub mod batch {
    wit_bindgen::generate!({
        inline: "package plugin:hostile; world batch { export orchestrator:plugin/batch@0.1.0; }",
        path: "../../../wit",
        with: { "orchestrator:plugin/types@0.1.0": crate::bindings::orchestrator::plugin::types },
        pub_export_macro: true,
        export_macro_name: "export_batch",
        default_bindings_module: "hostile_plugins::bindings::batch",
    });
}
