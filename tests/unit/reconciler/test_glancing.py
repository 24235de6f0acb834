"""Between two looks: the last seconds alone, for releases that have a hard limit."""

import asyncio

import pytest

from bot.release.phases import Phase
from bot.release.rules import ErrorRule, Rules
from bot.release.verdict import Verdict
from tests.unit.reconciler.sampling import HARD, Stage


async def test_a_glance_sees_a_hard_limit_broken_by_one_reading() -> None:
    stage = Stage()
    record = stage.run(rules=HARD)
    await stage.look()
    stage.serve(failing=0.5)
    asked, failures = stage.metrics.questions, stage.metrics.failure_questions

    assert await stage.glance() == ["R-s0 fail"]
    assert (stage.metrics.questions, stage.metrics.failure_questions) == (asked, failures + 1)
    assert stage.sampler.judgement(record).verdict is Verdict.FAIL


async def test_a_glance_needs_a_look_before_it() -> None:
    stage = Stage()
    stage.run(rules=HARD)
    assert await stage.glance() == []
    assert stage.metrics.failure_questions == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": Rules(errors=ErrorRule(limit=5))},
        {"id": "R-new"},
        {"attempt": 2},
        {"phase": Phase.PREPARING},
        {"observed_at": None},
    ],
)
async def test_a_glance_leaves_alone_what_the_last_look_did_not_see_so(changes: dict[str, object]) -> None:
    stage = Stage()
    record = stage.run(rules=HARD)
    await stage.look()
    changed = {"ordered_at": stage.clock.now(), **changes}
    stage.live.releases = [record.model_copy(update=changed)]
    stage.serve(failing=0.5)
    asked = stage.metrics.failure_questions
    assert await stage.glance() == []
    assert stage.metrics.failure_questions == asked


async def test_errors_of_a_partial_answer_turn_nobody_back() -> None:
    stage = Stage()
    record = stage.run(rules=HARD)
    await stage.look()
    stage.serve(failing=0.5)
    stage.metrics.warnings = ("shard 3 is away",)

    assert await stage.glance() == ["R-s0 no_data"]
    assert stage.sampler.judgement(record).findings[0].text == "no data: partial answer (shard 3 is away)"


async def test_a_look_and_a_glance_take_turns() -> None:
    stage = Stage()
    stage.run(rules=HARD)
    running = asyncio.create_task(stage.sampler.run())
    asked = []
    for _ in range(4):
        await stage.clock.advance(0.5)
        asked.append((stage.metrics.questions, stage.metrics.failure_questions))
    running.cancel()
    await asyncio.wait([running])
    assert asked == [(2, 2), (4, 3), (4, 4), (6, 5)]
