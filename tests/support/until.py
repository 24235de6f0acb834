"""Waiting for something that another process or task does, and work that takes a while: the one place in tests that sleeps."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE_S = 0.01


async def until(condition: Callable[[], bool | Awaitable[bool]], *, within: float = 30.0) -> None:
    """Come back once the condition holds; fails after so many seconds, which are a bound and never a measure."""
    try:
        async with asyncio.timeout(within):
            while not await _holds(condition):  # noqa: ASYNC110  another process sets no Event of ours
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError:
        raise AssertionError(
            f"{getattr(condition, '__name__', condition)} did not hold within {within:g} s"
        ) from None


def until_now(condition: Callable[[], bool], *, within: float = 30.0) -> None:
    """The same for a fixture that has no loop."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"{condition} did not hold within {within:g} s"
        time.sleep(_PAUSE_S)


async def work(seconds: float) -> None:
    """Stand for work of that length, so that something else can happen in the middle of it."""
    await asyncio.sleep(seconds)


async def _holds(condition: Callable[[], bool | Awaitable[bool]]) -> bool:
    answer = condition()
    return answer if isinstance(answer, bool) else await answer
