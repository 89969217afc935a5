//! The findings of a check as JSON.

use serde::Serialize;

use crate::contract::Finding;

/// What a check found, in order.
#[derive(Clone, Debug, Serialize)]
pub struct FindingsDocument<'a> {
    findings: Vec<FindingDocument<'a>>,
    requests: usize,
}

#[derive(Clone, Debug, Serialize)]
struct FindingDocument<'a> {
    code: &'a str,
    status: &'static str,
    message: &'a str,
}

impl<'a> FindingsDocument<'a> {
    /// The findings, and how many requests were made for them.
    pub fn new(findings: &'a [Finding], requests: usize) -> Self {
        let document = |finding: &'a Finding| FindingDocument {
            code: &finding.code,
            status: finding.status.as_str(),
            message: &finding.message,
        };
        Self { findings: findings.iter().map(document).collect(), requests }
    }
}
