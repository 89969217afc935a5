//! Index spaces of a component, or of a type declaration.

use std::rc::Rc;

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentTypeRef, CoreType, ModuleTypeDeclaration,
    TypeBounds,
};

use crate::component::compile_cost::type_size::{EXPORT, Exports, Result, TypeSize, name_parts};

/// The reason to reject components as values: each time that one is passed on, the compiler copies its closure.
pub(super) const HANDED_ON: &str = "it imports, exports, aliases, passes on or declares the type of a component: only \
                                    those are taken that are instantiated where they are defined";

/// The reason to reject instance types as values: a larger one could later replace it in types already measured.
const INSTANCE_TYPE: &str = "it imports or exports a type of instances: only types of values and resources are taken";

/// The reason to reject values: the engine does not support them either.
pub(super) const VALUES: &str = "it has values or a start function of a component, which no engine runs yet";

/// The weight of an item that is only noted: an alias, an import, an export, or one item of an instance that is copied.
pub(super) const ITEM: usize = 10;

/// An index space: items of one kind by their index.
pub(super) struct Space<T> {
    kind: &'static str,
    things: Vec<T>,
}

impl<T> Space<T> {
    fn new(kind: &'static str) -> Self {
        Self { kind, things: Vec::new() }
    }

    pub(super) fn push(&mut self, thing: T) {
        self.things.push(thing);
    }

    pub(super) fn at(&self, index: u32) -> Result<&T> {
        let found = self.things.get(index as usize);
        found.ok_or_else(|| format!("it refers to the {} {index}, which is not there", self.kind).into())
    }
}

/// A component that was read to its end.
pub(super) struct ReadComponent<'a> {
    /// The type of its instances.
    pub(super) instance: TypeSize<'a>,
    /// The parts of all its imports.
    pub(super) imports: usize,
    /// The cost of compiling one instance.
    pub(super) weight: usize,
}

/// A component, a module or a type declaration that is being read.
pub(super) struct Scope<'a> {
    pub(super) is_module: bool,
    pub(super) types: Space<TypeSize<'a>>,
    pub(super) functions: Space<TypeSize<'a>>,
    pub(super) instances: Space<TypeSize<'a>>,
    pub(super) components: Space<Rc<ReadComponent<'a>>>,
    /// Core module types, of which only the number of parts is kept.
    pub(super) core_types: Space<usize>,
    pub(super) modules: Space<usize>,
    pub(super) exports: Exports<'a>,
    /// The parts of all its imports.
    pub(super) imports: usize,
    /// The cost of compiling one instance.
    pub(super) weight: usize,
}

impl<'a> Scope<'a> {
    pub(super) fn new(is_module: bool) -> Self {
        Self {
            is_module,
            types: Space::new("type"),
            functions: Space::new("function"),
            instances: Space::new("instance"),
            components: Space::new("component"),
            core_types: Space::new("core type"),
            modules: Space::new("core module"),
            exports: Exports::new(),
            imports: 0,
            weight: 0,
        }
    }

    /// Resolves a reference in an import, an export or a declaration.
    pub(super) fn referred(&self, reference: ComponentTypeRef) -> Result<(ComponentExternalKind, TypeSize<'a>)> {
        use ComponentExternalKind as Kind;
        Ok(match reference {
            ComponentTypeRef::Module(index) => (Kind::Module, TypeSize::leaf(*self.core_types.at(index)?)),
            ComponentTypeRef::Func(index) => (Kind::Func, self.types.at(index)?.clone()),
            ComponentTypeRef::Instance(index) => (Kind::Instance, self.types.at(index)?.clone()),
            ComponentTypeRef::Type(TypeBounds::Eq(index)) => (Kind::Type, self.value_type(index)?),
            ComponentTypeRef::Type(TypeBounds::SubResource) => (Kind::Type, TypeSize::resource()),
            ComponentTypeRef::Value(_) => return Err(VALUES.into()),
            ComponentTypeRef::Component(_) => return Err(HANDED_ON.into()),
        })
    }

    /// The type of the item at an index.
    pub(super) fn at(&self, kind: ComponentExternalKind, index: u32) -> Result<TypeSize<'a>> {
        Ok(match kind {
            ComponentExternalKind::Module => TypeSize::leaf(*self.modules.at(index)?),
            ComponentExternalKind::Func => self.functions.at(index)?.clone(),
            ComponentExternalKind::Instance => self.instances.at(index)?.clone(),
            ComponentExternalKind::Type => self.value_type(index)?,
            ComponentExternalKind::Value => return Err(VALUES.into()),
            ComponentExternalKind::Component => return Err(HANDED_ON.into()),
        })
    }

    fn value_type(&self, index: u32) -> Result<TypeSize<'a>> {
        let found = self.types.at(index)?;
        if found.exports.is_some() { Err(INSTANCE_TYPE.into()) } else { Ok(found.clone()) }
    }

    /// Gives an item the next index of its kind.
    pub(super) fn push(&mut self, kind: ComponentExternalKind, thing: TypeSize<'a>) {
        if kind == ComponentExternalKind::Instance {
            // All items of an instance are copied with it, wherever it came from.
            self.weight = self.weight.saturating_add(thing.things.saturating_mul(ITEM));
        }
        match kind {
            ComponentExternalKind::Module => self.modules.push(thing.parts),
            ComponentExternalKind::Func => self.functions.push(thing),
            ComponentExternalKind::Type => self.types.push(thing),
            ComponentExternalKind::Instance => self.instances.push(thing),
            // Both were rejected before.
            ComponentExternalKind::Value | ComponentExternalKind::Component => {}
        }
    }

    pub(super) fn core_type(&mut self, core_type: &CoreType<'_>) {
        match core_type {
            CoreType::Rec(group) => group.types().for_each(|_| self.core_types.push(1)),
            CoreType::Module(declarations) => self.core_types.push(declarations.iter().map(core_parts).sum()),
        }
    }
}

fn core_parts(declaration: &ModuleTypeDeclaration<'_>) -> usize {
    EXPORT
        + match declaration {
            ModuleTypeDeclaration::Export { name, .. } => name_parts(name),
            ModuleTypeDeclaration::Import(import) => name_parts(import.module) + name_parts(import.name),
            ModuleTypeDeclaration::Type(_) | ModuleTypeDeclaration::OuterAlias { .. } => 0,
        }
}

/// Resolves an alias into the innermost of these scopes. Returns the parts that the validator looks at.
pub(super) fn alias<'a>(scopes: &mut [Scope<'a>], alias: &ComponentAlias<'a>) -> Result<usize> {
    let missing = |what: &str| -> Result<usize> { Err(format!("it aliases {what}, which is not there").into()) };
    let (outer, kind) = match alias {
        ComponentAlias::CoreInstanceExport { .. } => return Ok(0),
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => return Err(HANDED_ON.into()),
        ComponentAlias::InstanceExport { kind, instance_index, name } => {
            let Some(scope) = scopes.last_mut() else { return missing("an instance") };
            let exports = scope.instances.at(*instance_index)?.exports.clone();
            match exports.as_ref().and_then(|exports| exports.get(name)) {
                Some((exported, size)) if exported == kind => scope.push(*kind, size.clone()),
                _ => return missing(&format!("the export {name}")),
            }
            return Ok(0);
        }
        ComponentAlias::Outer { kind, count, index } => {
            (scopes.len().checked_sub(1 + *count as usize).map(|at| (at, *index)), *kind)
        }
    };
    let (Some((at, index)), Some(last)) = (outer, scopes.len().checked_sub(1)) else {
        return missing("a component around it");
    };
    match kind {
        ComponentOuterAliasKind::Type => {
            let size = scopes[at].types.at(index)?.clone();
            let parts = size.parts;
            scopes[last].types.push(size);
            Ok(parts)
        }
        ComponentOuterAliasKind::CoreType => {
            let size = *scopes[at].core_types.at(index)?;
            scopes[last].core_types.push(size);
            Ok(0)
        }
        ComponentOuterAliasKind::CoreModule => {
            let size = *scopes[at].modules.at(index)?;
            scopes[last].modules.push(size);
            Ok(0)
        }
        ComponentOuterAliasKind::Component => Err(HANDED_ON.into()),
    }
}
