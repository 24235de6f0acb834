"""The closed set of commands, frozen values: `bot.commands.parser` makes them, use cases take them."""

from dataclasses import dataclass
from datetime import timedelta

from bot.release.gate import Gate
from bot.release.version import Version
from bot.release.weight import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Release a version. What is None was not typed, and is the catalogue's to say.

    `weights` ascend and stand as typed: after a single one the catalogue's remaining weights follow.
    """

    service: str
    version: Version
    weights: tuple[Weight, ...] | None = None
    every: timedelta | None = None
    gate: Gate | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Say everything a start would check and do, and do nothing."""

    start: Start


@dataclass(frozen=True, slots=True)
class Status:
    """Say who releases what, and where it stands; None is every service."""

    service: str | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """Tell one release with every event; `release` is its id, `R-1042`."""

    release: str


@dataclass(frozen=True, slots=True)
class History:
    """List a service's past releases."""

    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Go to the next stage, or with `full` through all of them."""

    service: str
    full: bool = False
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Hold a live release where it is."""

    service: str
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Let a held release go on."""

    service: str
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """Bring traffic back to stable, or after the end to the version before; `to` names another one."""

    service: str
    to: Version | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Hold a service against releases; without `lasting` until somebody unlocks it."""

    service: str
    reason: str
    lasting: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Take a person's hold away."""

    service: str
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Locks:
    """List what is held, by whom and why."""


@dataclass(frozen=True, slots=True)
class Check:
    """Say whether a service is ready for releases, and what is missing."""

    service: str


@dataclass(frozen=True, slots=True)
class Adopt:
    """Prepare a service once: track label, subsets, route."""

    service: str


@dataclass(frozen=True, slots=True)
class Unadopt:
    """Give back exactly what was there before the adoption."""

    service: str


@dataclass(frozen=True, slots=True)
class Help:
    """Explain one word, or with None all of them."""

    word: str | None = None


Command = (
    Start
    | Plan
    | Status
    | Show
    | History
    | Promote
    | Pause
    | Resume
    | Rollback
    | Lock
    | Unlock
    | Locks
    | Check
    | Adopt
    | Unadopt
    | Help
)
