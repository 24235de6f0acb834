"""The suite of the port `Journal`, on the fake and on a real server."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.spill.journal import JournalWithSpill
from bot.ports.journal import Journal
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal
from tests.support.values import audit

SOON = timedelta(milliseconds=40)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "redis", "with spill"])
def journal(request: pytest.FixtureRequest, redis: Connection, clock: FakeClock, tmp_path: Path) -> Journal:
    if request.param == "redis":
        return RedisJournal(redis)
    fake = FakeJournal(clock)
    return fake if request.param == "fake" else JournalWithSpill(fake, clock, tmp_path)


async def test_the_tail_is_newest_first_and_limited(journal: Journal) -> None:
    for text in ("one", "two “drei”\n", "four"):
        await journal.append(audit(text))
    assert await journal.tail(2) == (audit("four"), audit("two “drei”\n"))
    assert await journal.tail(9) == (audit("four"), audit("two “drei”\n"), audit("one"))
    assert await journal.tail(0) == ()


async def test_an_empty_journal_has_no_tail(journal: Journal) -> None:
    assert await journal.tail(5) == ()


async def test_the_same_record_is_kept_once(journal: Journal) -> None:
    """It is written again where the first answer was lost; two acts differ in their origin."""
    for text in ("same", "other", "same"):
        await journal.append(audit(text))
    assert await journal.tail(5) == (audit("other"), audit("same"))


async def test_it_is_ready_while_it_can_be_written(journal: Journal) -> None:
    await journal.ready()


async def test_of_many_callers_one_is_the_first(journal: Journal) -> None:
    answers = await asyncio.gather(*(journal.first_time("alert:f00", HOUR) for _ in range(20)))
    assert sorted(answers) == [False] * 19 + [True]
    assert await journal.first_time("alert:bar", HOUR)


async def test_a_key_may_hold_anything(journal: Journal) -> None:
    assert await journal.first_time("nonce:" + "x" * 5000 + "\n{}:*", HOUR)
    assert not await journal.first_time("nonce:" + "x" * 5000 + "\n{}:*", HOUR)


async def test_what_is_long_past_is_new_again(journal: Journal, clock: FakeClock) -> None:
    await journal.first_time("alert:f00", SOON)
    clock.step(2 * SOON)
    await asyncio.sleep(2 * SOON.total_seconds())
    assert await journal.first_time("alert:f00", SOON)


async def test_the_stored_journal_is_capped(redis: Connection) -> None:
    journal = RedisJournal(redis, kept=100)
    for number in range(400):
        await journal.append(audit(str(number)))
    kept = await journal.tail(1000)
    assert kept[0] == audit("399")
    assert 100 <= len(kept) <= 300
