"""The release machine under anything: time, metrics, wishes, other hands, outages and restarts in any order.

The whole core runs on the fakes of the scenarios; after every step the promises are checked on what was written.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import pairwise
from unittest.mock import patch

import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.config.load import parse_catalogue
from bot.ports.workloads import Track
from bot.release.decide import decide
from bot.release.decision import Decision, LeaveRoute, SetWeights, Turn, Wait
from bot.release.instructions import Ask, Instruction
from bot.release.model import ALL_STABLE, EventKind, Release, Split, Trigger
from bot.release.observed import Observed
from bot.release.phases import Phase, may_follow
from bot.release.verdict import Verdict
from bot.release.weight import Weight
from tests.fakes.objects import Routed
from tests.scenarios.conftest import SERVICES
from tests.scenarios.theatre import CHANNEL, Theatre
from tests.support.values import person

IMAGES = ("registry.example/shop/checkout:v1.2.9", "registry.example/shop/checkout:v1.3.0")
DECIDE = "bot.reconciler.reconciler.decide"
MEANT = frozenset({Ask.GO_ON_ANYWAY, Ask.ADOPT_THEIRS, Ask.APPLY_AGAIN})


class Watch:
    """Stands between the reconciler and `decide`: each decision is checked against what it was made of."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def __call__(self, release: Release, observed: Observed, now: datetime) -> Decision:
        decision = decide(release, observed, now)
        assert decision == decide(release, observed, now)
        self.decisions.append(decision)
        if isinstance(decision, Wait):
            assert decision.until is None or decision.until > now
        if isinstance(decision, Turn | SetWeights | LeaveRoute):
            self._turned(release, observed, decision.release)
        if release.live and any(wish.ask is Ask.ROLL_BACK for wish in observed.inbox):
            self._turned_back(release, decision)
        return decision

    def _turned_back(self, before: Release, decision: Decision) -> None:
        """A rollback is taken in before anything else."""
        if before.phase is Phase.ROLLING_BACK:
            return
        after = getattr(decision, "release", before)
        assert after.phase in (Phase.ROLLING_BACK, Phase.NEEDS_HUMAN, Phase.CANCELLED)

    def _turned(self, before: Release, observed: Observed, after: Release) -> None:
        assert after.phase is before.phase or may_follow(before.phase, after.phase)
        newest = max(before.revision, observed.route.revision if not observed.route.claimed else 0)
        assert after.revision == newest + 1
        assert len(after.for_storage()) < 8192
        more = after.weights.canary > before.weights.canary and before.phase in (Phase.BAKING, Phase.GATE)
        further = after.stage > before.stage or (after.phase, before.phase) == (Phase.PROMOTING, Phase.GATE)
        if not more and not further:
            return
        word = any(wish.ask in MEANT for wish in observed.inbox)
        assert word or observed.judgement.verdict is Verdict.PASS


class ReleaseMachine(RuleBasedStateMachine):
    """One service, one release after another, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.loop = asyncio.new_event_loop()
        self.theatre = Theatre(parse_catalogue(SERVICES, "services.yaml"))
        self.theatre.directory.add("U1ANA", "ana", CHANNEL)
        self.ana = self.theatre.person("U1ANA", "ana")
        self.watch = Watch()
        self.asked = 0
        self.minor = 3
        self.writes: list[tuple[str | None, int]] = []
        self.theatre.cluster.listen(lambda _change: self._note())

    def teardown(self) -> None:
        """When all is well again a release ends, or waits for people; one that was to be rolled back was."""
        self.mend()
        for _ in range(6):  # without a request it takes until the deadline that people are asked
            self.run(lambda: self.theatre.pass_(45))
            if self.settled():
                break
        record = self.record()
        self.loop.close()
        structlog.reset_defaults()
        assert self.settled()
        assert record is not None
        ordered = EventKind.ROLLBACK_ORDERED in {event.kind for event in record.recent}
        assert not ordered or record.phase is Phase.ROLLED_BACK or record.stopped is not None
        assert not record.tidied or (self.scaler.floor, self.scaler.held) == (1, None)

    def settled(self) -> bool:
        """Ended, or people are asked."""
        record = self.record()
        asking = record is not None and record.phase in (Phase.GATE, Phase.NEEDS_HUMAN)
        return asking or self.ended() or (record is not None and record.paused is not None)

    def mend(self) -> None:
        theatre = self.theatre
        theatre.redis.on, theatre.metrics.away = False, None
        theatre.failing, theatre.stuck, theatre.rates["checkout"] = {}, {}, 100.0
        self.heal_pods(slow=False)

    def run(self, work: Callable[[], Awaitable[object]]) -> None:
        async def inside() -> None:
            await work()
            await self.theatre.tick()

        with patch(DECIDE, self.watch):
            self.loop.run_until_complete(inside())

    @property
    def route(self) -> Routed:
        return self.theatre.cluster.route(self.theatre.service())

    def _note(self) -> None:
        mark = (self.route.release, self.route.revision)
        if not self.writes or self.writes[-1] != mark:
            self.writes.append(mark)

    def canary_exists(self) -> bool:
        return ("shop", "checkout-canary") in self.theatre.cluster.deployments

    @initialize()
    def begin(self) -> None:
        self.scaler = self.theatre.cluster.autoscale(self.theatre.service(), floor=1)
        self.run(lambda: self.ana.types("checkout v1.3.0 canary 25% 50% every 5s auto"))

    @rule(seconds=st.sampled_from((1, 3, 12, 40)))
    def wait(self, seconds: int) -> None:
        self.run(lambda: self.theatre.pass_(seconds))

    @rule(share=st.sampled_from((0.0, 0.0, 0.004, 0.01, 0.5)))
    def fail(self, share: float) -> None:
        self.theatre.failing["v1.3.0"] = share

    @rule(rate=st.sampled_from((0.0, 0.5, 100.0, 100.0)))
    def buy(self, rate: float) -> None:
        self.theatre.rates["checkout"] = rate

    @rule(image=st.sampled_from(IMAGES))
    def break_pods(self, image: str) -> None:
        self.theatre.cluster.break_image(image, "CrashLoopBackOff", "back-off restarting")

    @rule(slow=st.booleans())
    def heal_pods(self, *, slow: bool) -> None:
        for image in IMAGES:
            self.theatre.cluster.break_image(image, "", "")
            self.theatre.cluster.heal_image(image)
        self.theatre.cluster.slow = slow

    @rule(track=st.sampled_from(Track), count=st.sampled_from((1, None)))
    def drain(self, track: Track, count: int | None) -> None:
        if track is Track.STABLE or self.canary_exists():
            self.theatre.cluster.evict(self.theatre.service(), track, count)

    @rule(replicas=st.sampled_from((2, 3, 7)))
    def autoscale(self, replicas: int) -> None:
        self.theatre.cluster.scale(self.theatre.service(), Track.STABLE, replicas)

    @rule(percent=st.sampled_from((0, 25, 40, 100)))
    def edit_by_hand(self, percent: int) -> None:
        self.theatre.cluster.edit_route(self.theatre.service(), Split.of(Weight.of(percent)))

    @rule(away=st.booleans())
    def redis(self, *, away: bool) -> None:
        self.theatre.redis.on = away

    @rule(away=st.booleans())
    def prometheus(self, *, away: bool) -> None:
        self.theatre.metrics.away = "connection refused" if away else None

    @rule(stuck=st.booleans())
    def mesh(self, *, stuck: bool) -> None:
        self.theatre.stuck = {"checkout": ALL_STABLE} if stuck else {}

    @rule()
    def conflict(self) -> None:
        self.theatre.cluster.touch(self.route)

    @rule()
    def lose_an_answer(self) -> None:
        self.theatre.cluster.lose_next_answer()

    @rule()
    def kill(self) -> None:
        self.theatre.restart()

    @rule(ask=st.sampled_from(Ask), stage=st.sampled_from((None, 0, 1, 2)), stale=st.booleans())
    def wish(self, ask: Ask, stage: int | None, *, stale: bool) -> None:
        self.asked += 1
        record = self.record()
        wish = Instruction(
            id=f"wish-{self.asked}",
            ask=ask,
            by=person("bo"),
            at=self.theatre.clock.now(),
            trigger=Trigger.PERSON,
            because="a word" if ask is Ask.GO_ON_ANYWAY else None,
            stage=stage,
            attempt=None if stale or record is None else record.attempt,
        )
        if record is not None:
            self.run(lambda: self.theatre.bot.follower.now(record.id, wish))

    @precondition(lambda self: self.ended())
    @rule()
    def again(self) -> None:
        self.mend()
        before = self.record()
        self.run(lambda: self.theatre.pass_(10))
        self.minor += 1
        self.run(lambda: self.ana.presses_again(f"checkout v1.{self.minor}.0 canary 25% every 5s auto"))
        self.run(lambda: self.theatre.pass_(40))
        after = self.record()
        assert before is not None
        assert after is not None
        assert after.id != before.id

    def record(self) -> Release | None:
        """What the route object says."""
        return None if self.route.state is None else Release.from_storage(self.route.state)

    def ended(self) -> bool:
        record = self.record()
        return record is not None and record.phase.terminal

    @invariant()
    def revisions_grow_by_one_at_each_write(self) -> None:
        revisions = [revision for _, revision in self.writes]
        assert revisions == sorted(revisions)
        assert all(later - earlier <= 1 for earlier, later in pairwise(revisions))

    @invariant()
    def a_rollback_that_was_ordered_ends_at_stable(self) -> None:
        record = self.record()
        if record is not None and record.phase is Phase.ROLLED_BACK:
            assert record.weights == ALL_STABLE

    @invariant()
    def each_release_ends_once(self) -> None:
        for release, events in self.theatre.releases._events.items():
            ends = [one for one in events.values() if one.kind is EventKind.ENDED]
            assert len(ends) <= 1, release

    @invariant()
    def there_is_one_canary_at_most(self) -> None:
        assert len([name for _, name in self.theatre.cluster.deployments if name.startswith("checkout")]) <= 2

    @invariant()
    def a_pass_in_which_nothing_changed_writes_nothing(self) -> None:
        record = self.record()
        if record is None:
            return
        theatre = self.theatre

        async def again() -> None:
            for _ in range(3):  # an answer that is lost, or a conflict, puts a pass off
                await theatre.bot.reconciler.run(record.id)
            before = list(theatre.cluster.writes)
            await theatre.bot.reconciler.run(record.id)
            assert theatre.cluster.writes == before

        with patch(DECIDE, self.watch):
            self.loop.run_until_complete(again())


TestReleaseMachine = ReleaseMachine.TestCase
TestReleaseMachine.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
