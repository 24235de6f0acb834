"""What the methods of the Web API work on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.slack.capabilities import Capabilities
from sandbox.slack.message import Json
from sandbox.slack.modals import Modals
from sandbox.slack.uploads import Uploads
from sandbox.slack.workspace import Workspace

Arguments = Mapping[str, Any]
ParameterType = Literal["string", "boolean", "integer", "timestamp", "json"]


class SlackError(Exception):
    """An answer with `ok: false`; `complaints` are what Slack adds in `response_metadata`."""

    def __init__(self, code: str, complaints: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.complaints = complaints or []

    def answer(self) -> Json:
        """Return the body Slack sends."""
        body: Json = {"ok": False, "error": self.code}
        if self.complaints:
            body["errors"] = self.complaints
            body["response_metadata"] = {"messages": [f"[ERROR] {c}" for c in self.complaints]}
        return body


@dataclass
class Tenant:
    """One workspace with all that hangs on it; `origin` is where this emulator listens."""

    workspace: Workspace
    capabilities: Capabilities
    modals: Modals
    uploads: Uploads = field(default_factory=Uploads)
    origin: str = ""


@dataclass(frozen=True)
class Parameter:
    """One argument: how Slack reads it, and whether a call without it is refused."""

    type: ParameterType = "string"
    required: bool = False


@dataclass(frozen=True)
class Method:
    """One method: what it does, what it takes, and whether it reads JSON bodies (many do not)."""

    call: Callable[[Tenant, Arguments], Json]
    parameters: Mapping[str, Parameter]
    takes_json: bool


def takes(required: str = "", optional: str = "") -> dict[str, Parameter]:
    """Parameters from words: `"channel ts:timestamp"`; no colon means a string."""
    table: dict[str, Parameter] = {}
    for words, is_required in ((required, True), (optional, False)):
        for word in words.split():
            name, _, kind = word.partition(":")
            table[name] = Parameter(_TYPES[kind], is_required)
    return table


_TYPES: dict[str, ParameterType] = {
    "": "string",
    "boolean": "boolean",
    "integer": "integer",
    "timestamp": "timestamp",
    "json": "json",
}
