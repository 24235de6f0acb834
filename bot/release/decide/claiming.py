"""The route object does not carry this release: claim it (the second gate to start), or yield to whoever holds it."""

from datetime import datetime

from bot.release.decide.turning import automatic, end, to_people, turn_back, wait
from bot.release.decision import Decision, Turn
from bot.release.instructions import Ask, Instruction
from bot.release.model import Ending, EventKind, Kind, Release, Trigger
from bot.release.observed import Observed, Unseen
from bot.release.phases import Phase
from bot.release.version import version_in

AS_ASKED = "as asked"


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """A release that never held the route may claim it; one that lost it stops, and goes on only to turn back.

    One that another followed is over, whatever the store knows.
    """
    if observed.route.successor is not None:
        text = (
            f"it had ended before {observed.route.successor} began; the store had lost that, as in a failover"
        )
        return end(release, Phase.CANCELLED, automatic(Trigger.CLUSTER, text, now), claimed=False)
    given_up = next((wish for wish in observed.inbox if wish.ask is Ask.ROLL_BACK), None)
    if release.phase is Phase.PREPARING and release.revision == 0:
        return _claim(release, observed, given_up, now)
    if release.phase is not Phase.NEEDS_HUMAN:
        return to_people(release, _lost(release, observed), now, claimed=False)
    if given_up is None:
        return wait(_lost(release, observed), now)
    return _give_up(release, observed, given_up, now)


def _claim(release: Release, observed: Observed, given_up: Instruction | None, now: datetime) -> Decision:
    """Write the release into the route object; its revision continues the object's."""
    if given_up is not None:
        return end(release, Phase.CANCELLED, asked(given_up, now), claimed=False)
    holder = observed.route.others
    if holder is not None:
        ending = automatic(Trigger.CLUSTER, f"the route object belongs to {holder}", now)
        return end(release, Phase.CANCELLED, ending, claimed=False)
    found = _standing_on(release, observed)
    if found is not release and found.kind is not Kind.ADOPT and found.source == found.target:
        ending = automatic(Trigger.CLUSTER, f"{found.service} runs {found.target} already", now)
        return end(found, Phase.CANCELLED, ending, claimed=False)
    text = "holds the route object"
    if found.source != release.source:
        text += f"; stable runs {found.source}, not {release.source}"
    claiming = found.model_copy(update={"revision": _newest(observed)})
    event = claiming.event(EventKind.CLAIMED, now, text, release.by)
    return Turn(claiming.after(event, leftover_until=observed.terms.leftover_until), event)


def _standing_on(release: Release, observed: Observed) -> Release:
    """The release on stable as it is: who started it may have been told late of the promotion before."""
    stable = observed.stable
    if stable is None or stable.image == release.previous_image:
        return release
    source = version_in(stable.image)
    found = {"source": source, "previous_image": stable.image, "stable_replicas": max(1, stable.replicas)}
    if release.kind is Kind.ADOPT:
        found |= {"target": source, "image": stable.image}
    return release.model_copy(update=found)


def _newest(observed: Observed) -> int:
    """The revision to continue. A route object that was made anew begins at 0, while what stands beside it remembers more."""
    beside = (observed.stable, observed.canary, observed.autoscaler)
    stamps = [one.revision for one in beside if one is not None and not isinstance(one, Unseen)]
    return max((observed.route.revision, *stamps))


def _give_up(release: Release, observed: Observed, wish: Instruction, now: datetime) -> Decision:
    """Somebody else's route is left alone; one that nobody holds, or that names us unreadably, is turned back."""
    if observed.route.others is not None or observed.route.weights is None:
        return end(release, Phase.CANCELLED, asked(wish, now), claimed=False)
    newest = max(release.revision, observed.route.revision)
    ours = release.model_copy(update={"revision": newest})
    return turn_back(ours, observed, asked(wish, now), (wish.id,))


def asked(wish: Instruction, now: datetime) -> Ending:
    """The ending that a wish to roll back brings about."""
    return Ending(trigger=wish.trigger, text=wish.because or AS_ASKED, by=wish.by, at=now, sample=wish.sample)


def _lost(release: Release, observed: Observed) -> str:
    if observed.route.others is not None:
        return f"the route object now belongs to {observed.route.others}"
    if observed.route.unreadable:
        return "this version of Lockmaster cannot read the record in the route object"
    return f"somebody removed {release.id} from the route object"
