"""While traffic moves: see each weight arrive, watch the canary there, ask people."""

from datetime import datetime

from bot.release.decide import standing
from bot.release.decide.arriving import arrived, not_in_effect, overdue, percent
from bot.release.decide.turning import automatic, go_on, order, pods_for, rest, turn_back, wait
from bot.release.decision import Decision, ScaleCanary, Turn, Wait
from bot.release.gate import Gate
from bot.release.model import EventKind, Kind, Release, Split, Trigger
from bot.release.observed import Observed
from bot.release.phases import Phase
from bot.release.verdict import Verdict
from bot.release.weight import Weight

UNDECIDED = "somebody has to decide"
MISSING = "canary pods are missing"


def shifting(release: Release, observed: Observed, now: datetime) -> Decision:
    """Enough pods, then the weight, then its arrival in the traffic; only then the bake clock starts."""
    bad = unhealthy(release, observed, now)
    if bad is not None:
        return bad
    weight = release.current.weight
    if release.weights.canary != weight or release.ordered_at is None:
        return _order(release, observed, weight, now)
    if release.drift is not None:
        return wait("paused", now)
    if arrived(observed.share, weight):
        return _bake(release, f"{percent(observed.share)} of the requests reach the canary", now)
    late = not_in_effect(release, observed, now)
    if late is not None and observed.share.canary is None and release.kind is Kind.RESTORE:
        return _bake(release, f"not seen: {observed.share.why}", now)
    return overdue(release, observed, now) or wait(late or "the weight is on its way", now)


def baking(release: Release, observed: Observed, now: datetime) -> Decision:
    """Watch the canary for the bake time; then ask, or go on when told to and healthy."""
    bad = unhealthy(release, observed, now)
    if bad is not None:
        return bad
    done = release.phase_since + release.current.bake
    if now < done:
        return _at_rest(release, "baking", now, done)
    held = _held(release, observed)
    if held is not None:
        return wait(held, now)
    if observed.judgement.verdict is Verdict.PASS or release.kind is Kind.RESTORE:
        if _by_itself(release):
            return go_on(release, observed, now)
        return _ask(release, f"{release.current.weight} is healthy", now)
    patience = release.patience_until or done + observed.terms.patience
    if now < patience:
        return wait(_unproven(observed), now, patience)
    return _ask(release, _unproven(observed), now)


def gate(release: Release, observed: Observed, now: datetime) -> Decision:
    """Wait for people; an automatic stage that was only short of data goes on when the data came."""
    bad = unhealthy(release, observed, now)
    if bad is not None:
        return bad
    held = _held(release, observed)
    if held is not None:
        return wait(held, now)
    if observed.judgement.verdict is Verdict.PASS:
        return go_on(release, observed, now) if _by_itself(release) else _at_rest(release, UNDECIDED, now)
    if release.patience_until is not None and now >= release.patience_until:
        return _ask_again(release, observed, _unproven(observed), now)
    return _at_rest(release, UNDECIDED, now, release.patience_until)


def unhealthy(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """A failing verdict, or a canary that cannot keep its pods up, turns the release back at once; missing pods hold it."""
    fallen = standing.fallen(release, observed, now)
    if fallen is not None:
        return fallen
    worst = observed.judgement.worst
    if observed.judgement.verdict is Verdict.FAIL and worst is not None:
        sample = f"canary {worst.canary}, stable {worst.stable}, limit {worst.limit}"
        return turn_back(release, observed, automatic(Trigger.METRIC, worst.text, now, sample))
    return standing.short(release, observed, now)


def _by_itself(release: Release) -> bool:
    return release.current.gate is Gate.AUTO or release.full


def _order(release: Release, observed: Observed, weight: Weight, now: datetime) -> Decision:
    held = _held(release, observed)
    if held is not None:
        return wait(held, now)
    wanted = pods_for(release, observed, weight)
    canary = observed.canary
    if canary is None or canary.replicas < wanted:
        return ScaleCanary(wanted)
    if canary.ready < wanted:
        since = max((release.phase_since, *(event.at for event in release.recent[-1:])))
        late = standing.late(release, observed, canary, since, now)
        return late or wait(canary.trouble or "more canary pods are starting", now)
    return order(release, Split.of(weight), now)


def _held(release: Release, observed: Observed) -> str | None:
    if release.paused is not None:
        return "paused"
    if release.short_since is not None:
        return MISSING
    if not observed.remembered:
        return "the store cannot be reached; nothing moves forward"
    return None


def _bake(release: Release, seen: str, now: datetime) -> Decision:
    event = release.event(EventKind.WEIGHT_OBSERVED, now, seen)
    return Turn(release.enter(Phase.BAKING, event, observed_at=now, patience_until=None), event)


def _at_rest(release: Release, why: str, now: datetime, deadline: datetime | None = None) -> Wait:
    """Nobody is waited for but metrics and people, unless pods are missing."""
    return rest(why, now, deadline) if release.short_since is None else wait(why, now, deadline)


def _ask(release: Release, text: str, now: datetime) -> Decision:
    event = release.event(EventKind.ASKED, now, text)
    return Turn(release.enter(Phase.GATE, event, patience_until=None), event)


def _ask_again(release: Release, observed: Observed, text: str, now: datetime) -> Decision:
    """Ring once more, and leave people the same time again."""
    event = release.event(EventKind.ASKED, now, text)
    return Turn(release.after(event, patience_until=now + observed.terms.patience), event)


def _unproven(observed: Observed) -> str:
    worst = observed.judgement.worst
    return worst.text if worst is not None else "no data"
