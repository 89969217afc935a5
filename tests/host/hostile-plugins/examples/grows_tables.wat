;; Grows a table until it is refused, then traps. No Rust can: it has no word for tables.
(module
    (memory (export "memory") 1)
    (table $table 1 funcref)
    (func $grow
        (loop $more
            (br_if $more (i32.ne (i32.const -1) (table.grow $table (ref.null func) (i32.const 1000)))))
        unreachable)
    (start $grow)
    (func (export "orchestrator:plugin/task@0.1.0#describe") (result i32) unreachable)
    (func (export "orchestrator:plugin/task@0.1.0#trigger") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "orchestrator:plugin/task@0.1.0#poll") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))
