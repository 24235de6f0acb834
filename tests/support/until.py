"""Waiting for something that another process or task does: the one place in tests that sleeps."""

import asyncio
from collections.abc import Awaitable, Callable

_PAUSE_S = 0.01


async def until(condition: Callable[[], bool | Awaitable[bool]], *, within: float = 10.0) -> None:
    """Come back once the condition holds; fails after so many seconds, which are a bound and never a measure."""
    try:
        async with asyncio.timeout(within):
            while not await _holds(condition):  # noqa: ASYNC110  another process sets no Event of ours
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError:
        raise AssertionError(
            f"{getattr(condition, '__name__', condition)} did not hold within {within:g} s"
        ) from None


async def _holds(condition: Callable[[], bool | Awaitable[bool]]) -> bool:
    answer = condition()
    return answer if isinstance(answer, bool) else await answer
