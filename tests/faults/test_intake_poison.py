"""What breaks whoever touches it is put aside after a few tries, kept, told and audited; everything else goes on."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.redis.outbox import RedisOutbox
from adapters.redis.releases import RedisReleases
from bot.analysis.looks import judged as whole
from bot.ports.desks import Alert
from bot.reconciler import reconciler as passes
from bot.reconciler import sampler
from bot.release.decide import decide
from bot.release.decision import Decision
from bot.release.model import Release
from bot.release.observed import Observed
from bot.release.phases import Phase
from bot.usecases import alerting
from tests.scenarios.conftest import adopted, ana, bo, dee, quiet, theatre
from tests.scenarios.theatre import Person, Theatre
from tests.support.valkey import redis, redis_prefix, valkey
from tests.support.values import event, hold, instruction, parcel, release, waiter

__all__ = ["adopted", "ana", "bo", "dee", "quiet", "redis", "redis_prefix", "theatre", "valkey"]

TOLD = """\
Needs you   checkout v1.2.9 → v1.3.0 (R-1001): Lockmaster breaks whenever it looks at it.
Its log says how. It tries again once a minute, and Roll back is tried at once; other releases go
on."""


class BugError(Exception):
    """What nobody foresaw."""


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Deciding about R-1001 breaks once it bakes, until `fixed` is said; each try is noted."""
    tried: list[str] = []

    def breaking(record: Release, observed: Observed, now: object) -> Decision:
        if record.id == "R-1001" and record.phase is Phase.BAKING and "fixed" not in tried:
            tried.append(record.id)
            raise BugError
        return decide(record, observed, now)  # type: ignore[arg-type]  # a datetime

    monkeypatch.setattr(passes, "decide", breaking)
    return tried


async def test_f52_a_release_that_breaks_each_pass_is_tried_ever_more_seldom_and_the_others_go_on(
    theatre: Theatre, ana: Person, tried: list[str]
) -> None:
    await ana.types("checkout v1.3.0")
    await ana.types("payments v2.0.0")
    await theatre.pass_(300)

    assert (await theatre.release("R-1002")).phase is Phase.GATE
    assert (await theatre.release("R-1001")).phase is Phase.BAKING
    assert len(tried) <= 6 + 300 // 60 + 1
    assert [theatre.notice(n).strip() for n, text in enumerate(theatre.channel()) if "breaks" in text] == [
        TOLD
    ]
    assert [line for line in theatre.audit() if "put_aside" in line] == ["Lockmaster: pass: put_aside"]
    assert theatre.bot.reconciler.quarantine.held == ("R-1001",)

    tried.append("fixed")
    await theatre.until(Phase.GATE, within=61)
    assert not theatre.bot.reconciler.quarantine.held


async def test_f52_a_rollback_does_not_wait_for_the_rest_of_a_broken_release(
    theatre: Theatre, ana: Person, tried: list[str]
) -> None:
    await ana.types("checkout v1.3.0")
    await theatre.pass_(200)
    assert theatre.bot.reconciler.quarantine.held == ("R-1001",)
    tried.append("fixed")

    await ana.types("rollback checkout")

    assert theatre.weights() == "100/0"


async def test_f52_a_release_that_cannot_be_judged_has_no_data_and_the_others_are_judged(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ana.types("checkout v1.3.0")
    await ana.types("payments v2.0.0")
    await theatre.until(Phase.BAKING)
    broken = await theatre.release("R-1001")

    def judged(record: Release, *rest: Any) -> object:
        if record.id == broken.id:
            raise BugError
        return whole(record, *rest)

    monkeypatch.setattr(sampler, "judged", judged)

    await theatre.pass_(120)

    assert (await theatre.release("R-1002")).phase is Phase.GATE
    assert (await theatre.release("R-1001")).phase is Phase.BAKING
    assert "Lockmaster broke while it judged; its log says how" in theatre.card()


def alert(theatre: Theatre, fingerprint: str, **labels: str) -> Alert:
    about = {"alertname": "HighErrorRate", "service": "checkout", **labels}
    return Alert("firing", about, {}, theatre.clock.now(), fingerprint)


async def test_f52_an_alert_that_breaks_is_sent_again_twice_then_put_aside_and_its_neighbour_acts(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    meant = alerting._meant

    def breaking(one: Alert, *rest: object) -> object:
        if "poison" in one.labels:
            raise BugError
        return meant(one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(alerting, "_meant", breaking)
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.BAKING)
    notice = (alert(theatre, "bad", poison="x"), alert(theatre, "good", track="canary"))

    replies = [await theatre.bot.alerts.fired(notice) for _ in range(4)]

    assert [reply.status for reply in replies] == [503, 503, 200, 200]
    assert [reply.reasons[0] for reply in replies] == [alerting.AGAIN] * 2 + [alerting.ASIDE] * 2
    assert replies[0].reasons[1] == "checkout v1.2.9 → v1.3.0 (R-1001): rolled back"
    assert theatre.weights() == "100/0"
    [kept] = [one for one in theatre.journal.records if one.outcome == "put_aside"]
    assert kept.text == "it broke 3 times (BugError): alertname=HighErrorRate, poison=x, service=checkout"


@pytest.mark.parametrize("text", [b"not json", b"[]", b'{"id": 7}'])
async def test_f52_a_record_nobody_can_read_stays_and_hides_no_other(redis: Connection, text: bytes) -> None:
    releases, locks = RedisReleases(redis), RedisLocks(redis)
    for id_ in ("R-1001", "R-1002"):
        record = release(id_)
        await releases.save(record, (event(),), ())
        assert await releases.instruct(id_, instruction(f"{id_}:1"))
        assert await releases.instruct(id_, instruction(f"{id_}:2"))
    await locks.hold(hold(service="checkout"), None)
    await locks.hold(hold(service="payments"), timedelta(hours=1))
    stored: Any = await redis.client.hgetall(redis.key("inbox", "R-1001"))
    arrived = stored[b"R-1001:1"][:15]
    await redis.client.hset(redis.key("inbox", "R-1001"), "R-1001:1", arrived + text)
    await redis.client.hset(redis.key("release", "R-1001"), "text", text)

    assert [found.id for found in await releases.live()] == ["R-1002"]
    assert [found.id for found in await releases.history("checkout", 5)] == ["R-1002"]
    assert [found.id for found in (await releases.recall("R-1001"))[1]] == ["R-1001:2"]
    assert await releases.load("R-1001") is None
    assert await redis.client.hget(redis.key("release", "R-1001"), "text") == text


async def test_f52_a_place_in_the_queue_that_nobody_can_read_is_passed_over(redis: Connection) -> None:
    locks = RedisLocks(redis)
    await locks.hold(hold(), None)
    for name in ("ana", "bo"):
        await locks.admit(release(f"R-{name}"), event(), waiter(name))
    await redis.client.hset(redis.key("waiters", "checkout"), "UANA", "poison")

    assert [found.by.name for found in await locks.queue("checkout")] == ["bo"]


async def test_f52_a_message_that_nobody_can_read_is_put_aside_and_the_next_one_is_said(
    redis: Connection,
) -> None:
    outbox = RedisOutbox(redis)
    await outbox.put(parcel("bad"))
    await outbox.put(parcel("good"))
    await redis.client.hset(redis.key("outbox", "parcel", "bad"), "body", "poison")

    assert await outbox.take("one") is None
    taken = await outbox.take("one")

    assert taken is not None
    assert taken.key == "good"
    assert await redis.client.hget(redis.key("outbox", "aside", "bad"), "body") == b"poison"
