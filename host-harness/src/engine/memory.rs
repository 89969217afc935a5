//! The memory limit of a plugin.

use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::limits::limit_signal::LimitSignal;
use crate::{Limit, Limits};

/// Limits linear memory and tables, of all instances of a component together.
#[derive(Debug)]
pub(crate) struct Memory {
    limits: Arc<Limits>,
    limit_signal: LimitSignal,
    used: usize,
}

impl Memory {
    pub(crate) fn new(limits: Arc<Limits>, limit_signal: LimitSignal) -> Self {
        Self { limits, limit_signal, used: 0 }
    }
}

/// A plugin that asks for more is ended, not refused: most cannot go on, and their errors then explain nothing.
impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limits.memory.0 {
            return Err(self.limit_signal.note(Limit::Memory).into());
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > self.limits.table_elements {
            return Err(self.limit_signal.note(Limit::TableElements).into());
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;

    #[test]
    fn all_memories_of_an_instance_share_one_limit() {
        let limits = Arc::new(Limits { memory: Size(100), ..Limits::default() });
        let limit_signal = LimitSignal::new(limits.clone());
        let mut memory = Memory::new(limits, limit_signal.clone());
        assert!(memory.memory_growing(0, 60, None).unwrap());
        assert!(memory.memory_growing(60, 100, None).unwrap());
        assert_eq!(limit_signal.noted(), None);
        assert!(memory.memory_growing(0, 1, None).is_err());
        assert_eq!(limit_signal.noted().unwrap().limit, Limit::Memory);
    }
}
