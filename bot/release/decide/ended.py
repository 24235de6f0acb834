"""After the end: stable's autoscaler is let go; the canary's pods stay until every proxy has left them, then they go."""

from datetime import datetime, timedelta

from bot.release.decide import floors
from bot.release.decision import Decision, EndUnclaimed, RemoveCanary, Turn, Wait
from bot.release.model import EventKind, Release
from bot.release.observed import Observed

KEEP = timedelta(seconds=30)


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
