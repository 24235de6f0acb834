"""How a release's record and events are laid out: shared by admission and by `RedisReleases`."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

import structlog

from adapters.redis.door import Connection
from bot.release.model import Event, Release
from bot.release.stored import Newer, Stored

log = structlog.get_logger()
S = TypeVar("S", bound=Stored)


def history_keys(connection: Connection, release: Release) -> tuple[str, str, str, str]:
    """Record, events, the set of live ones, the service's history."""
    key = connection.key
    return key("release", release.id), key("events", release.id), key("live"), key("history", release.service)


def event_field(event: Event) -> str:
    """What makes an event the same one when it is written again."""
    return f"{event.revision}:{event.kind}:{event.by.id}"


def started_ms(release: Release) -> int:
    """The score in the service's history."""
    return int(release.started_at.timestamp() * 1000)


def is_open(release: Release) -> int:
    """1 while passes have something to do for it."""
    return int(release.live or not release.tidied)


def readable(kind: type[S], texts: Iterable[str | bytes]) -> list[S]:
    """Those that this version can read. One from a newer version stays where it is, and so does one that nobody can read."""
    found = []
    for text in texts:
        try:
            found.append(kind.from_storage(text))
        except Newer as newer:
            log.warning("left to a newer version", what=str(newer))
        except ValueError as problem:
            complain(kind.__name__, text, str(problem))
    return found


@lru_cache(maxsize=1000)
def complain(kind: str, text: str | bytes, problem: str) -> None:
    """Once for each: it stays where it is, to be looked at, and is met at every reading."""
    log.error("unreadable, passed over", what=kind, text=text[:500], problem=problem[:500])
