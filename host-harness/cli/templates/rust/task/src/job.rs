//! The job that a task runs, from its parameters.

use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::inputs::{Inputs, required};

/// Parses the parameters: the number of the job.
pub fn job_id(parameters: &[NamedValue]) -> Result<u64, TaskError> {
    required(
        Inputs(parameters).id("job_id")?,
        "job_id",
        "it is the last part of the job's URL in Acme",
    )
}
