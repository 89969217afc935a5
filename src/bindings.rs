//! The contract's types, generated from `wit/`.
//!
//! The core speaks them natively too, so nothing is said twice: there is no second set of reports and errors to convert.

#![allow(missing_docs, unexpected_cfgs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    world: "full-plugin",
    path: "wit",
    additional_derives: [PartialEq],
    std_feature,
});
