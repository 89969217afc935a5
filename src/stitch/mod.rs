//! Stitch's Connect API: paths and parsers of its answers, in its own terms.
//!
//! A file for each endpoint: [`sync`], [`extractions`], [`loads`], [`source`], [`streams`]. [`api`] sends their
//! requests. Parsers accept what Stitch's documentation leaves open (unknown fields, missing optional ones, ids as
//! strings of digits); their errors name the field.

pub mod api;
pub mod api_profile;
pub mod extraction;
pub mod extractions;
pub mod id;
pub mod job_name;
pub mod listed_pages;
pub mod listing;
pub mod loads;
pub mod source;
pub mod streams;
pub mod sync;
