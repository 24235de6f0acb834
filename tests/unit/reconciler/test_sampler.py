"""The sampler: few questions, a judgement a release, and a wake when it says something new."""

import asyncio
from datetime import timedelta
from math import inf, nan
from typing import Any
from unittest.mock import AsyncMock

import pytest

from bot.analysis.windows import HARD as HARD_WINDOW
from bot.analysis.windows import arrival_window
from bot.errors import Unavailable
from bot.release.model import ALL_STABLE
from bot.release.observed import MeshSeen
from bot.release.phases import Phase
from bot.release.verdict import Verdict
from tests.fakes.metrics import FakeMetrics
from tests.support.values import release
from tests.support.worlds import CHECKOUT
from tests.unit.reconciler.sampling import HARD, SLOW, Stage


async def test_a_release_is_woken_when_its_verdict_changed_and_not_before() -> None:
    stage = Stage()
    stage.run(rules=HARD)
    assert await stage.look() == ["R-s0 pass"]
    assert await stage.look() == []
    stage.serve(failing=0.5)
    assert await stage.look() == ["R-s0 fail"]
    assert await stage.look() == []
    stage.metrics.away = "connection refused"
    assert await stage.look() == ["R-s0 no_data"]


async def test_a_release_of_a_new_attempt_is_woken() -> None:
    stage = Stage()
    record = stage.run()
    await stage.look()
    stage.live.releases = [record.model_copy(update={"attempt": 2})]
    assert len(await stage.look()) == 1


async def test_a_release_whose_traffic_moves_is_woken_at_each_change() -> None:
    stage = Stage()
    stage.run(phase=Phase.SHIFTING, observed_at=None)
    await stage.look()
    assert await stage.look() == []
    stage.serve(rate=50.0)
    assert len(await stage.look()) == 1


async def test_a_release_that_only_bakes_is_not_woken_by_moving_traffic() -> None:
    stage = Stage()
    stage.run()
    await stage.look()
    stage.serve(rate=50.0)
    assert await stage.look() == []


async def test_the_questions_are_as_many_for_a_hundred_releases_as_for_one() -> None:
    one, many = Stage(), Stage(services=100)
    one.run()
    for name in many.services:
        many.run(name)
    await one.look()
    await many.look()
    assert one.metrics.questions == many.metrics.questions == 2
    assert len(many.woken) == 100


async def test_nothing_live_asks_nothing() -> None:
    stage = Stage()
    stage.live.releases = [release(phase=Phase.PROMOTED), release(phase=Phase.NEEDS_HUMAN)]
    await stage.look()
    assert stage.metrics.questions == 0


async def test_a_release_whose_service_left_the_catalogue_is_blind() -> None:
    stage = Stage()
    stage.run()
    stranger = release("R-9", service="gone", phase=Phase.BAKING)
    stage.live.releases.append(stranger)
    await stage.look()
    assert stage.sampler.judgement(stranger).verdict is Verdict.NO_DATA
    stage.live.releases = [stranger]
    await stage.look()
    assert stage.sampler.latest(stranger).share.why == "no data"


async def test_what_was_seen_in_an_older_attempt_says_nothing_of_the_traffic() -> None:
    stage = Stage()
    record = stage.run()
    assert stage.sampler.latest(record).judgement.findings[0].text == "not looked at yet"
    await stage.look()
    assert stage.sampler.latest(record).share.canary == 0.5
    newer = record.model_copy(update={"attempt": 2})
    assert stage.sampler.latest(newer).share.canary is None
    assert stage.sampler.latest(newer).judgement == stage.sampler.judgement(record)


async def test_an_old_look_is_no_look() -> None:
    stage = Stage()
    record = stage.run()
    await stage.look()
    stage.clock.step(7)
    assert stage.sampler.judgement(record).verdict is Verdict.NO_DATA


async def test_stable_s_latency_is_known_before_it_loses_its_traffic() -> None:
    stage = Stage()
    record = stage.run(phase=Phase.PREPARING, ordered_at=None, observed_at=None)
    await stage.look()
    assert stage.sampler.judgement(record).stable_p95 == 100.0


@pytest.mark.parametrize(
    ("ordered", "rates", "expected"),
    [
        (2, (100.0, 100.0), (None, None)),
        (3, (100.0, 300.0), (0.75, None)),
        (30, (0.0, 0.0), (None, "no requests")),
        (30, (nan, 1.0), (None, "no requests")),
        (30, (inf, 1.0), (None, "no requests")),
    ],
)
async def test_the_share_is_counted_since_the_order(
    ordered: int, rates: tuple[float, float], expected: tuple[float | None, str | None]
) -> None:
    stage = Stage()
    then = stage.clock.now() - timedelta(seconds=ordered)
    record = stage.run(phase=Phase.SHIFTING, ordered_at=then, observed_at=None)
    stage.metrics.serve(CHECKOUT.namespace, "s0", rate=rates[0])
    stage.metrics.serve(CHECKOUT.namespace, "s0-canary", rate=rates[1])
    await stage.look()
    share = stage.sampler.latest(record).share
    assert (share.canary, share.why) == expected


async def test_no_series_of_either_track_is_said() -> None:
    stage = Stage()
    record = stage.run(phase=Phase.SHIFTING)
    stage.metrics.loads.clear()
    await stage.look()
    assert stage.sampler.latest(record).share.why == "no series of either track"


async def test_the_sampler_looks_once_a_second_and_survives_a_cluster_that_is_away() -> None:
    stage = Stage()
    record = stage.run()
    stage.live.away = True
    running = asyncio.create_task(stage.sampler.run())
    await stage.clock.advance(2)
    assert stage.metrics.questions == 0
    stage.live.away = False
    await stage.clock.advance(3)
    assert stage.sampler.judgement(record).at == stage.clock.now()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_mesh_is_asked_every_five_seconds_while_a_weight_is_late_and_not_otherwise() -> None:
    stage = Stage()
    then = stage.clock.now() - timedelta(seconds=14)
    record = stage.run(phase=Phase.SHIFTING, ordered_at=then, observed_at=None, weights=ALL_STABLE)
    stage.metrics.control_plane = MeshSeen(away=True, refused=0.0)

    async def asked(rounds: int) -> int:
        before, windows = stage.metrics.questions, 0
        for _ in range(rounds):
            stage.clock.step(1)
            await stage.look()
            windows += len({HARD_WINDOW, arrival_window(stage.clock.now() - then)})
        return stage.metrics.questions - before - windows

    assert await asked(1) == 0
    assert await asked(10) == 2
    assert stage.sampler.latest(record).share.mesh == MeshSeen(away=True, refused=0.0)
    stage.serve(rate=0.0)
    await asked(2)
    assert await asked(5) == 0
    assert stage.sampler.latest(record).share.mesh is None


async def test_a_mesh_that_says_nothing_is_unknown_and_no_hindrance() -> None:
    stage = Stage()
    then = stage.clock.now() - timedelta(seconds=40)
    record = stage.run(phase=Phase.SHIFTING, ordered_at=then, observed_at=None, weights=ALL_STABLE)
    stage.metrics.control_plane = Unavailable("prometheus", "422")
    await stage.look()
    await stage.look()
    share = stage.sampler.latest(record).share
    assert (share.canary, share.mesh) == (0.5, None)


async def test_an_ended_release_is_sampled_until_it_is_known_that_its_traffic_came_home() -> None:
    stage = Stage()
    seen = stage.run(phase=Phase.ROLLED_BACK, exposed_since=stage.clock.now())
    await stage.look()
    assert stage.metrics.questions == 0
    unseen = seen.model_copy(update={"observed_at": None})
    stage.live.releases = [unseen]
    stage.serve(rate=0.0)
    await stage.look()
    assert stage.sampler.latest(unseen).share.canary == 0.0


async def test_answers_that_take_long_count_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    record = stage.run(rules=HARD)
    stage.serve(failing=0.5)
    read = FakeMetrics.read

    async def slowly(self: FakeMetrics, *asked: Any) -> Any:
        await stage.clock.sleep(7)
        return await read(self, *asked)

    monkeypatch.setattr(FakeMetrics, "read", slowly)
    looking = asyncio.create_task(stage.sampler.look())
    while not looking.done():
        await stage.clock.advance(1)
    await looking

    assert stage.sampler.judgement(record).verdict is Verdict.FAIL


async def test_a_canary_that_is_only_too_slow_is_counted_before_it_fails() -> None:
    stage = Stage()
    stage.run(rules=SLOW)
    assert await stage.look() == ["R-s0 pass"]
    asked = stage.metrics.questions
    stage.serve(p95=250.0)
    assert await stage.look() == ["R-s0 fail"]
    assert stage.metrics.questions == asked + 4  # two windows, each read and counted
    assert await stage.glance() == []


async def test_a_slowness_that_may_be_chance_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    record = stage.run(rules=SLOW)
    stage.serve(p95=130.0)
    requests = {100.0: 930.0, 250.0: 990.0, inf: 1000.0}
    counts = dict.fromkeys(stage.metrics.loads, requests)
    monkeypatch.setattr(FakeMetrics, "durations", AsyncMock(return_value=counts))
    assert await stage.look() == ["R-s0 inconclusive"]
    worst = stage.sampler.judgement(record).worst
    assert worst is not None
    assert worst.text == "p95 130 ms in 1 min, stable 100 ms, limit +20 %, which may be chance"


async def test_a_slowness_that_cannot_be_counted_is_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.run(rules=SLOW)
    stage.serve(p95=250.0)
    monkeypatch.setattr(FakeMetrics, "durations", AsyncMock(side_effect=Unavailable("prometheus", "422")))
    assert await stage.look() == ["R-s0 no_data"]
    assert stage.sampler.why_blind == "no data: prometheus is unavailable: 422"
