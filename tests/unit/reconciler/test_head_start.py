"""Who has errors now is on the way back before anybody else is asked about or judged."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.analysis.windows import HARD as HARD_WINDOW
from bot.reconciler import sampler
from bot.release.rules import ErrorRule, LatencyRule, Rules
from bot.release.verdict import Verdict
from tests.fakes.metrics import FakeMetrics
from tests.support.until import until
from tests.unit.reconciler.sampling import HARD, SLOW, Stage


async def test_who_has_errors_is_judged_first() -> None:
    stage = Stage(services=3)
    for name in stage.services:
        stage.run(name, rules=HARD)
    stage.serve("s1", failing=0.5)
    assert await stage.look() == ["R-s1 fail", "R-s0 pass", "R-s2 pass"]


async def test_hardly_anybody_else_is_judged_before_a_failed_one_is_on_its_way_back() -> None:
    stage = Stage(services=3)
    for name in stage.services:
        stage.run(name, rules=HARD)
    await stage.look()
    stage.serve("s1", failing=0.5)
    order = stage.noted()

    await stage.look()

    assert order[:2] == ["R-s1 is judged", "R-s1 is back"]
    assert sorted(order[2:]) == ["R-s0 is judged", "R-s1 is judged", "R-s2 is judged"]


async def test_at_the_first_look_hardly_anybody_is_judged_before_a_failed_one_is_on_its_way_back() -> None:
    stage = Stage(services=3)
    for name in stage.services:
        stage.run(name, rules=HARD)
    stage.serve("s1", failing=0.5)
    order = stage.noted()

    await stage.look()

    back = order.index("R-s1 is back")
    assert order[:back] == ["R-s1 is judged", "R-s0 is judged"]


async def test_who_has_errors_is_turned_back_before_the_longer_windows_are_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    stage.run(rules=HARD)
    await stage.look()
    stage.serve(failing=0.5)
    order, read = stage.noted(), FakeMetrics.read

    async def noted(self: FakeMetrics, keys: Any, window: timedelta) -> Any:
        order.append(f"asked about {window.total_seconds():g} s")
        return await read(self, keys, window)

    monkeypatch.setattr(FakeMetrics, "read", noted)
    await stage.look()

    assert order == [
        "asked about 10 s",
        "R-s0 is judged",
        "R-s0 is back",
        "asked about 60 s",
        "R-s0 is judged",
    ]


async def test_who_has_errors_is_turned_back_before_the_p95_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(services=2)
    record = stage.run(rules=Rules(errors=ErrorRule(hard=5), p95=LatencyRule(hard=500)))
    stage.run("s1", rules=HARD)
    await stage.look()
    stage.serve(failing=0.5)
    stage.done.clear()
    read, back, asked = FakeMetrics.read, asyncio.Event(), asyncio.Event()

    async def slowly(self: FakeMetrics, keys: Any, window: timedelta) -> Any:
        asked.set()
        await back.wait()
        return await read(self, keys, window)

    monkeypatch.setattr(FakeMetrics, "read", slowly)
    looking = asyncio.create_task(stage.look())
    await asked.wait()
    await until(lambda: stage.done == ["R-s0 is back"])
    judgement = stage.sampler.judgement(record)
    back.set()

    assert await looking == ["R-s0 fail"]
    assert judgement.verdict is Verdict.FAIL
    assert [one.canary for one in judgement.findings] == ["50.00 %", "100 ms"]


async def test_a_pass_that_hangs_holds_up_no_look() -> None:
    stage = Stage(services=2)
    for name in stage.services:
        stage.run(name, rules=HARD)
    stage.serve("s0", failing=0.5)
    stage.hangs = True
    assert await stage.look() == ["R-s0 fail", "R-s1 pass"]
    assert await stage.glance() == []


async def test_a_slow_answer_about_the_last_seconds_does_not_hold_up_the_other_questions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    record = stage.run(rules=HARD)
    stage.serve(failing=0.5)
    read, slow, others = FakeMetrics.read, asyncio.Event(), asyncio.Event()

    async def slowly(self: FakeMetrics, keys: Any, window: timedelta) -> Any:
        if window == HARD_WINDOW:
            await slow.wait()
        else:
            others.set()
        return await read(self, keys, window)

    monkeypatch.setattr(FakeMetrics, "read", slowly)
    monkeypatch.setattr(sampler, "HEAD_START", 0.01)
    looking = asyncio.create_task(stage.sampler.look())
    await others.wait()
    slow.set()
    await looking

    assert stage.sampler.judgement(record).verdict is Verdict.FAIL


async def test_errors_are_acted_on_before_anybodys_requests_are_counted() -> None:
    stage = Stage(services=2)
    stage.run("s0", rules=SLOW)
    stage.run("s1", rules=HARD)
    stage.serve("s0", p95=250.0)
    stage.serve("s1", failing=0.5)
    assert await stage.look() == ["R-s1 fail", "R-s0 fail"]
