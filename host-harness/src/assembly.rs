//! What putting a component together costs, read without compiling it.

use std::error::Error;

use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Payload,
};

/// Follows the payloads of a component and weighs what the compiler writes out for each time that a part is instantiated:
/// components inside components multiply, so that a file of a kilobyte can stand for millions of instances.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    /// What is read at present, the outermost first.
    open: Vec<Part>,
    done: usize,
}

/// A component that is read, or a module.
#[derive(Debug, Default)]
struct Part {
    module: bool,
    /// What instantiating each of its components weighs, by their index. None: nobody can tell.
    components: Vec<Option<usize>>,
    /// What instantiating it weighs.
    weight: usize,
}

/// An instance, in the unit of [`Anatomy::weight`](crate::Anatomy::weight).
const INSTANCE: usize = 100;

/// Anything else that is written out: an alias, an import, an export, an argument.
const ENTRY: usize = 4;

/// A function that a module calls through the canonical ABI: where another component lifted it, the compiler writes what
/// is between them. Measured, with 30 and with 200 texts for each to carry.
const LOWERED: usize = 4_000;

impl Assembly {
    /// What it weighs in all.
    pub(crate) fn weight(&self) -> usize {
        self.done
    }

    pub(crate) fn take(&mut self, payload: &Payload<'_>) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.open.push(Part { module: *encoding == Encoding::Module, ..Part::default() });
            }
            Payload::End(_) => self.close(),
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    if let ComponentTypeRef::Component(_) = import?.ty {
                        self.declare(None);
                    }
                    self.add(ENTRY);
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases.clone() {
                    match alias? {
                        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                            self.declare(None);
                        }
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                            self.declare(self.outer(count, index));
                        }
                        _ => {}
                    }
                    self.add(ENTRY);
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Component {
                        self.declare(self.outer(0, export.index));
                    }
                    self.add(ENTRY);
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances.clone() {
                    match instance? {
                        ComponentInstance::Instantiate { component_index, args } => {
                            let inside = self.outer(0, component_index).ok_or(
                                "it instantiates a component that it imports, or takes out of an instance: \
                                 what that costs cannot be told",
                            )?;
                            self.add(inside.saturating_add(INSTANCE + ENTRY * args.len()));
                        }
                        ComponentInstance::FromExports(exports) => self.add(ENTRY * (exports.len() + 1)),
                    }
                }
            }
            Payload::InstanceSection(instances) => {
                for instance in instances.clone() {
                    match instance? {
                        Instance::Instantiate { args, .. } => self.add(INSTANCE + ENTRY * args.len()),
                        Instance::FromExports(exports) => self.add(ENTRY * (exports.len() + 1)),
                    }
                }
            }
            Payload::ComponentCanonicalSection(functions) => {
                for function in functions.clone() {
                    let lowered = matches!(function?, CanonicalFunction::Lower { .. });
                    self.add(if lowered { LOWERED } else { ENTRY });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        let part = self.open.pop().unwrap_or_default();
        match self.open.last_mut() {
            Some(_) if part.module => {}
            Some(outside) => outside.components.push(Some(part.weight)),
            None => self.done = part.weight,
        }
    }

    fn add(&mut self, weight: usize) {
        if let Some(part) = self.open.last_mut() {
            part.weight = part.weight.saturating_add(weight);
        }
    }

    fn declare(&mut self, weight: Option<usize>) {
        if let Some(part) = self.open.last_mut() {
            part.components.push(weight);
        }
    }

    /// What instantiating a component weighs, so many levels outside.
    fn outer(&self, count: u32, index: u32) -> Option<usize> {
        let level = self.open.len().checked_sub(1)?.checked_sub(count as usize)?;
        *self.open.get(level)?.components.get(index as usize)?
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::Parser;

    use super::*;

    fn read(text: &str) -> Result<usize, String> {
        let bytes = wat::parse_str(text).unwrap();
        let mut assembly = Assembly::default();
        for payload in Parser::new(0).parse_all(&bytes) {
            assembly.take(&payload.unwrap()).map_err(|error| error.to_string())?;
        }
        Ok(assembly.weight())
    }

    #[test]
    fn every_instance_weighs_and_what_it_is_made_of_with_it() {
        let module = "(component (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)))";
        assert_eq!(read(module), Ok(2 * INSTANCE));
        let unused = "(component (component (core module $m) (core instance (instantiate $m))))";
        assert_eq!(read(unused), Ok(0));
        let twice = "(component
            (component $c (core module $m) (core instance (instantiate $m)))
            (instance (instantiate $c))
            (instance (instantiate $c)))";
        assert_eq!(read(twice), Ok(2 * (INSTANCE + INSTANCE)));
    }

    #[test]
    fn instances_of_components_inside_each_other_multiply() {
        let mut text = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
        for level in 1..=12 {
            let inside = level - 1;
            let instances = format!("(instance (instantiate $c{inside}))").repeat(100);
            text = format!("(component $c{level} {text} {instances})");
        }
        assert_eq!(read(&text), Ok(usize::MAX));
    }

    #[test]
    fn a_component_is_known_by_its_aliases_and_exports() {
        let text = "(component
            (component $c (core module $m) (core instance (instantiate $m)))
            (export $e \"c\" (component $c))
            (component $outer
                (alias outer 1 $e (component $a))
                (instance (instantiate $a)))
            (instance (instantiate $outer)))";
        assert_eq!(read(text), Ok(ENTRY + INSTANCE + (ENTRY + INSTANCE + INSTANCE)));
    }

    #[test]
    fn a_component_from_elsewhere_is_not_instantiated() {
        let text = "(component (import \"c\" (component $c)) (instance (instantiate $c)))";
        assert_eq!(
            read(text).unwrap_err(),
            "it instantiates a component that it imports, or takes out of an instance: what that costs cannot be told"
        );
    }

    #[test]
    fn a_lowered_function_weighs_as_much_as_what_may_have_to_be_written_for_it() {
        let text = r#"(component
            (component $a
                (core module $m (func (export "f")))
                (core instance $i (instantiate $m))
                (func (export "f") (canon lift (core func $i "f"))))
            (instance $a (instantiate $a))
            (core func (canon lower (func $a "f"))))"#;
        let (lifted, aliases) = (2 * ENTRY, 2 * ENTRY);
        assert_eq!(read(text), Ok(INSTANCE + INSTANCE + lifted + aliases + LOWERED));
    }
}
