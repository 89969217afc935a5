//! The contract's types, generated from `wit/`. Host and engine use them as they are: nothing mirrors them.

use std::fmt;

#[allow(missing_docs, unreachable_pub, unused_qualifications, clippy::pedantic, reason = "generated")]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "full-plugin",
        exports: { default: async },
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::orchestrator::plugin::preflight::{Finding, FindingStatus};
pub use bindings::orchestrator::plugin::types::{
    Descriptor, ErrorKind, Field, FieldKind, Finished, Link, NamedValue, Progress, Report, RequestBudget, Restrictions,
    Running, Step, StepStatus, TaskError, Value, Verdict,
};

/// Implements `as_str` and `Display` for an enumeration of the contract: the names printed in text and in JSON.
macro_rules! named {
    ($type:ident { $($case:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// The contract's name of the case, in `snake_case`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

named!(Verdict {
    Succeeded => "succeeded",
    Failed => "failed",
    Cancelled => "cancelled",
    Unknown => "unknown",
    Skipped => "skipped",
});

named!(StepStatus {
    Pending => "pending",
    Running => "running",
    Succeeded => "succeeded",
    Failed => "failed",
    Cancelled => "cancelled",
    Unknown => "unknown",
});

named!(FieldKind {
    Text => "text",
    Integer => "integer",
    Decimal => "decimal",
    Boolean => "boolean",
});

named!(FindingStatus {
    Ok => "ok",
    Warning => "warning",
    Problem => "problem",
});

/// An error kind's name. It has no `Display` here: the generated code brings one.
impl ErrorKind {
    /// The contract's name of the case, in `snake_case`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::NotUnderstood => "not_understood",
            Self::Denied => "denied",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Boolean(truth) => truth.fmt(f),
        }
    }
}

impl Progress {
    /// The report on the run so far, whether it goes on or has ended.
    pub fn report(&self) -> &Report {
        match self {
            Self::Running(running) => &running.report,
            Self::Finished(finished) => &finished.report,
        }
    }
}
