//! Type checking of a component's exports against the contract.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentNamedList, Lift, Lower};

use crate::Function;
use crate::component::load::LoadError;
use crate::contract::bindings::exports::orchestrator::plugin::batch::WaitingRun;
use crate::contract::{Descriptor, Finding, NamedValue, Progress, TaskError};

type Values<'a> = &'a [NamedValue];

/// Compares the types of all functions of an interface with the contract's, before the component runs: the engine
/// itself would check at the first call only.
pub(crate) fn check(component: &Component, functions: &[Function]) -> Result<(), LoadError> {
    functions.iter().try_for_each(|function| match function {
        Function::Describe => typed::<(), (Descriptor,)>(component, Function::Describe),
        Function::Trigger => typed::<(Values<'_>, Values<'_>), Fallible<Progress>>(component, Function::Trigger),
        Function::Poll => typed::<(Values<'_>, Values<'_>, &str), Fallible<Progress>>(component, Function::Poll),
        Function::Cancel => typed::<(Values<'_>, Values<'_>, &str), Fallible<Progress>>(component, Function::Cancel),
        Function::Check => typed::<(Values<'_>, Values<'_>), Fallible<Vec<Finding>>>(component, Function::Check),
        Function::Settle => typed::<(Values<'_>, Values<'_>, &[u64]), Fallible<Progress>>(component, Function::Settle),
        Function::PollMany => {
            typed::<(Values<'_>, &[WaitingRun]), (Vec<Result<Progress, TaskError>>,)>(component, Function::PollMany)
        }
    })
}

type Fallible<T> = (Result<T, TaskError>,);

fn typed<P, R>(component: &Component, function: Function) -> Result<(), LoadError>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let other = |reason| LoadError::OtherShape { interface: function.interface(), reason };
    let (_, interface) =
        component.get_export(None, function.interface()).ok_or_else(|| other("it is not there".to_owned()))?;
    match component.get_export(Some(&interface), &*function.to_string()) {
        Some((ComponentItem::ComponentFunc(found), _)) => {
            let types = component.component_type();
            let same = found.typecheck::<P, R>(&types.instance_type());
            same.map_err(|error| other(format!("{function} has another type: {error:#}")))
        }
        _ => Err(other(format!("it has no function {function}"))),
    }
}
