"""A release that somebody has to look at: what it can do by itself when what stopped it is mended."""

from datetime import datetime

from bot.release.decide.turning import turn_back, wait
from bot.release.decision import Decision, Turn
from bot.release.meddling import Obstacle
from bot.release.model import ALL_STABLE, EventKind, Release
from bot.release.observed import Observed
from bot.release.phases import Phase

AGAIN = frozenset({Phase.BAKING, Phase.GATE})
"""What was being watched is watched from its beginning: nobody knows what the requests met meanwhile."""


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """Go on where that is safe; a rollback that was ordered follows once it can; anything else is for people."""
    stopped, why = release.stopped, release.recent[-1].text if release.recent else "somebody has to decide"
    if observed.route.fault is not None:
        return wait(observed.route.fault, now)
    if stopped is not None and stopped.by in (Obstacle.PUT_BACK, Obstacle.ALTERED):
        return _go_on(release, stopped.phase, now) if _as_wanted(release, observed) else wait(why, now)
    if release.ending is None and stopped is not None and stopped.by is Obstacle.SHAPE:
        usable = observed.route.weights is not None
        return _go_on(release, stopped.phase, now) if usable else wait(why, now)
    return _turn_back(release, observed, now) or wait("somebody has to decide", now)


def _as_wanted(release: Release, observed: Observed) -> bool:
    """What the phase it stopped in writes stands there, whoever wrote it."""
    stable, phase = observed.stable, release.stopped.phase if release.stopped is not None else release.phase
    if stable is None:
        return False
    if phase is Phase.PROMOTING:
        return stable.image == release.image
    new = stable.image == release.image
    return observed.route.weights == ALL_STABLE and new is (phase is Phase.FINISHING)


def _go_on(release: Release, left: Phase, now: datetime) -> Decision:
    event = release.event(EventKind.RESUMED, now, "what stopped it is mended")
    ordered = now if release.ordered_at is not None else None
    phase = Phase.SHIFTING if left in AGAIN else left
    return Turn(release.enter(phase, event, ordered_at=ordered, observed_at=None), event)


def _turn_back(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Once stable serves, or the canary does as little."""
    stable, canary = observed.stable, observed.canary
    if stable is None or release.ending is None:
        return None
    if stable.ready > 0 or canary is None or canary.ready == 0:
        return turn_back(release, observed, release.ending.model_copy(update={"at": now}))
    return None
