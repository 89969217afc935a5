"""Airflow's connections as a plugin takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from orchestrator_host import Descriptor, Plugin, RateLimiter, Secret, Task

BASE_URL = "base_url"
"""The field that says where the tool is: Airflow's host, schema and port."""

Value = str | bool | int | float


class Connection(Protocol):
    """What of an Airflow connection is read."""

    conn_type: str | None
    host: str | None
    schema: str | None
    port: int | None
    password: str | None

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra fields."""


def task(
    plugin: Plugin,
    connection: Connection,
    conn_type: str,
    parameters: Mapping[str, Value],
    rate_limiter: RateLimiter | None = None,
) -> Task:
    """The task of a connection of this type, which reaches the connection's own origin and nothing else.

    That may be inside the network; where the connection names none, it is the plugin's own. So whoever writes a DAG names parameters and
    a connection, and cannot send its secret elsewhere. Raises `ValueError` for a connection of another type.
    """
    if connection.conn_type != conn_type:
        raise ValueError(f"the connection is of the type {connection.conn_type}: name one of the type {conn_type}")
    descriptor = plugin.describe()
    url, secrets, values = base_url(connection), _secrets(descriptor, connection), _values(descriptor, connection)
    # Airflow's connections show their passwords: a traceback with its variables would, too.
    del connection
    if url is not None:
        values[BASE_URL] = url
    return plugin.task(
        connection=values,
        secrets=secrets,
        parameters=parameters,
        allow=[] if url is not None else descriptor.origins,
        allow_internal=[_origin(url)] if url is not None else [],
        rate_limiter=rate_limiter,
    )


def base_url(connection: Connection) -> str | None:
    """The URL in a connection's host, schema and port. None where it names no host."""
    if not connection.host:
        return None
    if "://" in connection.host:
        return connection.host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{connection.host}{port}"


def secret_fields(descriptor: Descriptor) -> list[str]:
    """The connection's secrets: the first is Airflow's password, others are extra fields."""
    return [field.name for field in descriptor.connection if field.secret]


def _secrets(descriptor: Descriptor, connection: Connection) -> dict[str, Secret]:
    names = secret_fields(descriptor)
    given = {name: connection.extra_dejson.get(name) for name in names[1:]}
    given |= dict.fromkeys(names[:1], connection.password)
    return {name: Secret(str(text)) for name, text in given.items() if text}


def _values(descriptor: Descriptor, connection: Connection) -> dict[str, Value]:
    names = [field.name for field in descriptor.connection if not field.secret and field.name != BASE_URL]
    given = {name: connection.extra_dejson.get(name) for name in names}
    return {name: value for name, value in given.items() if value not in (None, "")}


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
