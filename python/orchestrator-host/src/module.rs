//! The module's contents.

use pyo3::prelude::*;

use crate::exceptions::{HostError, InputError, LoadError};
use crate::{attaching, call, host, plugin, poll_policy, rate_limiter, secret, starts, task, trigger_record, watch};

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let at_exit = wrap_pyfunction!(attaching::at_exit, module)?;
    py.import("atexit")?.call_method1("register", (at_exit,))?;
    module.add("HostError", py.get_type::<HostError>())?;
    module.add("InputError", py.get_type::<InputError>())?;
    module.add("LoadError", py.get_type::<LoadError>())?;
    module.add_class::<call::Call>()?;
    module.add_class::<host::Host>()?;
    module.add_class::<plugin::Plugin>()?;
    module.add_class::<rate_limiter::RateLimiter>()?;
    module.add_class::<secret::Secret>()?;
    module.add_class::<starts::Starts>()?;
    module.add_class::<task::Task>()?;
    module.add_class::<trigger_record::TriggerRecord>()?;
    module.add_class::<watch::Watch>()?;
    module.add_function(wrap_pyfunction!(poll_policy::check_policy, module)?)?;
    module.add_function(wrap_pyfunction!(poll_policy::poll_wait, module)?)?;
    module.add_function(wrap_pyfunction!(poll_policy::poll_retry, module)?)?;
    module.add_function(wrap_pyfunction!(poll_policy::start_backoff, module)?)
}
