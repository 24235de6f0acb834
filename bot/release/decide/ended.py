"""After the end: the canary's pods stay until every proxy has left them, then they go."""

from datetime import datetime, timedelta

from bot.release.decision import Decision, EndUnclaimed, RemoveCanary, Turn, Wait
from bot.release.model import EventKind, Release
from bot.release.observed import Observed

KEEP = timedelta(seconds=30)


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """Remove our own canary 30 s after the end; a newer release's is not touched."""
    if release.tidied or release.ended_at is None:
        return Wait("ended")
    due = release.ended_at + KEEP
    if now < due:
        return Wait("ended; the canary's pods are kept a little", due)
    if observed.canary is not None and observed.canary.ours:
        return RemoveCanary()
    event = release.event(EventKind.TIDIED, now, "no canary is left")
    tidied = release.after(event, tidied=True)
    if observed.gone is not None or not observed.route.claimed:
        return EndUnclaimed(tidied, event)
    return Turn(tidied, event)
