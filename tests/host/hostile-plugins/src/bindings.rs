//! The contract's types and exports, generated from `wit/`.

wit_bindgen::generate!({
    world: "plugin",
    path: "../../../wit",
    pub_export_macro: true,
    default_bindings_module: "hostile_plugins::bindings",
});
