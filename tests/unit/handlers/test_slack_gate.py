"""What gets through the door for Slack, and what does not."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.types import Message

from bot.config.secrets import Secret
from handlers import body as reading
from handlers.app import SLACK_PATH
from handlers.slack.gate import MOST
from tests.unit.handlers.asgi import call
from tests.unit.handlers.slack_world import FORM, SlackWorld, command

NOT_SIGNED = (401, b"not signed by Slack, or too long ago")


@pytest.fixture
def world() -> SlackWorld:
    return SlackWorld()


async def test_what_slack_signed_is_taken(world: SlackWorld) -> None:
    assert (await world.command("status")).status == 200
    assert [said[2] for said in world.desk.heard] == ["status"]


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": b"v0=00"},
        {"X-Slack-Signature": "v0=é".encode()},
        {"X-Slack-Signature": b""},
        {"X-Slack-Request-Timestamp": b"abc"},
        {"X-Slack-Request-Timestamp": b"1e9"},
        {"X-Slack-Request-Timestamp": b"\xff"},
    ],
)
async def test_a_wrong_signature_or_time_is_not(world: SlackWorld, change: dict[str, bytes]) -> None:
    body = command("status")
    answer = await world.send(body, world.signed(body) | change)
    assert (answer.status, answer.body) == NOT_SIGNED
    assert world.desk.heard == []


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
async def test_a_missing_header_is_not(world: SlackWorld, missing: str) -> None:
    headers = world.signed(command("status"))
    del headers[missing]
    answer = await world.send(command("status"), headers)
    assert (answer.status, answer.body) == NOT_SIGNED


async def test_another_body_under_the_same_signature_is_not(world: SlackWorld) -> None:
    answer = await world.send(command("promote"), world.signed(command("status")))
    assert (answer.status, answer.body) == NOT_SIGNED


async def test_an_old_request_is_not(world: SlackWorld) -> None:
    answer = await world.send(command("status"), world.signed(command("status"), age=301))
    assert (answer.status, answer.body) == NOT_SIGNED


@pytest.mark.parametrize("redis", ["there", "away"])
async def test_the_same_signed_bytes_count_once(world: SlackWorld, redis: str) -> None:
    world.outage.on = redis == "away"
    body = command("rollback checkout")
    headers = world.signed(body)
    assert (await world.send(body, headers)).status == 200
    world.clock.step(299)
    again = await world.send(body, headers)
    assert (again.status, again.body) == (401, b"this request was taken in before")
    assert len(world.desk.heard) == 1


async def test_a_second_replica_remembers_too(world: SlackWorld) -> None:
    body = command("rollback checkout")
    headers = world.signed(body)
    other = SlackWorld()
    journal = world.app.routes[0].app._replays._journal  # type: ignore[attr-defined]
    other.app.routes[0].app._replays._journal = journal  # type: ignore[attr-defined]
    assert (await world.send(body, headers)).status == 200
    assert (await other.send(body, headers)).status == 401


async def test_the_memory_of_signatures_does_not_grow_for_ever(world: SlackWorld) -> None:
    replays = world.app.routes[0].app._replays  # type: ignore[attr-defined]
    for number in range(50):
        await world.command(f"show R-{number}")
        world.clock.step(100)
    assert len(replays._seen) <= 6


async def test_both_secrets_are_good_during_a_rotation(tmp_path: Path) -> None:
    world = SlackWorld()
    file = tmp_path / "secret"
    file.write_text("old\nnew\n")
    world.app.routes[0].app._secret = Secret("SLACK_SIGNING_SECRET", file=file)  # type: ignore[attr-defined]
    body = command("status")
    assert (await world.send(body, world.signed(body, "old"))).status == 200
    assert (await world.send(body, world.signed(body, "new"))).status == 200


@pytest.mark.parametrize("secret", [None, "", " , "])
async def test_without_a_secret_nobody_gets_in(secret: str | None) -> None:
    world = SlackWorld(secret)
    answer = await world.send(command("status"), world.signed(command("status"), ""))
    assert (answer.status, answer.body) == NOT_SIGNED


async def test_a_secret_that_cannot_be_read_lets_nobody_in(world: SlackWorld, tmp_path: Path) -> None:
    world.app.routes[0].app._secret = Secret("X", file=tmp_path / "nothing")  # type: ignore[attr-defined]
    assert (await world.command("status")).status == 401


@pytest.mark.parametrize("mark", ["signed", "not signed"])
async def test_a_body_over_the_cap_is_not_read(world: SlackWorld, mark: str) -> None:
    body = b"x" * (MOST + 1)
    headers = world.signed(body) if mark == "signed" else {}
    answer = await world.send(body, headers)
    assert (answer.status, answer.headers["connection"], answer.unread) == (413, "close", 1)


async def test_a_chunked_body_is_read_no_further_than_the_cap(world: SlackWorld) -> None:
    answer = await call(world.app, SLACK_PATH, [b"x" * 1024] * 1000)
    assert (answer.status, answer.unread) == (413, 1000 - 257)


async def test_a_body_at_the_cap_is_read(world: SlackWorld) -> None:
    body = command("x" * (MOST - len(command(""))))
    answer = await call(world.app, SLACK_PATH, [body[:10], body[10:]], world.signed(body))
    assert (len(body), answer.status) == (MOST, 200)


async def test_a_sender_that_leaves_gets_no_more_patience(world: SlackWorld) -> None:
    assert (await call(world.app, SLACK_PATH, [])).status == 408


async def test_a_sender_that_dawdles_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    chunks: asyncio.Queue[Message] = asyncio.Queue()
    chunks.put_nowait({"type": "http.request", "body": b"a", "more_body": True})
    with pytest.raises(reading.TooSlow):
        await reading.read({"headers": []}, chunks.get, MOST)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", FORM),
        (b"{" * 100_000, b"application/json"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b"application/json"),
        (b"[1]", b"application/json"),
        (b"payload=not+json", FORM),
        (b"payload=[]", FORM),
    ],
    ids=["no UTF-8", "no JSON", "deep JSON", "a list", "payload is no JSON", "payload is a list"],
)
async def test_signed_nonsense_is_400(world: SlackWorld, body: bytes, kind: bytes) -> None:
    answer = await world.send(body, world.signed(body) | {"Content-Type": kind})
    assert (answer.status, answer.body) == (400, b"not a request of Slack's shape")


async def test_slacks_check_of_the_certificate_needs_a_signature(world: SlackWorld) -> None:
    assert (await world.send(b"ssl_check=1&token=x")).status == 200
    assert (await world.send(b"ssl_check=1&token=x", {"Content-Type": FORM})).status == 401


async def test_slacks_check_of_the_address_is_answered(world: SlackWorld) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "x"}).encode()
    answer = await world.send(body, world.signed(body) | {"Content-Type": b"application/json"})
    assert (answer.status, answer.json) == (200, {"challenge": "c0ffee"})


async def test_what_is_not_ours_is_404(world: SlackWorld) -> None:
    assert (await world.command("status", "/other")).status == 404
    assert world.desk.heard == []


async def test_only_posts_to_known_paths_are_taken(world: SlackWorld) -> None:
    assert (await call(world.app, SLACK_PATH, method="GET")).status == 405
    assert (await call(world.app, "/", method="GET")).status == 404
