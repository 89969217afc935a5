//! x
pub mod bindings { wit_bindgen::generate!({ world: "full-plugin", path: "wit", additional_derives: [PartialEq] }); }
