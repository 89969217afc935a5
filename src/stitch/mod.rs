//! Stitch's own things, by Stitch's own words: what its Connect API answers, understood.
//!
//! A file for each endpoint holds its path and the parser of its answer: [`sync`], [`extractions`], [`loads`], [`source`],
//! [`streams`]. [`api`] sends their requests. Parsers forgive what Stitch's documentation leaves open (unknown fields,
//! missing optional ones, ids as digits) and name the field where they cannot.

pub mod api;
pub mod api_profile;
pub mod extraction;
pub mod extractions;
pub mod id;
pub mod job_name;
pub mod listing;
pub mod loads;
pub mod source;
pub mod streams;
pub mod sync;
