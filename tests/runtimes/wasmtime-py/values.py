"""Values that a host in Python hands to the plugin arrive as what they are: wasmtime-py takes the first case that fits.

Usage: values.py COMPONENT, with PyPI's wasmtime.
"""

import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record

CONTRACT = "orchestrator:plugin/{}@0.1.0"


def named(name, value):
    record = Record()
    record.name, record.value = name, value
    return record


def called(engine, component, interface, function, source_id, *more):
    """The code of what comes of a call. Nothing listens where the plugin is sent."""
    linker = Linker(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    store = Store(engine)
    store.set_wasi(WasiConfig())
    store.set_wasi_http()
    instance = linker.instantiate(store, component)
    interface = instance.get_export_index(store, CONTRACT.format(interface))
    function = instance.get_func(store, instance.get_export_index(store, function, interface))
    connection = [named("access_token", "token"), named("base_url", "http://127.0.0.1:1")]
    return function(store, connection, [named("source_id", source_id)], *more).code


engine = Engine()
plugin = Component.from_file(engine, sys.argv[1])
for value, code in [(7, "not_reached"), (True, "invalid_input"), (7.5, "invalid_input"), ("x", "invalid_input")]:
    said = called(engine, plugin, "task", "trigger", value)
    assert said == code, f"source_id = {value!r}: {said}, not {code}"
for ages, code in [([60_000], "not_reached"), ([60_000, 0], "not_reached"), ([], "invalid_input")]:
    said = called(engine, plugin, "settlement", "settle", 7, ages)
    assert said == code, f"ages-ms = {ages!r}: {said}, not {code}"
