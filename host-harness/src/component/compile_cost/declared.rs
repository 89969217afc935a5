//! Type declarations of a component.

use wasmparser::{BinaryReader, ComponentAlias, ComponentExternName, ComponentType, ComponentTypeRef, CoreType};

use crate::component::compile_cost::scope::{HANDED_ON, Scope, alias};
use crate::component::compile_cost::type_size::{Result, TypeSize};

/// The deepest nesting of declarations. Compilers write 2; wasmparser reads them recursively, on its stack.
const DEEPEST: usize = 16;

/// The first byte of a component type, and of an instance type.
const COMPONENT: u8 = 0x41;
const INSTANCE: u8 = 0x42;

/// The first byte of each kind of declaration inside an instance type.
const IS_CORE_TYPE: u8 = 0x00;
const IS_TYPE: u8 = 0x01;
const IS_ALIAS: u8 = 0x02;
const IS_EXPORT: u8 = 0x04;

/// Reads one type, and returns the parts that the validator looks at beside the type itself. Instance types are not
/// read with wasmparser: deeply nested ones overflow its stack, which ends the process.
pub(super) fn read<'a>(
    reader: &mut BinaryReader<'a>,
    scopes: &mut Vec<Scope<'a>>,
    seen: &mut usize,
    depth: usize,
) -> Result<TypeSize<'a>> {
    let mut ahead = reader.clone();
    match ahead.read_u8()? {
        COMPONENT => return Err(HANDED_ON.into()),
        INSTANCE if depth == DEEPEST => {
            return Err(format!("it declares types more than {DEEPEST} deep in each other").into());
        }
        INSTANCE => *reader = ahead,
        _ => {
            let Some(scope) = scopes.last() else { return Ok(TypeSize::default()) };
            return match reader.read()? {
                ComponentType::Defined(defined) => TypeSize::defined(&defined, scope),
                ComponentType::Func(function) => TypeSize::function(&function, scope),
                ComponentType::Resource { .. } => Ok(TypeSize::resource()),
                ComponentType::Component(_) | ComponentType::Instance(_) => Err(HANDED_ON.into()),
            };
        }
    }
    scopes.push(Scope::new(false));
    for _ in 0..reader.read_var_u32()? {
        *seen = seen.saturating_add(declaration(reader, scopes, depth)?);
    }
    let exports = scopes.pop().map(|scope| scope.exports).unwrap_or_default();
    TypeSize::instance(exports)
}

fn declaration<'a>(reader: &mut BinaryReader<'a>, scopes: &mut Vec<Scope<'a>>, depth: usize) -> Result<usize> {
    let mut seen = 1;
    let first = reader.read_u8()?;
    if first == IS_TYPE {
        let size = read(reader, scopes, &mut seen, depth + 1)?;
        if let Some(scope) = scopes.last_mut() {
            scope.types.push(size);
        }
        return Ok(seen);
    }
    if first == IS_ALIAS {
        return Ok(alias(scopes, &reader.read::<ComponentAlias<'_>>()?)?.saturating_add(seen));
    }
    let Some(scope) = scopes.last_mut() else { return Ok(seen) };
    match first {
        IS_CORE_TYPE => scope.core_type(&reader.read::<CoreType<'_>>()?),
        IS_EXPORT => {
            let name = reader.read::<ComponentExternName<'_>>()?.name;
            let (kind, size) = scope.referred(reader.read::<ComponentTypeRef>()?)?;
            seen = size.parts.saturating_mul(2).saturating_add(seen);
            scope.push(kind, size.clone());
            scope.exports.insert(name, (kind, size));
        }
        other => return Err(format!("it declares something unknown ({other:#x}) in a type").into()),
    }
    Ok(seen)
}
