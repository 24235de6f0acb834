"""Notices of Alertmanager: who may send them, in which shape, and what they are answered."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.config.secrets import Secret
from bot.errors import Unavailable
from bot.ports.desks import Alert, AlertReply
from handlers.alerts import MOST, MOST_IN_FLIGHT, AlertGate
from handlers.notice import MOST_LABELS
from tests.fakes.clock import settle
from tests.unit.handlers.asgi import Answer, call

TOKEN = "s3cret-tokén"
LABELS = {"alertname": "ErrorsHigh", "service": "checkout", "namespace": "shop", "version": "v1.3.0"}


class Desk:
    def __init__(self) -> None:
        self.heard: list[tuple[Alert, ...]] = []
        self.status = 200
        self.error: Exception | None = None
        self.slow: asyncio.Event | None = None

    async def fired(self, alerts: tuple[Alert, ...]) -> AlertReply:
        self.heard.append(alerts)
        if self.slow:
            await self.slow.wait()
        if self.error:
            raise self.error
        return AlertReply(self.status, tuple(f"rolled back {n}" for n, _ in enumerate(alerts)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def gate(desk: Desk) -> AlertGate:
    return AlertGate(desk, Secret("LOCKMASTER_ALERT_TOKEN", TOKEN))


def alert(fingerprint: str = "c0ffee", **changes: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": LABELS,
        "annotations": {"summary": "5 % of answers are errors"},
        "startsAt": "2026-11-02T09:00:00.123Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": fingerprint,
    } | changes


def notice(*alerts: Mapping[str, Any], **changes: Any) -> bytes:
    given = {
        "version": "4",
        "groupKey": '{}:{alertname="ErrorsHigh"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "lockmaster",
        "groupLabels": {"alertname": "ErrorsHigh"},
        "commonLabels": LABELS,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": list(alerts),
    }
    return json.dumps(given | changes).encode()


async def post(
    gate: AlertGate, body: bytes | list[bytes], authorization: bytes = f"Bearer {TOKEN}".encode()
) -> Answer:
    return await call(gate, "/alerts/alertmanager", body, {"Authorization": authorization})


async def test_an_alert_reaches_the_desk_and_its_reason_comes_back(gate: AlertGate, desk: Desk) -> None:
    answer = await post(gate, notice(alert(), alert("beef", status="resolved")))
    assert (answer.status, answer.json) == (
        200,
        {
            "alerts": [
                {"fingerprint": "c0ffee", "reason": "rolled back 0"},
                {"fingerprint": "beef", "reason": "rolled back 1"},
            ]
        },
    )
    at = datetime(2026, 11, 2, 9, 0, 0, 123_000, tzinfo=UTC)
    note = {"summary": "5 % of answers are errors"}
    assert desk.heard == [
        (Alert("firing", LABELS, note, at, "c0ffee"), Alert("resolved", LABELS, note, at, "beef"))
    ]


@pytest.mark.parametrize(
    "authorization",
    [b"", b"Bearer", b"Bearer ", b"Bearer wrong", TOKEN.encode(), f"Basic {TOKEN}".encode(), b"Bearer \xff"],
)
async def test_without_the_token_nothing_is_read(gate: AlertGate, desk: Desk, authorization: bytes) -> None:
    answer = await post(gate, notice(alert()), authorization)
    assert (answer.status, answer.json, answer.unread) == (401, {"error": "wrong token"}, 1)
    assert desk.heard == []


@pytest.mark.parametrize("token", [None, "", " "])
async def test_where_no_token_is_configured_nobody_gets_in(desk: Desk, token: str | None) -> None:
    gate = AlertGate(desk, Secret("LOCKMASTER_ALERT_TOKEN", token))
    assert (await post(gate, notice(alert()), b"Bearer ")).status == 401
    assert (await post(gate, notice(alert()), b"Bearer None")).status == 401


async def test_each_alertmanager_may_have_a_token_of_its_own(desk: Desk) -> None:
    gate = AlertGate(desk, Secret("LOCKMASTER_ALERT_TOKEN", "one,two"))
    for header in (b"Bearer one", b"bearer two"):
        assert (await post(gate, notice(alert()), header)).status == 200


async def test_a_body_over_the_cap_is_not_read(gate: AlertGate, desk: Desk) -> None:
    at_once = await post(gate, b"x" * (MOST + 1))
    chunked = await post(gate, [b"x" * 65_536] * 100)
    assert (at_once.status, at_once.unread) == (413, 1)
    assert (chunked.status, chunked.unread) == (413, 100 - 17)
    assert desk.heard == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        (b"<html>", "Invalid JSON: expected value at line 1 column 1"),
        (b"[]", "Input should be an object"),
        (b"{}", "version: Field required"),
        (notice(alerts={}), "alerts: Input should be a valid array"),
        (notice(alert(labels={"a": 1})), "alerts.0.labels.a: Input should be a valid string"),
        (notice(alert(startsAt="soon")), None),
        (notice(alert(startsAt="2026-11-02T09:00:00")), None),
        (notice(alert(status="burning")), None),
        (b'{"version": "4", "alerts": ' + b"[" * 100_000, None),
    ],
)
async def test_what_is_no_notice_is_400(gate: AlertGate, desk: Desk, body: bytes, error: str | None) -> None:
    answer = await post(gate, body)
    assert answer.status == 400
    assert answer.json["error"].startswith("not a notice of Alertmanager's: " + (error or ""))
    assert desk.heard == []


async def test_an_alert_with_too_many_labels_is_ignored_and_the_others_are_not(
    gate: AlertGate, desk: Desk
) -> None:
    crowd = alert("crowd", labels={f"l{number}": "x" for number in range(MOST_LABELS + 1)})
    novel = alert("novel", labels={"service": "x" * 1_025})
    answer = await post(gate, notice(crowd, alert(), novel))
    assert answer.json == {
        "alerts": [
            {"fingerprint": "crowd", "reason": "ignored: more than 64 labels or annotations"},
            {"fingerprint": "c0ffee", "reason": "rolled back 0"},
            {"fingerprint": "novel", "reason": "ignored: a label is longer than 1024 characters"},
        ]
    }
    assert [[a.fingerprint for a in heard] for heard in desk.heard] == [["c0ffee"]]


async def test_ten_thousand_alerts_are_answered_one_by_one(gate: AlertGate) -> None:
    small = {"status": "firing", "labels": {"a": "b"}, "startsAt": "2026-11-02T09:00:00Z"}
    answer = await post(gate, notice(*[small] * 10_000))
    assert (answer.status, len(answer.json["alerts"])) == (200, 10_000)


async def test_a_desk_that_cannot_act_now_gets_the_notice_again(gate: AlertGate, desk: Desk) -> None:
    desk.error = Unavailable("kubernetes", "it does not answer")
    answer = await post(gate, notice(alert()))
    assert (answer.status, answer.json) == (503, {"error": "kubernetes is unavailable: send it again"})
    desk.error, desk.status = None, 503
    assert (await post(gate, notice(alert()))).status == 503


async def test_a_bug_is_answered_500_so_that_the_notice_comes_again(gate: AlertGate, desk: Desk) -> None:
    desk.error = KeyError("a bug")
    answer = await post(gate, notice(alert()))
    assert (answer.status, answer.json) == (500, {"error": "this broke: send it again"})


async def test_too_many_notices_at_once_are_sent_away_and_come_again(gate: AlertGate, desk: Desk) -> None:
    desk.slow = asyncio.Event()
    busy = [asyncio.create_task(post(gate, notice(alert()))) for _ in range(MOST_IN_FLIGHT)]
    await settle()
    answer = await post(gate, notice(alert()))
    assert (answer.status, answer.json) == (503, {"error": "overloaded: send it again"})
    desk.slow.set()
    assert [done.status for done in await asyncio.gather(*busy)] == [200] * MOST_IN_FLIGHT
    assert (await post(gate, notice(alert()))).status == 200


async def test_a_sender_that_leaves_frees_its_place(gate: AlertGate) -> None:
    for _ in range(MOST_IN_FLIGHT + 1):
        assert (await post(gate, [])).status == 503
