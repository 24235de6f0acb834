"""Whether a weight that was written shows in the traffic; where it does not, why that may be, and what to do about it."""

from datetime import datetime, timedelta
from math import sqrt

from bot.release.decision import Turn
from bot.release.model import EventKind, Release
from bot.release.observed import NO_REQUESTS, Observed, ShareSeen
from bot.release.phases import Phase
from bot.release.weight import Weight

NOT_IN_EFFECT_AFTER = timedelta(seconds=30)
"""istiod gathers changes for 10 s at most; later than this, something is wrong."""
ASKED_AFTER = timedelta(minutes=2)
"""Seen not to be in effect for so long, a weight is put to people: an istiod that is started anew is back by then."""
FEWEST = 20
NEAR = 0.01
SPREAD = 4.0
RETURNING = frozenset({Phase.FINISHING, Phase.ROLLING_BACK})


def arrived(share: ShareSeen, weight: Weight) -> bool:
    """The observed share is as near the ordered one as its number of requests lets one tell."""
    if share.canary is None or share.requests < FEWEST:
        return False
    expected = weight.share
    chance = sqrt(max(expected * (1 - expected), 1 / share.requests) / share.requests)
    return abs(share.canary - expected) <= max(NEAR, SPREAD * chance) and (expected == 0 or share.canary > 0)


def not_in_effect(release: Release, observed: Observed, now: datetime) -> str | None:
    """Why the weight that was ordered last does not show in the traffic, once it should; None while it may, or does.

    On the way back, what cannot be seen is no reason to alarm: a rollback is not held back by what nobody can tell.
    """
    if release.ordered_at is None or now < release.ordered_at + NOT_IN_EFFECT_AFTER:
        return None
    share = observed.share
    if arrived(share, release.weights.canary):
        return None
    blind = share.canary is None or share.requests < FEWEST
    if blind and release.phase in RETURNING:
        return None
    if blind:
        return f"not in effect: {_unseen(share)}"
    still = "still " if release.phase in RETURNING else ""
    seen = f"{percent(share)} of the requests {still}reach the canary, {release.weights.canary} is ordered"
    return f"not in effect: {seen}; {_cause(observed)}"


def overdue(release: Release, observed: Observed, now: datetime) -> Turn | None:
    """Put a weight that is not in effect to people: once, and again when they chose to wait longer and that is over."""
    late = not_in_effect(release, observed, now)
    if late is None or release.ordered_at is None:
        return None
    due = _due(release, observed, release.ordered_at)
    if due is None or now < due:
        return None
    what = "the rollback" if release.phase is Phase.ROLLING_BACK else "the weight"
    event = release.event(EventKind.ASKED, now, f"{what} is {late}")
    return Turn(release.after(event, asked_at=now, patience_until=None), event)


def percent(share: ShareSeen) -> str:
    """`4.9 %`."""
    return f"{(share.canary or 0) * 100:.1f} %"


def _due(release: Release, observed: Observed, ordered_at: datetime) -> datetime | None:
    """When to ring. Traffic that cannot be seen is waited for as long as the service says; traffic that is seen elsewhere not."""
    if release.phase is Phase.SHIFTING and release.patience_until is not None:
        return release.patience_until
    if release.asked_at is not None and release.asked_at >= ordered_at:
        return None
    if release.phase in RETURNING:
        return ordered_at + NOT_IN_EFFECT_AFTER
    seen = observed.share.canary is not None and observed.share.requests >= FEWEST
    patience = observed.terms.patience
    return ordered_at + (min(patience, ASKED_AFTER) if seen else patience)


def _unseen(share: ShareSeen) -> str:
    if share.canary is not None:
        return f"{share.requests:.0f} requests were seen, and it takes {FEWEST} to tell"
    if share.why == NO_REQUESTS:
        return "no requests reach either version, which is not the mesh's doing; it goes on by itself once there are some"
    return share.why or "the traffic cannot be seen"


def _cause(observed: Observed) -> str:
    """What shows, with what to do. Pods that are not ready are seen to before anybody waits for traffic."""
    if not observed.route.subsets:
        return "nothing beside the route selects the canary's pods any more; put the subsets back"
    mesh = observed.share.mesh
    if mesh is None:
        return "istiod may be away, or proxies refuse some object; istioctl proxy-status tells"
    if mesh.away:
        return "istiod is away; the weight arrives by itself when it is back"
    if mesh.refused:
        return (
            f"proxies refused {mesh.refused:.0f} updates in the last 5 min, so some object is broken, such as a route with "
            "weights that are all 0; istioctl analyze -A finds it, and once it is mended the weight arrives by itself"
        )
    return (
        "istiod runs and proxies refuse nothing, so another route may come first, or the requests pass the mesh by; "
        "istioctl proxy-config routes tells"
    )
