"""Whoever is told to stop while they talk with the store stops, at whatever point of it that was."""

import asyncio

from adapters.redis.door import Connection


async def test_no_step_of_a_question_loses_a_cancellation(redis: Connection) -> None:
    steps = 0
    while True:
        asking = asyncio.create_task(redis.ping())
        for _ in range(steps):
            await asyncio.sleep(0)
        if not asking.cancel():
            break
        await asyncio.wait((asking,))
        assert asking.cancelled(), f"went on after step {steps}"
        steps += 1
    assert steps > 1
