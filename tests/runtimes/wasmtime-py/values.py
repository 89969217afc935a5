"""Values that a host in Python hands to the plugin arrive as what they are: wasmtime-py takes the first case that fits.

The component lies in $PLUGIN.
"""

import os

from call import call, named
from wasmtime import Engine
from wasmtime.component import Component

# Nothing listens where the plugin is sent.
CONNECTION = named({"access_token": "token", "base_url": "http://127.0.0.1:1"})

engine = Engine()
plugin = Component.from_file(engine, os.environ["PLUGIN"])
for value, code in [(7, "not_reached"), (True, "invalid_input"), (7.5, "invalid_input"), ("x", "invalid_input")]:
    said = call(engine, plugin, "task", "trigger", CONNECTION, named({"source_id": value})).code
    assert said == code, f"source_id = {value!r}: {said}, not {code}"
for ages, code in [([60_000], "not_reached"), ([60_000, 0], "not_reached"), ([], "invalid_input")]:
    said = call(engine, plugin, "settlement", "settle", CONNECTION, named({"source_id": 7}), ages).code
    assert said == code, f"ages-ms = {ages!r}: {said}, not {code}"
