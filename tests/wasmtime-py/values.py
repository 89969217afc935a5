"""Values that a host in Python hands to the plugin arrive as what they are: wasmtime-py takes the first case that fits.

Usage: values.py COMPONENT, with PyPI's wasmtime.
"""

import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record

TASK = "orchestrator:plugin/task@0.1.0"


def named(name, value):
    record = Record()
    record.name, record.value = name, value
    return record


def trigger(engine, component, source_id):
    """The code of what comes of a trigger. Nothing listens where the plugin is sent."""
    linker = Linker(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    store = Store(engine)
    store.set_wasi(WasiConfig())
    store.set_wasi_http()
    instance = linker.instantiate(store, component)
    task = instance.get_export_index(store, TASK)
    function = instance.get_func(store, instance.get_export_index(store, "trigger", task))
    connection = [named("access_token", "token"), named("base_url", "http://127.0.0.1:1")]
    return function(store, connection, [named("source_id", source_id)]).code


engine = Engine()
plugin = Component.from_file(engine, sys.argv[1])
for value, code in [(7, "not_reached"), (True, "invalid_input"), (7.5, "invalid_input"), ("x", "invalid_input")]:
    said = trigger(engine, plugin, value)
    assert said == code, f"source_id = {value!r}: {said}, not {code}"
