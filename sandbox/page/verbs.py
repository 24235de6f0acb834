"""The world's verbs over HTTP: which arguments each takes, and how they are read."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from sandbox.page.world import Part, World

Reader = Callable[[Any], Any]

PARTS = ("redis", "prometheus", "envoy", "kubernetes")
MOST_RPS = 2000


class BadArgumentError(Exception):
    """An argument is missing or wrong; the words name it."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text")
    return value


def _number(least: float, most: float) -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise TypeError(f"a number from {least:g} to {most:g}")
        return value

    return read


def _weight(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000:  # noqa: PLR2004 - per mille
        raise TypeError("a whole number from 0 to 1000")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _part(value: Any) -> Part:
    if value not in PARTS:
        raise TypeError(f"one of {', '.join(PARTS)}")
    return cast("Part", value)


_TARGET: dict[str, Reader] = {"service": _text, "version": _text}
ARGUMENTS: dict[str, dict[str, Reader]] = {
    "break_version": {**_TARGET, "errors": _number(0, 1), "latency_ms": _number(0, 60_000), "crash": _flag},
    "heal": _TARGET,
    "fire_alert": _TARGET,
    "kill_bot": {},
    "start_bot": {},
    "stop": {"part": _part},
    "start": {"part": _part},
    "edit_route": {"service": _text, "stable": _weight, "canary": _weight},
    "set_load": {"service": _text, "rps": _number(0, MOST_RPS)},
}


async def call(world: World, verb: str, given: Mapping[str, Any]) -> str:
    """Do one verb and return what the world says of it, mostly nothing.

    KeyError for an unknown one, `BadArgumentError` for wrong arguments.
    """
    read: dict[str, Any] = {}
    for name, reader in ARGUMENTS[verb].items():
        try:
            read[name] = reader(given[name])
        except KeyError:
            raise BadArgumentError(f"{name} is missing") from None
        except TypeError as wanted:
            raise BadArgumentError(f"{name} must be {wanted}") from None
    act: Callable[..., Awaitable[str | None]] = getattr(world, verb)
    return await act(**read) or ""
