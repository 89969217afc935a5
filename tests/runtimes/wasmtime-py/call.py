"""One call of the plugin: call.py INTERFACE FUNCTION ARGUMENTS, the last as JSON. The component lies in $PLUGIN."""

import json
import os
import sys

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant


def call(engine, plugin, interface, function, *arguments):
    """The answer of a call, in an instance of its own. It blocks: give each a process that can be killed."""
    linker = Linker(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    store = Store(engine)
    store.set_wasi(WasiConfig())
    store.set_wasi_http()
    instance = linker.instantiate(store, plugin)
    interface = instance.get_export_index(store, f"orchestrator:plugin/{interface}@0.1.0")
    function = instance.get_export_index(store, function, interface)
    return instance.get_func(store, function)(store, *arguments)


def named(values):
    """The contract's `list<named-value>`. A secret is a text like any other."""
    records = []
    for name, value in values.items():
        record = Record()
        record.name, record.value = name, value
        records.append(record)
    return records


def plain(value):
    """What came back, as JSON has it."""
    if isinstance(value, Variant):
        return {"tag": value.tag, "val": plain(value.payload)}
    if isinstance(value, Record):
        return {name: plain(member) for name, member in vars(value).items()}
    return [plain(member) for member in value] if isinstance(value, list) else value


if __name__ == "__main__":
    interface, function, arguments = sys.argv[1:]
    connection, parameters, *rest = json.loads(arguments)
    config = Config()
    config.cache = True
    engine = Engine(config)
    plugin = Component.from_file(engine, os.environ["PLUGIN"])
    print(json.dumps(plain(call(engine, plugin, interface, function, named(connection), named(parameters), *rest))))
