"""The two ways out: stable becomes the new version, or the traffic goes back to it."""

from datetime import datetime, timedelta

from bot.release.decide import floors, undone
from bot.release.decide.arriving import arrived, not_in_effect, overdue
from bot.release.decide.turning import automatic, end, to_people, wait
from bot.release.decide.watching import MISSING, unhealthy
from bot.release.decision import Decision, PatchStable, SetWeights
from bot.release.model import ALL_STABLE, Ending, EventKind, Release, Trigger
from bot.release.observed import Observed, TrackSeen
from bot.release.phases import Phase
from bot.release.version import label_of
from bot.release.weight import Weight

UNSEEN_AFTER = timedelta(seconds=45)
"""Traffic that cannot be seen is taken to be home after this time, four times what istiod takes at worst. The release ends then; its
canary's pods stay until they are seen without requests, see `ended`."""


def promoting(release: Release, observed: Observed, now: datetime) -> Decision:
    """Patch stable while the canary serves everything; when stable is ready, bring the traffic home."""
    bad = unhealthy(release, observed, now)
    if bad is not None:
        return bad
    if release.paused is not None or not observed.remembered:
        return wait("paused" if release.paused else "the store cannot be reached; nothing moves forward", now)
    stable = observed.stable
    if stable is None:
        return to_people(release, "the stable Deployment no longer exists", now)
    if stable.image != release.image:
        first = undone.image(release, stable, now) or _enough(release, observed, now)
        return first or PatchStable(release.image, label_of(release.target))
    if not stable.settled or floors.awaited(release, observed, stable):
        return _slow(release, observed, stable, now)
    event = release.event(EventKind.STABLE_READY, now, f"stable runs {release.target} on {stable.ready} pods")
    changes = {"weights": ALL_STABLE, "ordered_at": now, "observed_at": None}
    return SetWeights(release.enter(Phase.FINISHING, event, **changes), event)


def _enough(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """The canary has to bear everything meanwhile; stable, idle by now, is to have as many pods as the canary needed."""
    if release.short_since is not None:
        return wait(MISSING, now)
    canary = observed.canary.replicas if observed.canary is not None else 0
    return floors.hold(release, observed, max(canary, release.stable_replicas), now)


def _slow(release: Release, observed: Observed, stable: TrackSeen, now: datetime) -> Decision:
    if now < release.phase_since + observed.terms.ready_within:
        return wait(stable.trouble or "its pods are being replaced", now)
    text = (
        f"stable does not become ready with {release.target}: {stable.trouble or 'its update does not end'}"
    )
    return to_people(release, text, now)


def finishing(release: Release, observed: Observed, now: datetime) -> Decision:
    """Stable serves the new version: seen in the traffic, the release is promoted."""
    if observed.stable is not None and observed.stable.image != release.image:
        return undone.kept_otherwise(release, observed.stable, now)
    if _astray(observed):
        return undone.route(release, observed, now)
    text = _home(release, observed, now)
    if text is None:
        return _on_its_way(release, observed, now)
    return end(_seen(release, observed, now), Phase.PROMOTED, automatic(Trigger.COMPLETION, text, now))


def rolling_back(release: Release, observed: Observed, now: datetime) -> Decision:
    """Where stable was patched already it is patched back first; then the weights, then their arrival."""
    stable = observed.stable
    if stable is not None and stable.image == release.image:
        back = PatchStable(release.previous_image, label_of(release.source))
        return undone.image(release, stable, now) or back
    late = now >= release.phase_since + observed.terms.ready_within
    canary = observed.canary
    alive = canary is not None and canary.ready > 0
    if release.weights != ALL_STABLE and stable is not None and stable.ready == 0 and alive:
        why = stable.trouble or f"stable is being brought back to {release.source}"
        return to_people(release, f"stable has no ready pod: {why}", now) if late else wait(why, now)
    if release.weights != ALL_STABLE:
        return undone.send_home(release, now)
    if _astray(observed):
        return undone.route(release, observed, now)
    text = _home(release, observed, now)
    if text is None:
        return _on_its_way(release, observed, now)
    if stable is not None and not stable.settled:
        if stable.trouble is None and not late:
            return wait(f"stable is being brought back to {release.source}", now)
        text = f"{text}; not all of stable is well: {stable.trouble or 'its update does not end'}"
    ending = release.ending or automatic(Trigger.PERSON, "rolled back", now)
    final = Ending(trigger=ending.trigger, text=text, by=ending.by, at=now)
    return end(_seen(release, observed, now), Phase.ROLLED_BACK, final)


def _astray(observed: Observed) -> bool:
    """Somebody else wrote the route since. Tracks that were taken out of it are named again while they exist beside it."""
    weights = observed.route.weights
    return weights != ALL_STABLE and (weights is not None or observed.route.subsets)


def _on_its_way(release: Release, observed: Observed, now: datetime) -> Decision:
    """Nobody can do more than is done, but people must know where the requests still are."""
    late = not_in_effect(release, observed, now)
    return overdue(release, observed, now) or wait(late or "the weight is on its way", now)


def _seen(release: Release, observed: Observed, now: datetime) -> Release:
    """The record that ends, knowing whether the data plane was seen without the canary."""
    seen = now if arrived(observed.share, Weight.ZERO) else None
    return release.model_copy(update={"observed_at": seen})


def _home(release: Release, observed: Observed, now: datetime) -> str | None:
    """How it is known that stable serves everything; None while it is not.

    Traffic that still reaches the canary keeps the release open; traffic that cannot be seen does not for ever.
    """
    share = observed.share
    if arrived(share, Weight.ZERO):
        return "stable serves everything, seen in the traffic"
    seen_elsewhere = share.canary is not None and share.canary > 0 and share.requests > 0
    if seen_elsewhere or release.ordered_at is None or now < release.ordered_at + UNSEEN_AFTER:
        return None
    return f"everything is ordered to stable; not seen in the traffic: {share.why or 'too few requests'}"
