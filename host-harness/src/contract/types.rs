//! The contract's own types, generated from `wit/`: the vocabulary in which host and engine speak. Nothing mirrors them.

use std::fmt;

#[allow(missing_docs, unreachable_pub, unused_qualifications, clippy::pedantic, reason = "generated")]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
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

/// Gives an enumeration of the contract its names in `snake_case`: how they are printed, in text and in JSON.
macro_rules! named {
    ($type:ident { $($case:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// What the contract calls it, in `snake_case`.
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

/// What the contract calls an error's kind, in `snake_case`. (`Display` is taken: it comes with the generated code.)
impl ErrorKind {
    /// What the contract calls it, in `snake_case`.
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
    /// What can be said of the run now, whether it goes on or has ended.
    pub fn report(&self) -> &Report {
        match self {
            Self::Running(running) => &running.report,
            Self::Finished(finished) => &finished.report,
        }
    }
}
