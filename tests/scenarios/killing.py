"""Kill -9 at a chosen moment: right before a call of a fake, or right after it took effect."""

from collections.abc import Awaitable, Callable
from typing import Any


class Killed(BaseException):
    """The process is gone; nothing after this moment was done by it, nor caught."""


def kill_at(part: object, verb: str, *, after: bool) -> list[str]:
    """Let the next call of a fake's verb be the last thing the process does; the list is empty until then."""
    real: Callable[..., Awaitable[Any]] = getattr(part, verb)
    deaths: list[str] = []

    async def deadly(*arguments: Any, **options: Any) -> Any:
        setattr(part, verb, real)
        deaths.append(verb)
        if after:
            await real(*arguments, **options)
        raise Killed

    setattr(part, verb, deadly)
    return deaths
