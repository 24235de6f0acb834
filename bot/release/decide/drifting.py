"""Somebody else changed the weights of a live release: seen, paused, and put to people."""

from datetime import datetime

from bot.release.decide.turning import to_people
from bot.release.decision import Decision, Turn
from bot.release.model import LOCKMASTER, EventKind, Pause, Release
from bot.release.observed import Observed
from bot.release.phases import Phase

LOOKED_AT = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})


def look(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Pause at weights that are not ours; go on when they are ours again."""
    actual = observed.route.weights
    if release.phase not in LOOKED_AT:
        return None
    if actual is None:
        return to_people(release, "the route no longer names the tracks", now)
    if actual == release.weights:
        return _mended(release, now) if release.drift is not None else None
    if actual == release.drift:
        return None
    text = f"the route says {actual.canary} to the canary, not {release.weights.canary}"
    event = release.event(EventKind.DRIFTED, now, text)
    paused = release.paused or Pause(by=LOCKMASTER, since=now, because=text)
    return Turn(release.after(event, drift=actual, paused=paused, attempt=release.attempt + 1), event)


def _mended(release: Release, now: datetime) -> Decision:
    event = release.event(EventKind.DRIFT_SETTLED, now, f"the route says {release.weights.canary} again")
    ours = release.paused is not None and release.paused.by == LOCKMASTER
    paused = None if ours else release.paused
    return Turn(release.after(event, drift=None, paused=paused, attempt=release.attempt + 1), event)
