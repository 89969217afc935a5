//! How a component puts modules and components together, and what the compiler has to write for it.

use std::collections::HashMap;
use std::error::Error;

use wasmparser::component_types::{
    ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncTypeId, ComponentInstanceTypeId,
    ComponentValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, Instance,
    Payload,
};

/// What anything weighs that is only noted: an alias, an import, an export, or one thing in an instance that is copied.
const ITEM: usize = 10;

/// What an instance weighs, or a function of the canonical ABI, whatever is in it.
const CANONICAL: usize = 100;

/// What each part of the type of a lowered function weighs. Where another component lifts the function, the compiler
/// writes code for each that checks it and copies it from one memory to the other.
const TYPE_PART: usize = 400;

/// How many such parts a function weighs beside its type.
const CALL_PARTS: usize = 5;

/// How deeply types lie in each other at most.
const DEEPEST_TYPE: usize = 100;

/// Why a component is no value here: the compiler copies what it closes over each time that it is handed on.
const HANDED_ON: &str = "it imports, exports, aliases or passes on a component: only those are taken that are \
                         instantiated where they are defined";

/// Reads what is put together how, section by section, and weighs it in the unit of
/// [`Anatomy::weight`](crate::Anatomy::weight).
#[derive(Default)]
pub(crate) struct Assembly {
    open: Vec<Part>,
    whole: usize,
    sizes: Sizes,
}

/// A component, or a module.
#[derive(Default)]
struct Part {
    is_module: bool,
    /// What it weighs each time that it is instantiated: the compiler writes all of it out anew.
    weight: usize,
    /// The same of the components inside it, by their index.
    components: Vec<usize>,
    /// How many of its instances were weighed.
    instances: u32,
}

impl Assembly {
    pub(crate) fn weight(&self) -> usize {
        self.whole
    }

    /// Takes what comes next in the file. It was validated, and these are the types of what is being read.
    pub(crate) fn take(&mut self, payload: &Payload<'_>, types: Option<TypesRef<'_>>) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::Version { .. } if self.open.is_empty() => self.open.push(Part::default()),
            Payload::ModuleSection { .. } => self.open.push(Part { is_module: true, ..Part::default() }),
            Payload::ComponentSection { .. } => self.open.push(Part::default()),
            Payload::End(_) => match (self.open.pop(), self.open.last_mut()) {
                (Some(part), Some(outer)) if !part.is_module => outer.components.push(part.weight),
                (Some(part), None) => self.whole = part.weight,
                _ => {}
            },
            _ => {
                if let (Some(part), Some(types)) = (self.open.last_mut().filter(|part| !part.is_module), types) {
                    part.take(payload, types, &mut self.sizes)?;
                }
            }
        }
        Ok(())
    }
}

impl Part {
    fn weigh(&mut self, count: usize, each: usize) {
        self.weight = self.weight.saturating_add(count.saturating_mul(each));
    }

    fn item(&mut self, kind: ComponentExternalKind) -> Result<(), &'static str> {
        self.weigh(1, ITEM);
        if kind == ComponentExternalKind::Component { Err(HANDED_ON) } else { Ok(()) }
    }

    fn take(&mut self, payload: &Payload<'_>, types: TypesRef<'_>, sizes: &mut Sizes) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::InstanceSection(instances) => {
                for instance in instances.clone() {
                    match instance? {
                        Instance::Instantiate { args, .. } => {
                            self.weigh(args.len(), ITEM);
                            self.weigh(1, CANONICAL);
                        }
                        Instance::FromExports(exports) => self.weigh(exports.len(), ITEM),
                    }
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances.clone() {
                    match instance? {
                        ComponentInstance::Instantiate { component_index, args } => {
                            for arg in args {
                                self.item(arg.kind)?;
                                if arg.kind == ComponentExternalKind::Instance {
                                    self.weigh(sizes.instance(types.component_instance_at(arg.index), types, 0), ITEM);
                                }
                            }
                            let inside = *self.components.get(component_index as usize).ok_or(HANDED_ON)?;
                            self.weigh(1, inside.saturating_add(CANONICAL));
                        }
                        ComponentInstance::FromExports(exports) => {
                            for export in exports {
                                self.item(export.kind)?;
                            }
                        }
                    }
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases.clone() {
                    self.item(match alias? {
                        ComponentAlias::InstanceExport { kind, .. } => kind,
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, .. } => {
                            ComponentExternalKind::Component
                        }
                        _ => ComponentExternalKind::Type,
                    })?;
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    self.item(import?.ty.kind())?;
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    self.item(export?.kind)?;
                }
            }
            Payload::ComponentCanonicalSection(functions) => {
                for function in functions.clone() {
                    self.weigh(1, CANONICAL);
                    if let CanonicalFunction::Lower { func_index, .. } = function? {
                        let size = sizes.function(types.component_function_at(func_index), types);
                        self.weigh(size.saturating_add(CALL_PARTS), TYPE_PART);
                    }
                }
            }
            _ => {}
        }
        // All that is in an instance is copied with it, wherever it came from.
        for index in self.instances..types.component_instance_count() {
            self.weigh(sizes.instance(types.component_instance_at(index), types, 0), ITEM);
        }
        self.instances = types.component_instance_count();
        Ok(())
    }
}

/// The sizes of types when all is written out that they refer to, each looked at once.
#[derive(Default)]
struct Sizes {
    defined: HashMap<ComponentDefinedTypeId, usize>,
    instances: HashMap<ComponentInstanceTypeId, usize>,
}

impl Sizes {
    fn function(&mut self, id: ComponentFuncTypeId, types: TypesRef<'_>) -> usize {
        let function = &types[id];
        let values = function.params.iter().map(|(_, value)| *value).chain(function.result);
        self.values(values, types, 0)
    }

    fn values(&mut self, values: impl Iterator<Item = ComponentValType>, types: TypesRef<'_>, depth: usize) -> usize {
        values.fold(0, |size: usize, value| size.saturating_add(self.value(value, types, depth)))
    }

    fn value(&mut self, value: ComponentValType, types: TypesRef<'_>, depth: usize) -> usize {
        use ComponentDefinedType as T;
        let ComponentValType::Type(id) = value else { return 1 };
        if let Some(&size) = self.defined.get(&id) {
            return size;
        }
        if depth > DEEPEST_TYPE {
            return usize::MAX;
        }
        let below = depth + 1;
        let inside = match &types[id] {
            T::Primitive(_) | T::Own(_) | T::Borrow(_) => 0,
            T::Flags(names) | T::Enum(names) => names.len(),
            T::Record(record) => self.values(record.fields.values().copied(), types, below),
            T::Tuple(tuple) => self.values(tuple.types.iter().copied(), types, below),
            T::Variant(variant) => self
                .values(variant.cases.values().filter_map(|case| case.ty), types, below)
                .saturating_add(variant.cases.len()),
            T::List { element, .. } => self.value(*element, types, below),
            T::FixedLengthList { element, length, .. } => {
                self.value(*element, types, below).saturating_mul(*length as usize)
            }
            T::Map { key, value, .. } => self.values([*key, *value].into_iter(), types, below),
            T::Option { ty, .. } => self.value(*ty, types, below),
            T::Result { ok, err, .. } => self.values(ok.iter().chain(err).copied(), types, below),
            T::Future { ty, .. } | T::Stream { ty, .. } => self.values(ty.iter().copied(), types, below),
        };
        let size = inside.saturating_add(1);
        self.defined.insert(id, size);
        size
    }

    fn instance(&mut self, id: ComponentInstanceTypeId, types: TypesRef<'_>, depth: usize) -> usize {
        if let Some(&size) = self.instances.get(&id) {
            return size;
        }
        if depth > DEEPEST_TYPE {
            return usize::MAX;
        }
        let size = types[id].exports.values().fold(1usize, |size, item| {
            size.saturating_add(match item.ty {
                ComponentEntityType::Instance(id) => self.instance(id, types, depth + 1),
                _ => 1,
            })
        });
        self.instances.insert(id, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Anatomy;

    fn weight(text: &str) -> Result<usize, String> {
        let read = Anatomy::read(&wat::parse_str(text).unwrap());
        read.map(|anatomy| anatomy.weight).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_instantiated_twice_weighs_twice() {
        let instances = |count| {
            let instances = "(instance (instantiate $c))".repeat(count);
            weight(&format!("(component (component $c (core module $m) (core instance (instantiate $m))) {instances})"))
                .unwrap()
        };
        assert_eq!(instances(0), 0);
        assert!(instances(1) >= 2 * CANONICAL);
        assert_eq!(instances(6), 6 * instances(1));
    }

    #[test]
    fn instances_of_components_inside_each_other_multiply() {
        let mut text = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
        for level in 1..=10 {
            let instances = format!("(instance (instantiate $c{}))", level - 1).repeat(90);
            text = format!("(component $c{level} {text} {instances})");
        }
        assert_eq!(weight(&text), Ok(usize::MAX));
    }

    #[test]
    fn an_instance_weighs_with_all_that_is_in_it() {
        let mut text = "(instance $i0)".to_owned();
        for level in 1..=12 {
            let before = level - 1;
            text = format!(
                "{text} (instance $i{level} (export \"a\" (instance $i{before})) (export \"b\" (instance $i{before})))"
            );
        }
        assert!(weight(&format!("(component {text})")).unwrap() > ITEM << 12);
    }

    #[test]
    fn a_component_that_is_handed_on_is_not_taken() {
        for text in [
            "(component (import \"c\" (component)))",
            "(component (component $c) (export \"c\" (component $c)))",
            "(component $outer (component $c) (component (alias outer $outer $c (component))))",
        ] {
            assert_eq!(weight(text).unwrap_err(), format!("it cannot be compiled: {HANDED_ON}"));
        }
    }

    #[test]
    fn a_lowered_function_weighs_with_its_type() {
        let lowered = |fields: usize| {
            let fields: Vec<_> = (0..fields).map(|nth| format!("(field \"f{nth}\" u8)")).collect();
            let fields = fields.join(" ");
            weight(&format!(
                r#"(component
                    (type $r' (record (field "first" u8) {fields}))
                    (import "r" (type $r (eq $r')))
                    (import "f" (func $f (param "x" $r)))
                    (core module $m (memory (export "m") 1))
                    (core instance $i (instantiate $m))
                    (core func (canon lower (func $f) (memory $i "m"))))"#
            ))
            .unwrap()
        };
        assert_eq!(lowered(10), lowered(0) + 10 * TYPE_PART);
    }
}
