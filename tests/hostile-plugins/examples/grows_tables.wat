;; Grows a table until it is refused, then traps. No Rust can: it has no word for tables.
(component
    (core module $module
        (table $table 1 funcref)
        (func $start
            (loop $more
                (br_if $more (i32.ne (i32.const -1) (table.grow $table (ref.null func) (i32.const 1000)))))
            unreachable)
        (start $start)
        (func (export "f")))
    (core instance $core (instantiate $module))
    (func $f (canon lift (core func $core "f")))
    (instance $task (export "describe" (func $f)) (export "trigger" (func $f)) (export "poll" (func $f)))
    (export "orchestrator:plugin/task@0.1.0" (instance $task)))
