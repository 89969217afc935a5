"""What Airflow asks of a provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def get_provider_info() -> dict[str, Any]:
    """The provider's information. It is asked for by every process, so the plugin is not loaded for it: a test compares them."""
    information: dict[str, Any] = json.loads(Path(__file__).with_name("provider_info.json").read_text())
    return information
