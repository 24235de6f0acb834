"""The hold on a service, and those who wait for it."""

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime

from bot.release.model import Actor, Release
from bot.release.stored import Stored


class Lock(Stored):
    """Who holds a service. `release` is the id of the release that does, or None for a person's hold."""

    service: str
    by: Actor
    since: AwareDatetime
    reason: str
    release: str | None = None
    expires_at: AwareDatetime | None = None

    @classmethod
    def of(cls, release: Release, since: datetime) -> Self:
        """Make the lock that a release holds; why it holds it is what its starter said, or else what it brings."""
        reason = release.because or release.move
        return cls(service=release.service, by=release.by, since=since, reason=reason, release=release.id)


class Waiter(Stored):
    """Somebody who was refused and is told when the service is free. One place a person and service."""

    by: Actor
    since: AwareDatetime
    command: str
    channel: str
