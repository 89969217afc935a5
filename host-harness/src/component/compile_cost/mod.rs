//! Compile cost: what validating and compiling a component will take, computed before either begins.
//!
//! The validator expands types again and again: for each import, each export, each argument of each instance. A few
//! kilobytes of types that refer to each other keep it busy for hours, so it gets no component whose cost is not known.
//! One pass over the file computes it, in time and memory proportional to the file.

mod declared;
mod scope;
mod sections;
#[cfg(test)]
mod sections_tests;
mod type_size;

pub(crate) use sections::CompileCost;
