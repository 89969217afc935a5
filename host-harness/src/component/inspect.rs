//! Component inspection: what a file is made of, read without compiling it.

use std::error::Error;

use serde::{Deserialize, Serialize};
use wasmparser::{ComponentExternalKind, FunctionBody, Operator, Parser, Payload};

use crate::component::compile_cost::CompileCost;
use crate::component::load::LoadError;
use crate::component::metadata::ComponentMetadata;

/// A component's properties, known before it is trusted enough to be validated or compiled. Reading them takes time and
/// memory proportional to the file and executes none of it. A file that can be read may still be invalid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct ComponentInfo {
    /// The file's size in bytes.
    pub bytes: usize,
    /// The component's own imports, in order.
    pub imports: Vec<String>,
    /// The component's own exports, in order.
    pub exports: Vec<String>,
    /// What it says of its origin.
    pub metadata: ComponentMetadata,
    /// The number of core modules, including those of nested components.
    pub modules: usize,
    /// The number of nested components.
    pub components: usize,
    /// The number of functions that its core modules define.
    pub functions: usize,
    /// The size of all these functions' code in bytes.
    pub code: usize,
    /// The size of the largest function's code in bytes.
    pub largest_function: usize,
    /// The cost of compiling. For each function: the places where control branches or joins, times the values that can
    /// be alive there, since a compiler's time and memory grow with these products, not with the size of the code. In
    /// addition: composing the parts, each once per instantiation.
    pub weight: usize,
    /// The cost of validating: how many parts of types the validator will look at, once each time that they are
    /// expanded, compared or copied. A part takes about 10 ns in an optimised build.
    pub validation: usize,
    /// The initial size of its memories, in bytes.
    pub memory: u64,
}

/// The deepest nesting of components. Compilers write 2 as a rule.
const DEEPEST: usize = 16;

impl ComponentInfo {
    /// Reads the sections of a component and of all components nested in it.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        match bytes.first_chunk::<8>() {
            Some([b'\0', b'a', b's', b'm', _, _, 1, 0]) => {}
            Some([b'\0', b'a', b's', b'm', ..]) => return Err(LoadError::CoreModule),
            _ => return Err(LoadError::NotWebAssembly),
        }
        let mut reader = Reader { anatomy: Self { bytes: bytes.len(), ..Self::default() }, depth: 0, arity: 0 };
        let mut assembly = CompileCost::new(bytes);
        for payload in Parser::new(0).parse_all(bytes) {
            let read = payload.map_err(Into::into).and_then(|payload| {
                assembly.take(&payload)?;
                reader.take(payload)
            });
            read.map_err(|error| LoadError::Invalid(error.to_string()))?;
        }
        let mut anatomy = reader.anatomy;
        anatomy.weight = anatomy.weight.saturating_add(assembly.weight);
        anatomy.validation = assembly.validation;
        Ok(anatomy)
    }
}

struct Reader {
    anatomy: ComponentInfo,
    depth: usize,
    /// The most parameters or results of a function type so far: no value list in the code is longer.
    arity: usize,
}

impl Reader {
    fn take(&mut self, payload: Payload<'_>) -> Result<(), Box<dyn Error>> {
        let anatomy = &mut self.anatomy;
        match payload {
            Payload::ModuleSection { .. } => {
                anatomy.modules += 1;
                self.depth += 1;
            }
            Payload::ComponentSection { .. } => {
                anatomy.components += 1;
                self.depth += 1;
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if self.depth == 0 => {
                for import in imports {
                    anatomy.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if self.depth == 0 => {
                for export in exports {
                    let export = export?;
                    if export.kind != ComponentExternalKind::Type {
                        anatomy.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) if self.depth == 0 => anatomy.metadata.take(&section),
            Payload::TypeSection(groups) => {
                for group in groups.into_iter_err_on_gc_types() {
                    let function = group?;
                    self.arity = self.arity.max(function.params().len() + function.results().len());
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    let page = 1u64.checked_shl(memory.page_size_log2.unwrap_or(16)).unwrap_or(u64::MAX);
                    anatomy.memory = anatomy.memory.saturating_add(memory.initial.saturating_mul(page));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let size = body.range().len();
                anatomy.functions += 1;
                anatomy.code += size;
                anatomy.largest_function = anatomy.largest_function.max(size);
                anatomy.weight = anatomy.weight.saturating_add(weight(&body, self.arity)?);
            }
            _ => {}
        }
        if self.depth > DEEPEST {
            return Err(format!("it holds components more than {DEEPEST} deep in each other").into());
        }
        Ok(())
    }
}

/// The base cost of a function.
const FUNCTION: usize = 100;

/// How many loops cost as much as a value that is alive at every place: each loop can be interrupted, and the
/// compiler's time is quadratic in their number. This and [`FUNCTION`] are measured.
const LOOPS: usize = 100;

/// The weight of a function, see [`ComponentInfo::weight`]. Every local, and every value that a branch, a call or a
/// block passes on, may be alive at every such place.
fn weight(body: &FunctionBody<'_>, arity: usize) -> Result<usize, Box<dyn Error>> {
    let mut values = arity + 1;
    for locals in body.get_locals_reader()? {
        let (count, _) = locals?;
        values = values.saturating_add(count as usize);
    }
    let (mut places, mut loops) = (1usize, 0);
    for operator in body.get_operators_reader()? {
        let operator = operator?;
        loops += usize::from(matches!(operator, Operator::Loop { .. }));
        places += match operator {
            Operator::BrTable { targets } => targets.len() as usize + 1,
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::Return
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => 1,
            _ => 0,
        };
    }
    Ok(FUNCTION.saturating_add(places.saturating_mul(values.saturating_add(loops / LOOPS))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ComponentInfo {
        ComponentInfo::read(&wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn imports_and_exports_are_those_of_the_component_itself() {
        let anatomy = read(
            r#"(component
                (import "wasi:io/poll@0.2.0" (instance))
                (component (import "inner" (instance)) (instance $i) (export "inside" (instance $i)))
                (instance $i)
                (export "sample:a/b@1.0.0" (instance $i)))"#,
        );
        assert_eq!(anatomy.imports, ["wasi:io/poll@0.2.0"]);
        assert_eq!(anatomy.exports, ["sample:a/b@1.0.0"]);
        assert_eq!(anatomy.components, 1);
    }

    #[test]
    fn code_and_memory_of_all_modules_are_counted_wherever_they_lie() {
        let anatomy = read(
            r"(component
                (core module (memory 2) (func) (func (drop (i32.const 1))))
                (component (core module (memory 1) (func nop nop nop nop))))",
        );
        assert_eq!((anatomy.modules, anatomy.functions, anatomy.memory), (2, 3, 3 << 16));
        // A count of locals, the code, and an end.
        assert_eq!((anatomy.largest_function, anatomy.code), (6, 2 + 5 + 6));
    }

    #[test]
    fn a_function_weighs_its_places_times_its_values() {
        let weight = |function: &str| read(&format!("(component (core module {function}))")).weight - FUNCTION;
        assert_eq!(weight("(func)"), 1);
        assert_eq!(weight("(func (local i32 i32 i32) (loop) (loop))"), 3 * 4);
        assert_eq!(weight("(func (block (br_table 0 0 0 (i32.const 0))))"), 5);
        assert_eq!(weight(&format!("(func {})", "(loop)".repeat(200))), 201 * 3);
        assert_eq!(weight("(func $f (param i32 i32) (call $f (i32.const 0) (i32.const 0)))"), 2 * 3);
    }

    #[test]
    fn components_too_deep_in_each_other_are_refused() {
        let text = format!("{}{}", "(component ".repeat(40), ")".repeat(40));
        let error = ComponentInfo::read(&wat::parse_str(text).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "it cannot be compiled: it holds components more than 16 deep in each other");
    }

    #[test]
    fn bytes_cut_off_or_changed_anywhere_are_read_or_refused_without_a_panic() {
        let whole = wat::parse_str(
            r#"(component (import "wasi:io/poll@0.2.0" (instance)) (core module (memory 1) (func (local i32) (loop))))"#,
        )
        .unwrap();
        for at in 0..whole.len() {
            _ = ComponentInfo::read(&whole[..at]);
            for byte in [0, 0x7f, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] = byte;
                _ = ComponentInfo::read(&changed);
            }
        }
    }
}
