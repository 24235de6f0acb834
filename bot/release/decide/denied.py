"""The cluster does not take what a release has to write: an admission webhook, a policy, a permission that is missing."""

from datetime import datetime

from bot.errors import Reason, ReasonCode
from bot.release.decide.turning import automatic, end, to_people, turn_back
from bot.release.decision import Decision, Wait
from bot.release.meddling import Obstacle, Stopped
from bot.release.model import Kind, Release, Trigger
from bot.release.observed import Observed
from bot.release.phases import Phase


def answers(release: Release, observed: Observed, reason: Reason, now: datetime) -> tuple[Decision, ...]:
    """What to do instead, best first: each is tried when the cluster does not take the one before; the last needs no cluster.

    Back to the last good state; where that is denied too, to people, and the way back is tried again by itself. What was stored
    otherwise than ordered is not: each try would be a write of its own. Empty where there is nothing to go back to.
    """
    text = told(reason)
    if release.phase.terminal or release.kind is Kind.UNADOPT:
        return ()
    ending = automatic(Trigger.CLUSTER, text, now)
    claimed = observed.route.claimed
    if release.phase is Phase.PREPARING:
        kept = end(release, Phase.CANCELLED, ending, claimed=False)
        return (turn_back(release, observed, ending), kept) if claimed else (kept,)
    obstacle = Obstacle.ALTERED if reason.code is ReasonCode.ALTERED else Obstacle.DENIED
    stopped, then = Stopped(by=obstacle, phase=Phase.ROLLING_BACK), release.ending or ending
    asked = tuple(
        to_people(release, text, now, claimed=one, stopped=stopped, ending=then) for one in (claimed, False)
    )
    if not release.phase.forward:
        return asked
    back = turn_back(release, observed, ending)
    return asked if isinstance(back, Wait) else (back, *asked)


def told(reason: Reason) -> str:
    """The cluster's own words, those beneath it included."""
    return ": ".join((reason.text, *(one.text for one in reason.because)))
