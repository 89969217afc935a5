//! Type size: how many parts a type has once expanded.

use std::collections::HashMap;
use std::error::Error;
use std::rc::Rc;

use wasmparser::{ComponentDefinedType, ComponentExternalKind, ComponentFuncType, ComponentValType};

use crate::component::compile_cost::scope::Scope;

/// The deepest nesting of types. The validator has the same limit for value types; with instances it panics soon after.
const DEEPEST: usize = 100;

/// The parts of a value type that cost the validator as much as one export of an instance.
pub(super) const EXPORT: usize = 6;

/// The same for a resource, per enclosing instance up to the outermost: each has a table of the resources in it.
const RESOURCE: usize = 40;

/// The bytes of a name that cost as much as one part.
const NAME: usize = 32;

/// The size of a type. Other types may be built from it that are far larger than the file.
#[derive(Clone, Default)]
pub(super) struct TypeSize<'a> {
    /// Its parts, including those of each type that it refers to, once per reference.
    pub(super) parts: usize,
    /// Of an instance: its items, including those of nested instances.
    pub(super) things: usize,
    /// Of an instance: its exports by name.
    pub(super) exports: Option<Rc<Exports<'a>>>,
    resources: usize,
    depth: usize,
}

/// The exports of an instance: kind and type by name.
pub(super) type Exports<'a> = HashMap<&'a str, (ComponentExternalKind, TypeSize<'a>)>;

pub(super) type Result<T> = std::result::Result<T, Box<dyn Error>>;

impl<'a> TypeSize<'a> {
    /// A type that contains no other.
    pub(super) fn leaf(parts: usize) -> Self {
        Self { parts, things: 1, ..Self::default() }
    }

    pub(super) fn resource() -> Self {
        Self { resources: 1, ..Self::leaf(1) }
    }

    /// The type of an instance with these exports.
    pub(super) fn instance(exports: Exports<'a>) -> Result<Self> {
        let mut size = Self::leaf(1);
        for (name, (kind, export)) in &exports {
            size.contain(1, export)?;
            size.add(EXPORT.saturating_add(name_parts(name)));
            size.things =
                size.things.saturating_add(if *kind == ComponentExternalKind::Instance { export.things } else { 1 });
            if matches!(kind, ComponentExternalKind::Instance | ComponentExternalKind::Type) {
                size.resources = size.resources.saturating_add(export.resources);
            }
        }
        size.add(size.resources());
        size.exports = Some(Rc::new(exports));
        Ok(size)
    }

    pub(super) fn function(function: &ComponentFuncType<'_>, scope: &Scope<'a>) -> Result<Self> {
        let mut size = Self::leaf(0);
        for (name, value) in &function.params {
            size.add(name_parts(name));
            size.hold(1, *value, scope)?;
        }
        size.hold_all(function.result, scope)?;
        Ok(size)
    }

    pub(super) fn defined(defined: &ComponentDefinedType<'_>, scope: &Scope<'a>) -> Result<Self> {
        use ComponentDefinedType as T;
        let mut size = Self::leaf(1);
        match defined {
            T::Primitive(_) | T::Own(_) | T::Borrow(_) => {}
            T::Flags(names) | T::Enum(names) => names.iter().for_each(|name| size.add(1 + name_parts(name))),
            T::Record(fields) => {
                for (name, value) in fields {
                    size.add(name_parts(name));
                    size.hold(1, *value, scope)?;
                }
            }
            T::Tuple(values) => size.hold_all(values.iter().copied(), scope)?,
            T::Variant(cases) => {
                for case in cases {
                    size.add(1 + name_parts(case.name));
                    size.hold_all(case.ty, scope)?;
                }
            }
            T::List(element) | T::Option(element) => size.hold(1, *element, scope)?,
            T::FixedLengthList(element, length) => size.hold(*length as usize, *element, scope)?,
            T::Map(key, value) => size.hold_all([*key, *value], scope)?,
            T::Result { ok, err } => size.hold_all(ok.iter().chain(err).copied(), scope)?,
            T::Future(value) | T::Stream(value) => size.hold_all(*value, scope)?,
        }
        Ok(size)
    }

    /// The cost of its resources in each table that they are entered in.
    pub(super) fn resources(&self) -> usize {
        self.resources.saturating_mul(RESOURCE)
    }

    fn add(&mut self, parts: usize) {
        self.parts = self.parts.saturating_add(parts);
    }

    fn hold_all(&mut self, values: impl IntoIterator<Item = ComponentValType>, scope: &Scope<'a>) -> Result<()> {
        values.into_iter().try_for_each(|value| self.hold(1, value, scope))
    }

    fn hold(&mut self, times: usize, value: ComponentValType, scope: &Scope<'a>) -> Result<()> {
        match value {
            ComponentValType::Primitive(_) => self.contain(times, &Self::leaf(1)),
            ComponentValType::Type(index) => self.contain(times, scope.types.at(index)?),
        }
    }

    fn contain(&mut self, times: usize, inner: &Self) -> Result<()> {
        self.add(inner.parts.saturating_mul(times));
        self.depth = self.depth.max(inner.depth + 1);
        if self.depth > DEEPEST {
            return Err(format!("its types lie more than {DEEPEST} deep in each other").into());
        }
        Ok(())
    }
}

pub(super) fn name_parts(name: &str) -> usize {
    name.len() / NAME
}
