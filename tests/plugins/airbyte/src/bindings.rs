//! The exports of the contract, generated from `wit/`; the types are the guest library's.

#![allow(missing_docs, unexpected_cfgs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

plugin_guest::wit_bindgen::generate!({
    world: "full-plugin",
    path: "../../../wit",
    with: { "orchestrator:plugin/types@0.1.0": plugin_guest::contract },
    runtime_path: "plugin_guest::wit_bindgen::rt",
    additional_derives: [PartialEq],
    std_feature,
});
