"""Slack's and Alertmanager's side: requests as they send them, on connections that are kept."""

import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlencode

from bench.services import CHANNEL, NAMESPACE, TARGET, command
from sandbox.slack.link import FORM, BotLink
from sandbox.slack.payloads import command_fields
from sandbox.slack.seed import Channel, Person
from sandbox.world.alerts import notice

PATH = "/slack/events"
_PLACE = Channel("C0RELEASES", CHANNEL.removeprefix("#"))


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer's status and body, and the seconds from the first byte sent to the last one received."""

    status: int
    body: bytes
    seconds: float


class Slack:
    """Signs commands."""

    def __init__(self, secret: str) -> None:
        self._link = BotLink("", secret, 0, time.time)

    def start(self, service: str, user: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the command that releases a service."""
        tickets = {
            "response_url": f"https://hooks.slack.com/commands/{service}",
            "trigger_id": f"1.{time.time_ns()}",
        }
        fields = command_fields(
            Person(user, user.lower(), user), _PLACE, f"/release {command(service)}", tickets
        )
        body = urlencode(fields).encode()
        return body, self._link.signed(body) | {"Content-Type": FORM, "User-Agent": "Slackbot 1.0"}


class Line:
    """One connection, kept. Blocking, and as plain as can be, so that what is measured is the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = f"127.0.0.1:{port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> Sent:
        """Send, and wait for the answer. Raises OSError."""
        lines = {"Host": self._host, "Content-Length": str(len(body)), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
        began = time.perf_counter()
        self._socket.sendall(request)
        answer = self._socket.recv(65_536)
        while (lacking := _lacking(answer)) != 0:
            received = self._socket.recv(65_536)
            if not received:
                raise ConnectionError(f"the answer ended {lacking} bytes early")
            answer += received
        seconds = time.perf_counter() - began
        return Sent(int(answer[9:12]), answer.partition(b"\r\n\r\n")[2], seconds)


def _lacking(answer: bytes) -> int:
    """Bytes that are still to come, as far as one can tell."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return 1
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1]) - len(body)
    raise ConnectionError("an answer without a length")


def alert(service: str) -> dict[str, Any]:
    """Alertmanager's notice that a service's new version fails since this moment."""
    return notice(service, NAMESPACE, TARGET, datetime.now(UTC))
