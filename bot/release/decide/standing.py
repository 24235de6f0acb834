"""How the canary's pods stand while they have traffic: what turns a release back at once, and what is waited for.

Pods that end again and again, or are all unready, are the canary's fault: everything goes back to stable at once, without a look at
the metrics. Pods that were taken away (a drain, an eviction) are nobody's: what they had goes to stable, and comes back with them.
Some that are missing hold the release where it is, until a deadline.
"""

from datetime import datetime

from bot.release.decide.turning import automatic, order, pods_for, replicas_for, turn_back
from bot.release.decision import Decision, ScaleCanary, Turn
from bot.release.model import ALL_STABLE, EventKind, Release, Trigger
from bot.release.observed import Observed, TrackSeen
from bot.release.phases import Phase
from bot.release.weight import Weight

RETURNABLE = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE})
"""Where traffic that went to stable may come back."""


def fallen(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Nothing that is left of the canary can serve what it is given."""
    canary = observed.canary
    if canary is None:
        return turn_back(release, observed, automatic(Trigger.PODS, "the canary Deployment is gone", now))
    if release.weights.canary == Weight.ZERO:
        return None
    if canary.crashing:
        text = canary.trouble or f"the canary's pods do not stay up: {canary.words}"
        return turn_back(release, observed, automatic(Trigger.PODS, text, now))
    if canary.ready > 0:
        return None
    if canary.taken_away and release.phase in RETURNABLE:
        text = f" until its pods are back, they were taken away: {canary.words}"
        return order(release, ALL_STABLE, now, because=text)
    why = canary.trouble or canary.unready
    text = f"no canary pod is ready{f': {why}' if why else ''}"
    return turn_back(release, observed, automatic(Trigger.PODS, text, now))


def short(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Fewer pods than the weight needs: said once, and given up at the deadline. More pods where stable was given more."""
    canary = observed.canary
    if canary is None or release.weights.canary == Weight.ZERO:
        return None
    wanted = pods_for(release, observed, release.weights.canary)
    if canary.replicas < wanted:
        return ScaleCanary(wanted)
    needed = replicas_for(release.weights.canary, release.stable_replicas)
    since = release.short_since
    if canary.ready >= needed:
        if since is None:
            return None
        event = release.event(EventKind.PODS_BACK, now, f"{canary.ready} ready")
        return Turn(release.after(event, short_since=None), event)
    if since is None:
        event = release.event(EventKind.PODS_MISSING, now, _missing(canary, needed))
        return Turn(release.after(event, short_since=now), event)
    return late(release, observed, canary, since, now)


def late(
    release: Release, observed: Observed, canary: TrackSeen, since: datetime, now: datetime
) -> Decision | None:
    """The end of patience with pods that do not become ready."""
    if now < since + observed.terms.ready_within:
        return None
    text = f"not ready in time: {canary.words}"
    return turn_back(release, observed, automatic(Trigger.PODS, text, now))


def _missing(canary: TrackSeen, needed: int) -> str:
    why = canary.trouble or canary.unready
    return f"{canary.ready} of {needed} ready{f', {why}' if why else ''}; nothing goes on without them"
