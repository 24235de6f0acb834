"""Somebody else changed the route of a live release: seen, paused, and put to people."""

from datetime import datetime

from bot.release.decide.turning import automatic, end, stop, turn_back
from bot.release.decision import Decision, Turn
from bot.release.meddling import Obstacle, PutBack
from bot.release.model import LOCKMASTER, EventKind, Kind, Pause, Release, Split, Trigger
from bot.release.observed import Observed, RouteSeen
from bot.release.phases import Phase
from bot.release.weight import Weight

LOOKED_AT = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})
MOVING = frozenset({Kind.RELEASE, Kind.RESTORE})


def look(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Pause at a route that is not ours; go on when it is ours again. Stop at one that cannot be moved."""
    route = observed.route
    if release.phase is Phase.NEEDS_HUMAN:
        return None
    if release.phase is Phase.PREPARING:
        return _before(release, route, now)
    if route.fault is not None and (release.phase in LOOKED_AT or not route.writable):
        return stop(release, route.fault, Obstacle.SHAPE, now)
    if release.phase not in LOOKED_AT:
        return None
    if route.weights is None:
        return _taken_out(release, route, now)
    if route.lost == ("canary",) and release.weights.canary > Weight.ZERO:
        text = "the canary's subset is gone from beside the route, so what is sent to it fails"
        return turn_back(release, observed, automatic(Trigger.CLUSTER, text, now))
    return _compare(release, route, route.weights, route.changed, now)


def counted(release: Release, route: RouteSeen) -> PutBack:
    """What stands in the route instead of ours, and for which time in a row."""
    canary, before = route.weights.canary if route.weights is not None else None, release.put_back
    times = before.times + 1 if before is not None and before.canary == canary else 1
    return PutBack(canary=canary, times=times, by=route.writer, where=route.where)


def _before(release: Release, route: RouteSeen, now: datetime) -> Decision | None:
    """No traffic has moved: a route that cannot be moved cancels; one that is not adopted yet is nobody's fault."""
    if route.fault is not None:
        return end(release, Phase.CANCELLED, automatic(Trigger.CLUSTER, route.fault, now))
    if route.weights is None or release.kind not in MOVING:
        return None
    return _compare(release, route, route.weights, (), now)


def _taken_out(release: Release, route: RouteSeen, now: datetime) -> Decision:
    back = counted(release, route)
    text = "the route no longer names the tracks"
    text = f"{text}: {back.who} put it back" if back.stubborn else text
    return stop(release, text, Obstacle.SHAPE, now, back)


def _compare(
    release: Release, route: RouteSeen, theirs: Split, changed: tuple[str, ...], now: datetime
) -> Decision | None:
    if theirs == release.weights and not changed:
        return _mended(release, now) if release.drift is not None else None
    if (theirs, changed) == (release.drift, release.differences):
        return None
    back = counted(release, route) if theirs != release.weights else None
    text = _told(release, theirs, changed, back)
    event = release.event(EventKind.DRIFTED, now, text)
    changes = {"drift": theirs, "differences": changed, "put_back": back or release.put_back}
    paused = release.paused or Pause(by=LOCKMASTER, since=now, because=text)
    return Turn(release.after(event, paused=paused, attempt=release.attempt + 1, **changes), event)


def _told(release: Release, theirs: Split, changed: tuple[str, ...], back: PutBack | None) -> str:
    """Theirs against ours, and whose it is as far as that is known."""
    weights = f"{theirs.canary} to the canary, not {release.weights.canary}"
    parts = []
    if back is not None and back.stubborn:
        again = f" ({back.times} times now)" if back.times > 1 else ""
        parts.append(f"{back.who} put the route back to {weights}{again}")
    elif back is not None:
        by = f" (written by {back.by})" if back.by else ""
        parts.append(f"the route says {weights}{by}")
    if changed:
        parts.append(f"the routing was changed: {'; '.join(changed)}")
    return "; ".join(parts)


def _mended(release: Release, now: datetime) -> Decision:
    event = release.event(EventKind.DRIFT_SETTLED, now, f"the route says {release.weights.canary} again")
    ours = release.paused is not None and release.paused.by == LOCKMASTER
    changes = {"drift": None, "differences": (), "paused": None if ours else release.paused}
    return Turn(release.after(event, attempt=release.attempt + 1, **changes), event)
