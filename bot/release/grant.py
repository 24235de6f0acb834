"""The proof that a release holds its service: every port verb that changes a cluster asks to be shown one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """Given out by `bot.reconciler` alone, after it has seen the release in the route object.

    `revision` is the highest the holder knows of; an object stamped with a newer one must not be written.
    """

    service: str
    release: str
    revision: int
