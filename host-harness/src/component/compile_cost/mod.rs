//! How a component is put together, and what it costs to check that and to compile it, before either is begun.
//!
//! The validator writes types out in full again and again: for each import, each export, each argument of each instance. A
//! few kilobytes of types that refer to each other keep it busy for hours, so it is given none before what it will have to
//! do is known. All that is known here comes from one pass over the file, in time and memory proportional to it.

mod declared;
mod scope;
mod sections;
#[cfg(test)]
mod sections_tests;
mod type_size;

pub(crate) use sections::CompileCost;
