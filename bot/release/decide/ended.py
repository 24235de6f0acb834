"""After the end: stable's autoscaler is let go; the canary's pods stay until every proxy has left them, then they go."""

from datetime import datetime, timedelta

from bot.release.decide import floors
from bot.release.decide.turning import wait
from bot.release.decision import Decision, EndUnclaimed, RemoveCanary, Turn, Wait
from bot.release.model import EventKind, Release
from bot.release.observed import NO_REQUESTS, Observed, ShareSeen
from bot.release.phases import Phase

KEEP = timedelta(seconds=30)
"""The least time that a canary's pods stay after the end."""
KEEP_UNSEEN = timedelta(minutes=10)
"""The longest time that they stay because nobody can see whether requests still reach them. The next release waits for KEEP alone."""


def seen_home(release: Release) -> bool:
    """Whether it is known that the data plane had left the canary when the release ended."""
    moved = release.exposed_since is not None and release.phase in (Phase.PROMOTED, Phase.ROLLED_BACK)
    return release.observed_at is not None or not moved


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """Remove our own canary 30 s after the end, and one that an older release left; a newer one's is not touched."""
    if release.tidied or release.ended_at is None:
        return Wait("ended")
    let_go = floors.give_back(release, observed)
    if let_go is not None:
        return let_go
    due = release.ended_at + KEEP
    if now < due:
        return Wait("ended; the canary's pods are kept a little", due)
    canary = observed.canary
    if canary is not None and (canary.ours or (canary.older and observed.route.claimed)):
        if observed.route.claimed and _may_have_requests(release, observed.share, now):
            return wait("ended; the canary's pods are kept until the traffic is seen without them", now)
        return RemoveCanary()
    refused = floors.insist(release, observed)
    if refused is not None:
        return refused
    text = f"no canary is left{floors.outcome(release, observed)}"
    event = release.event(EventKind.TIDIED, now, text)
    tidied = release.after(event, tidied=True)
    if not observed.route.claimed:
        return EndUnclaimed(tidied, event)
    return Turn(tidied, event)


def _may_have_requests(release: Release, share: ShareSeen, now: datetime) -> bool:
    """Pods that are seen with requests stay; those that nobody can see stay for a time."""
    if seen_home(release) or share.why == NO_REQUESTS or release.ended_at is None:
        return False
    return now < release.ended_at + KEEP_UNSEEN if share.canary is None else share.canary > 0
