import asyncio

import pytest

from sandbox.background import Background


async def test_a_task_that_fails_is_told_at_once_and_again_at_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background = Background()
    failed = asyncio.Event()

    async def fail() -> None:
        failed.set()
        raise LookupError("nothing there")

    background.start(asyncio.Event().wait())  # type: ignore[arg-type]  # never returns its bool
    background.start(fail())
    await failed.wait()
    await asyncio.sleep(0)
    assert [record.message for record in caplog.records] == ["a task in the background failed"]
    with pytest.raises(LookupError, match="nothing there"):
        await background.stop()
    await background.stop()
