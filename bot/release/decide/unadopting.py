"""Taking adoption back: the route first, then what stood beside it; each seen by every proxy before the next."""

from datetime import datetime

from bot.release.decide.turning import automatic, wait
from bot.release.decision import Decision, DropTracks, EndUnclaimed, LeaveRoute
from bot.release.instructions import Ask
from bot.release.model import EventKind, Release, Trigger
from bot.release.observed import Observed
from bot.release.phases import Phase


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """Leave the route, wait until no proxy uses the tracks, drop them, end."""
    if release.subsets_since is None:
        if observed.route.others is not None:
            return _end(release, Phase.CANCELLED, f"the route object belongs to {observed.route.others}", now)
        given_up = next((wish for wish in observed.inbox if wish.ask is Ask.ROLL_BACK), None)
        if given_up is not None:
            return _end(release, Phase.CANCELLED, given_up.because or "given up", now)
        if observed.canary is not None:
            return _leftover(release, observed, now)
        newest = max(release.revision, observed.route.revision)
        leaving = release.model_copy(update={"revision": newest})
        event = leaving.event(EventKind.UNADOPTED, now, "the route no longer names the tracks", release.by)
        return LeaveRoute(leaving.after(event, subsets_since=now), event)
    known = release.subsets_since + observed.terms.settle
    if now < known:
        return wait("the route's change is being made known to every proxy", now, known)
    if not release.tidied:
        event = release.event(EventKind.TIDIED, now, "the tracks are gone", release.by)
        return DropTracks(release.after(event, tidied=True), event)
    return _end(release, Phase.PROMOTED, "as it was before adoption", now)


def _leftover(release: Release, observed: Observed, now: datetime) -> Decision:
    if now >= release.phase_since + observed.terms.ready_within:
        return _end(release, Phase.CANCELLED, "a canary Deployment is still there; delete it first", now)
    leftover = observed.terms.leftover_until
    return wait("pods of the release before are still leaving", now, leftover)


def _end(release: Release, phase: Phase, text: str, now: datetime) -> Decision:
    ending = automatic(Trigger.COMPLETION, text, now)
    event = release.event(EventKind.ENDED, now, text)
    ended = release.enter(phase, event, ending=ending, ended_at=now, tidied=True)
    return EndUnclaimed(ended, event)
