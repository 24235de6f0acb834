"""Before traffic moves: adopt the service where it was not, hold stable's floor, warm the canary."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.release.baseline import Baseline
from bot.release.decide import floors
from bot.release.decide.turning import automatic, end, order, pods_for, turn_back, wait
from bot.release.decision import AddTracks, Decision, EnsureCanary, MarkStable, ScaleCanary, SetWeights, Turn
from bot.release.model import ALL_STABLE, EventKind, Kind, Release, Split, Trigger
from bot.release.observed import Observed, TrackSeen, Unseen
from bot.release.phases import Phase
from bot.release.version import label_of

BROKEN_FOR = timedelta(seconds=30)


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """Adoption first, each step seen before the next; then the canary; then the first weight."""
    if observed.stable is None:
        gone = automatic(Trigger.CLUSTER, "the stable Deployment no longer exists", now)
        return end(release, Phase.CANCELLED, gone)
    late = _too_late(release, observed, now)
    if late is not None:
        return turn_back(release, observed, automatic(Trigger.DEADLINE, late, now))
    if release.paused is not None:
        return wait("paused", now)
    if not observed.remembered:
        return wait("the store cannot be reached; nothing moves forward", now)
    leftover = release.leftover_until
    if observed.canary is not None and observed.canary.older and leftover is not None and now < leftover:
        return wait("pods of the release before are still leaving", now, leftover)
    return (
        _adopt(release, observed, observed.stable, now)
        or floors.prepare(release, observed, now)
        or _warm(release, observed, now)
    )


def _adopt(release: Release, observed: Observed, stable: TrackSeen, now: datetime) -> Decision | None:
    if not stable.marked:
        return MarkStable()
    if observed.route.weights is not None:
        return _adopted(release, now) if release.kind is Kind.ADOPT else None
    if not stable.settled:
        return wait("adoption: stable's pods are being given the track label", now)
    if not observed.route.subsets:
        return AddTracks()
    if release.subsets_since is None:
        event = release.event(EventKind.TRACKS_ADDED, now, "the tracks exist beside the route")
        return Turn(release.after(event, subsets_since=now), event)
    known = release.subsets_since + observed.terms.settle
    if now < known:
        return wait("adoption: the tracks are being made known to every proxy", now, known)
    event = release.event(EventKind.ADOPTED, now, "the route names both tracks, 100 and 0")
    return SetWeights(release.after(event, weights=ALL_STABLE), event)


def _adopted(release: Release, now: datetime) -> Decision:
    return end(release, Phase.PROMOTED, automatic(Trigger.COMPLETION, "adopted", now))


def _warm(release: Release, observed: Observed, now: datetime) -> Decision:
    weight = release.stages[0].weight
    wanted = pods_for(release, observed, weight)
    canary = observed.canary
    if canary is None or not canary.ours:
        return EnsureCanary(release.image, label_of(release.target), wanted)
    if canary.replicas < wanted:
        return ScaleCanary(wanted)
    if canary.ready < wanted or not canary.settled:
        return wait(canary.trouble or "the canary's pods are starting", now)
    ordered = order(release, Split.of(weight), now, baseline_p95=observed.judgement.stable_p95)
    return replace(ordered, baseline=Baseline.TAKE)


def _too_late(release: Release, observed: Observed, now: datetime) -> str | None:
    """Pods that cannot start are given up early, everything else at the deadline."""
    canary = observed.canary
    began = max(release.phase_since, release.leftover_until or release.phase_since)
    waited = now - began
    if (
        canary is not None
        and canary.ours
        and canary.broken
        and waited >= min(BROKEN_FOR, observed.terms.ready_within)
    ):
        return canary.trouble or "the canary cannot start"
    if waited < observed.terms.ready_within:
        return None
    if isinstance(observed.autoscaler, Unseen):
        return f"not ready in time: {floors.unseen(observed.autoscaler)}"
    if canary is None or not canary.ours or (canary.settled and canary.trouble is None):
        return "not ready in time"
    return f"not ready in time: {canary.words}"
