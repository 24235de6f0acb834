"""What the bench sends is what Slack and Alertmanager send."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest

from bench.client import Line, Slack, alert
from bot.commands.model import Start
from bot.commands.parser import parse
from handlers.notice import alerts
from handlers.slack.signature import Signed, is_signed

SECRET = "a secret"
Server = Callable[[bytes], int]


@pytest.fixture
def server() -> Iterator[Server]:
    """Answers one request, in pieces of a few bytes; then closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []

        def answering(answer: bytes) -> int:
            def serve() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    for start in range(0, len(answer), 7):
                        connection.sendall(answer[start : start + 7])

            threads.append(threading.Thread(target=serve))
            threads[-1].start()
            port: int = listener.getsockname()[1]
            return port

        yield answering
        for thread in threads:
            thread.join()


def test_a_command_is_signed_and_starts_a_release() -> None:
    body, headers = Slack(SECRET).start("svc-001", "U0ANA00001")

    stamp, signature = (headers[f"X-Slack-{name}"].encode() for name in ("Request-Timestamp", "Signature"))
    assert is_signed(Signed(stamp, signature, body), [SECRET.encode()], float(stamp))
    form = parse_qs(body.decode())
    assert (form["command"], form["user_id"]) == (["/release"], ["U0ANA00001"])
    assert isinstance(parse(form["text"][0]), Start)


def test_an_alert_names_the_new_version() -> None:
    [found] = alerts(json.dumps(alert("svc-001")).encode())

    assert (found.status, found.labels["service"], found.labels["version"]) == ("firing", "svc-001", "v1.3.0")


def test_an_answer_is_read_to_its_end(server: Server) -> None:
    port = server(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"x" * 20)

    with Line(port) as line:
        sent = line.post("/slack/events", b"text=help", {})

    assert (sent.status, sent.body) == (200, b"x" * 20)


def test_an_answer_that_ends_early_is_an_error(server: Server) -> None:
    port = server(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nxxx")

    with Line(port) as line, pytest.raises(ConnectionError, match="17 bytes early"):
        line.post("/slack/events", b"text=help", {})
