"""What every plugin in Python needs, and nothing of any tool.

The core of a plugin is pure but for one seam, `Http`: a component has wasi:http there, a test a script (`orchestrator_plugin.scripted`).
The component's edge is `orchestrator_plugin.component`, and `python -m orchestrator_plugin` builds the component.
"""

from orchestrator_plugin.api_profile import ApiProfile
from orchestrator_plugin.base_url import BaseUrl
from orchestrator_plugin.client import Client
from orchestrator_plugin.contract import (
    Descriptor,
    ErrorKind,
    Field,
    FieldKind,
    Finding,
    FindingStatus,
    Finished,
    Link,
    Progress,
    Report,
    RequestBudget,
    Running,
    Step,
    StepStatus,
    TaskError,
    Value,
    Verdict,
)
from orchestrator_plugin.errors import invalid_input
from orchestrator_plugin.fields import Fields, MisreadError
from orchestrator_plugin.http import Answer, Http, NoAnswerError, NotSentError
from orchestrator_plugin.inputs import Inputs
from orchestrator_plugin.run_format import RunFormat
from orchestrator_plugin.secret import Secret
from orchestrator_plugin.text import one_line

__all__ = [
    "Answer",
    "ApiProfile",
    "BaseUrl",
    "Client",
    "Descriptor",
    "ErrorKind",
    "Field",
    "FieldKind",
    "Fields",
    "Finding",
    "FindingStatus",
    "Finished",
    "Http",
    "Inputs",
    "Link",
    "MisreadError",
    "NoAnswerError",
    "NotSentError",
    "Progress",
    "Report",
    "RequestBudget",
    "RunFormat",
    "Running",
    "Secret",
    "Step",
    "StepStatus",
    "TaskError",
    "Value",
    "Verdict",
    "invalid_input",
    "one_line",
]
