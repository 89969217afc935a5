//! The contract's types, generated from `wit/`.
//!
//! The cores of the plugins speak them natively too, so nothing is said twice: there is no second set of reports and errors
//! to convert. A plugin generates its exports itself, those that it has, with these types.

#![allow(missing_docs, unexpected_cfgs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    inline: "package plugin:guest; world types { import orchestrator:plugin/types@0.1.0; }",
    path: "../wit",
    additional_derives: [PartialEq],
    std_feature,
    generate_all,
});
