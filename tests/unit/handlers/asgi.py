"""One request to an ASGI application, with every chunk in the test's hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    unread: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def call(
    app: ASGIApp,
    path: str,
    body: bytes | Sequence[bytes] = b"",
    headers: Mapping[str, bytes] | None = None,
    method: str = "POST",
) -> Answer:
    """Send the body in the chunks given; a single one comes with its length, several are chunked."""
    chunks = [body] if isinstance(body, bytes) else list(body)
    sent = dict(headers or {})
    if isinstance(body, bytes):
        sent.setdefault("content-length", str(len(body)).encode())
    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]
    answers: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.lower().encode(), value) for name, value in sent.items()],
        "server": ("127.0.0.1", 3000),
    }
    await app(scope, receive, send)
    start, *rest = answers
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(part["body"] for part in rest), len(waiting))
