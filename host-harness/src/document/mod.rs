//! JSON documents: how runs, errors, findings, descriptors and components are printed and stored.
//!
//! One shape for the command line, for pipelines and for engines; its schema is `docs/output.schema.json`. Nothing here is
//! redacted: pass a document through [`Redactor`](crate::Redactor) before it is shown.

mod component;
mod descriptor;
mod error;
mod findings;
mod run;
mod value;

pub use component::ComponentDocument;
pub use descriptor::DescriptorDocument;
pub use error::ErrorDocument;
pub use findings::FindingsDocument;
pub use run::RunDocument;
