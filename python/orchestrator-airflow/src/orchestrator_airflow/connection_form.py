"""The form of a connection on Airflow's web page, made of a plugin's descriptor."""

from __future__ import annotations

from typing import Any

from orchestrator_host import Descriptor, Field

from orchestrator_airflow.connection import BASE_URL, secret_fields

_TYPES = {"text": "string", "integer": "integer", "decimal": "number", "boolean": "boolean"}


def connection_type(descriptor: Descriptor, name: str, hook: str) -> dict[str, Any]:
    """The entry of `connection-types` in a provider's information."""
    password = next(iter(secret_fields(descriptor)), None)
    fields = {field.name: field for field in descriptor.connection}
    standard = {"password": fields.get(password or ""), "host": fields.get(BASE_URL)}
    shown = {place: field for place, field in standard.items() if field is not None}
    return {
        "connection-type": name,
        "hook-class-name": hook,
        "hook-name": descriptor.tool,
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "login", "port", "extra", *(standard.keys() - shown.keys())],
            "relabeling": {place: field.label for place, field in shown.items()},
            "placeholders": {place: str(field.default) for place, field in shown.items() if field.default is not None},
        },
        "conn-fields": {name: _form_field(field) for name, field in fields.items() if name not in (password, BASE_URL)},
    }


def _form_field(field: Field) -> dict[str, Any]:
    kind = _TYPES[field.kind]
    schema: dict[str, Any] = {"type": kind if field.required else [kind, "null"]}
    limits = {"minimum": field.minimum, "maximum": field.maximum, "default": field.default}
    schema |= {name: value for name, value in limits.items() if value is not None}
    if field.one_of:
        schema["enum"] = list(field.one_of)
    if field.secret:
        schema["format"] = "password"
    return {"label": field.label, "description": field.description, "schema": schema}
