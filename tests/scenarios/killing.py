"""Kill -9 at a chosen moment: right before a call of a fake, or right after it took effect."""

from collections.abc import Awaitable, Callable
from typing import Any


class Killed(Exception):  # noqa: N818  no error of the bot's: it is dead
    """The process is gone; nothing after this moment was done by it."""


def kill_at(part: object, verb: str, *, after: bool, count: int = 1) -> None:
    """Let the `count`-th next call of a fake's verb be the last thing the process does."""
    real: Callable[..., Awaitable[Any]] = getattr(part, verb)
    calls = 0

    async def deadly(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != count:
            return await real(*arguments, **options)
        setattr(part, verb, real)
        if after:
            await real(*arguments, **options)
        raise Killed

    setattr(part, verb, deadly)
