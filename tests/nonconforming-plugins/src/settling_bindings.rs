//! The exports of a plugin that can settle, generated from `wit/`; the types are the guest library's.

#![allow(missing_docs, unexpected_cfgs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

plugin_guest::wit_bindgen::generate!({
    inline: "package nonconforming:plugin;
        world settling {
            include orchestrator:plugin/plugin@0.1.0;
            export orchestrator:plugin/settlement@0.1.0;
        }",
    path: "../../wit",
    with: { "orchestrator:plugin/types@0.1.0": plugin_guest::contract },
    runtime_path: "plugin_guest::wit_bindgen::rt",
    additional_derives: [PartialEq],
    pub_export_macro: true,
    generate_all,
    std_feature,
});
