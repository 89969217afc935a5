//! Section reader: computes a component's compile cost section by section.

use std::rc::Rc;

use wasmparser::{
    BinaryReader, CanonicalFunction, ComponentExternalKind, ComponentInstance, ComponentValType, FromReader, Instance,
    Payload, SectionLimited,
};

use crate::component::compile_cost::declared;
use crate::component::compile_cost::scope::{HANDED_ON, ITEM, ReadComponent, Scope, VALUES, alias};
use crate::component::compile_cost::type_size::{Exports, Result, TypeSize, name_parts};

/// The weight of an instance, or of a canonical ABI function, apart from its types.
pub(super) const CANONICAL: usize = 100;

/// The weight of each part of a lowered function's type. Where another component lifts the function, the compiler
/// generates code for each part that checks it and copies it from one memory to the other.
pub(super) const TYPE_PART: usize = 400;

/// The further parts that a function weighs beside its type.
const CALL_PARTS: usize = 5;

/// How often the validator goes through the type of an import or an export: to check that every item has a name, to
/// give its resources new identities, and at the end to find those that are left.
pub(super) const IMPORTED: usize = 3;

/// The bytes of a core module's imports and exports that cost the validator as much as one part of a type.
const MODULE_BYTES: usize = 2;

/// How often the validator goes through the type of a lifted or lowered function: for each part it joins the parts of
/// the cases of a variant.
const LOWERED: usize = 6;

/// The cost of a module or component for each earlier one: the validator copies the list of all at its end.
const PRIOR: usize = 3;

/// Reads how a component is composed, and computes two costs: [`ComponentInfo::weight`](crate::ComponentInfo::weight)
/// for the compiler, [`ComponentInfo::validation`](crate::ComponentInfo::validation) for the validator.
pub(crate) struct CompileCost<'a> {
    bytes: &'a [u8],
    open: Vec<Scope<'a>>,
    /// The parts of the modules that are being read.
    module_parts: usize,
    /// The number of lists of types that the validator has kept.
    kept: usize,
    /// The cost of compiling one instance of the whole.
    pub(crate) weight: usize,
    /// The cost of validating the whole.
    pub(crate) validation: usize,
}

impl<'a> CompileCost<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, open: Vec::new(), module_parts: 0, kept: 0, weight: 0, validation: 0 }
    }

    /// Reads the next payload of the file.
    pub(crate) fn take(&mut self, payload: &Payload<'a>) -> Result<()> {
        match payload {
            Payload::Version { .. } if self.open.is_empty() => self.open.push(Scope::new(false)),
            Payload::ModuleSection { .. } => {
                self.module_parts = 0;
                self.open.push(Scope::new(true));
            }
            Payload::ComponentSection { .. } => self.open.push(Scope::new(false)),
            Payload::End(_) => {
                self.keep();
                self.close()?;
            }
            Payload::CodeSectionStart { .. } => self.keep(),
            Payload::ImportSection(section) => self.module_parts += section.range().len() / MODULE_BYTES,
            Payload::ExportSection(section) => self.module_parts += section.range().len() / MODULE_BYTES,
            _ => self.section(payload)?,
        }
        Ok(())
    }

    fn keep(&mut self) {
        self.kept += 1;
        self.validate(self.kept.saturating_mul(PRIOR));
    }

    fn close(&mut self) -> Result<()> {
        let Some(scope) = self.open.pop() else { return Ok(()) };
        let Some(outer) = self.open.last_mut() else {
            self.weight = scope.weight;
            return Ok(());
        };
        if scope.is_module {
            outer.modules.push(self.module_parts);
        } else {
            outer.components.push(Rc::new(ReadComponent {
                instance: TypeSize::instance(scope.exports)?,
                imports: scope.imports,
                weight: scope.weight,
            }));
        }
        Ok(())
    }

    fn validate(&mut self, parts: usize) {
        self.validation = self.validation.saturating_add(parts);
    }

    fn weigh(&mut self, count: usize, each: usize) {
        if let Some(scope) = self.open.last_mut() {
            scope.weight = scope.weight.saturating_add(count.saturating_mul(each));
        }
    }

    fn scope(&mut self) -> Result<&mut Scope<'a>> {
        self.open.last_mut().ok_or_else(|| "it goes on after its end".into())
    }

    /// Reads the items of a section.
    fn each<T: FromReader<'a>>(
        &mut self,
        section: &SectionLimited<'a, T>,
        mut item: impl FnMut(&mut Self, T) -> Result<()>,
    ) -> Result<()> {
        section.clone().into_iter().try_for_each(|read| {
            self.validate(ITEM);
            item(self, read?)
        })
    }

    fn section(&mut self, payload: &Payload<'a>) -> Result<()> {
        match payload {
            Payload::CoreTypeSection(section) => self.each(section, |this, core_type| {
                this.scope()?.core_type(&core_type);
                Ok(())
            }),
            Payload::ComponentTypeSection(section) => self.types(section),
            Payload::ComponentAliasSection(section) => self.each(section, |this, item| {
                this.weigh(1, ITEM);
                let seen = alias(&mut this.open, &item)?;
                this.validate(seen);
                Ok(())
            }),
            Payload::ComponentImportSection(section) => self.each(section, |this, import| {
                let (kind, size) = this.scope()?.referred(import.ty)?;
                let scope = this.scope()?;
                scope.imports = scope.imports.saturating_add(size.parts);
                this.name(import.name.name, kind, size)
            }),
            Payload::ComponentExportSection(section) => self.each(section, |this, export| {
                let mut size = this.scope()?.at(export.kind, export.index)?;
                if let Some(ascribed) = export.ty {
                    this.validate(size.parts);
                    size = this.scope()?.referred(ascribed)?.1;
                }
                let name = export.name.name;
                this.scope()?.exports.insert(name, (export.kind, size.clone()));
                this.name(name, export.kind, size)
            }),
            Payload::InstanceSection(section) => self.each(section, Self::core_instance),
            Payload::ComponentInstanceSection(section) => self.each(section, Self::instance),
            Payload::ComponentCanonicalSection(section) => self.each(section, |this, item| this.canonical(&item)),
            Payload::ComponentStartSection { .. } => Err(VALUES.into()),
            _ => Ok(()),
        }
    }

    fn types(&mut self, section: &SectionLimited<'a, wasmparser::ComponentType<'a>>) -> Result<()> {
        let range = section.range();
        let bytes = self.bytes.get(range.clone()).unwrap_or_default();
        let mut reader = BinaryReader::new(bytes, range.start);
        for _ in 0..reader.read_var_u32()? {
            let mut seen = ITEM;
            let size = declared::read(&mut reader, &mut self.open, &mut seen, 0)?;
            self.validate(seen);
            self.scope()?.types.push(size);
        }
        Ok(())
    }

    /// Adds the cost of an import or an export, and gives it its index.
    fn name(&mut self, name: &str, kind: ComponentExternalKind, size: TypeSize<'a>) -> Result<()> {
        self.weigh(1, ITEM);
        self.validate(size.parts.saturating_mul(IMPORTED).saturating_add(name_parts(name)));
        self.scope()?.push(kind, size);
        Ok(())
    }

    fn core_instance(&mut self, instance: Instance<'a>) -> Result<()> {
        let items = match instance {
            Instance::Instantiate { module_index, args } => {
                let parts = *self.scope()?.modules.at(module_index)?;
                self.validate(parts);
                self.weigh(1, parts.saturating_add(CANONICAL));
                args.len()
            }
            Instance::FromExports(exports) => exports.len(),
        };
        self.weigh(items, ITEM);
        self.validate(items);
        Ok(())
    }

    fn instance(&mut self, instance: ComponentInstance<'a>) -> Result<()> {
        let size = match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                self.weigh(args.len(), ITEM);
                for arg in args {
                    let size = self.scope()?.at(arg.kind, arg.index)?;
                    if arg.kind == ComponentExternalKind::Instance {
                        self.weigh(size.things, ITEM);
                    }
                    self.validate(1 + name_parts(arg.name));
                }
                let component = self.scope()?.components.at(component_index).map_err(|_| HANDED_ON)?.clone();
                self.weigh(1, component.weight.saturating_add(CANONICAL));
                self.validate(component.imports.saturating_add(component.instance.parts));
                component.instance.clone()
            }
            ComponentInstance::FromExports(exports) => {
                let mut all = Exports::new();
                self.weigh(exports.len(), ITEM);
                for export in exports {
                    let size = self.scope()?.at(export.kind, export.index)?;
                    self.validate(size.resources().saturating_add(1 + name_parts(export.name.name)));
                    all.insert(export.name.name, (export.kind, size));
                }
                TypeSize::instance(all)?
            }
        };
        self.scope()?.push(ComponentExternalKind::Instance, size);
        Ok(())
    }

    fn canonical(&mut self, function: &CanonicalFunction) -> Result<()> {
        self.weigh(1, CANONICAL);
        match function {
            CanonicalFunction::Lift { type_index, .. } => {
                let size = self.scope()?.types.at(*type_index)?.clone();
                self.validate(size.parts.saturating_mul(LOWERED));
                self.scope()?.functions.push(size);
            }
            CanonicalFunction::Lower { func_index, .. } => {
                let parts = self.scope()?.functions.at(*func_index)?.parts;
                self.validate(parts.saturating_mul(LOWERED));
                self.weigh(parts.saturating_add(CALL_PARTS), TYPE_PART);
            }
            CanonicalFunction::TaskReturn { result: Some(ComponentValType::Type(index)), .. } => {
                let parts = self.scope()?.types.at(*index)?.parts;
                self.validate(parts.saturating_mul(LOWERED));
            }
            _ => {}
        }
        Ok(())
    }
}
