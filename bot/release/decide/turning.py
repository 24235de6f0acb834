"""The moves that more than one phase makes: going on, turning back, asking people, ending."""

from datetime import datetime, timedelta
from math import ceil

from bot.release.decision import Decision, EndUnclaimed, SetWeights, Turn, Wait
from bot.release.instructions import Instruction
from bot.release.meddling import Obstacle, PutBack, Stopped
from bot.release.model import (
    ALL_STABLE,
    LOCKMASTER,
    Actor,
    Ending,
    EventKind,
    Kind,
    Release,
    Split,
    Trigger,
)
from bot.release.observed import Observed, TrackSeen
from bot.release.phases import Phase
from bot.release.weight import Weight

CADENCE = timedelta(seconds=5)


def replicas_for(weight: Weight, stable_replicas: int) -> int:
    """Enough canary pods for a weight: `ceil(stable replicas times weight)`, at least 1."""
    return max(1, ceil(stable_replicas * weight.basis_points / Weight.FULL.basis_points))


def pods_for(release: Release, observed: Observed, weight: Weight) -> int:
    """The same of stable as it is now, where an autoscaler gave it more pods since the start; never fewer than at the start."""
    now = observed.stable.replicas if observed.stable is not None else 0
    return replicas_for(weight, max(release.stable_replicas, now))


def wait(why: str, now: datetime, until: datetime | None = None) -> Wait:
    """Look again after the usual time, or earlier where something is due earlier."""
    usual = now + CADENCE
    return Wait(why, min(usual, until) if until is not None and until > now else usual)


def rest(why: str, now: datetime, deadline: datetime | None = None) -> Wait:
    """The same where nothing but a watch, a verdict or a person can change anything before the deadline."""
    due = deadline if deadline is not None and deadline > now else None
    return Wait(why, wait(why, now, due).until, calm=True, deadline=due)


def go_on(release: Release, observed: Observed, now: datetime, wish: Instruction | None = None) -> Decision:
    """Enter the next stage (with `full`: the last one), or promotion after the last: by itself, or as a person wished."""
    by, taken = (wish.by, (wish.id,)) if wish is not None else (LOCKMASTER, ())
    because = f", because “{wish.because}”" if wish is not None and wish.because else ""
    last = len(release.stages) - 1
    if release.stage == last:
        text = f"promotion, stable is updated to {release.target}{because}"
        event = release.event(EventKind.STAGE_ENTERED, now, text, by)
        return Turn(release.enter(Phase.PROMOTING, event, approvals=()), event, taken)
    index = last if release.full else release.stage + 1
    stage = release.stages[index]
    entered = {
        "stage": index,
        "approvals": (),
        "baseline_p95": observed.judgement.stable_p95 or release.baseline_p95,
    }
    if observed.canary is not None and observed.canary.ready >= pods_for(release, observed, stage.weight):
        weights = Split.of(stage.weight)
        return order(release, weights, now, by, because=because, taken=taken, **entered)
    event = release.event(EventKind.STAGE_ENTERED, now, f"{stage.weight} of the requests{because}", by)
    return Turn(release.enter(Phase.SHIFTING, event, ordered_at=None, **entered), event, taken)


def order(
    release: Release,
    weights: Split,
    now: datetime,
    by: Actor = LOCKMASTER,
    *,
    because: str = "",
    taken: tuple[str, ...] = (),
    **changes: object,
) -> SetWeights:
    """Order a forward weight: in the phase `shifting`, from this moment."""
    event = release.event(EventKind.WEIGHT_ORDERED, now, f"{weights.canary} to the canary{because}", by)
    changes = {
        "weights": weights,
        "ordered_at": now,
        "observed_at": None,
        "patience_until": None,
        "short_since": None,
        "exposed_since": release.exposed_since or now,
        **changes,
    }
    if release.phase is Phase.SHIFTING:
        return SetWeights(release.after(event, **changes), event, taken)
    return SetWeights(release.enter(Phase.SHIFTING, event, **changes), event, taken)


def turn_back(release: Release, observed: Observed, ending: Ending, taken: tuple[str, ...] = ()) -> Decision:
    """Bring the traffic back to stable: one write, whatever state stable's pods are in.

    Only when stable has no ready pod at all and the canary has, staying is the better side: then people are asked.
    Before traffic moved, the release is cancelled instead. Where stable was patched, that is taken back first: its pods may be
    unready because of it.
    """
    if release.phase is Phase.PREPARING:
        return _cancel(release, observed, ending, taken)
    if not observed.route.writable and observed.route.claimed:
        why = f"{ending.text}; but {observed.route.fault}"
        stopped = Stopped(by=Obstacle.SHAPE, phase=Phase.ROLLING_BACK)
        return to_people(release, why, ending.at, taken=taken, ending=ending, stopped=stopped)
    stable, canary = observed.stable, observed.canary
    event = release.event(EventKind.ROLLBACK_ORDERED, ending.at, _with_stable(ending.text, stable), ending.by)
    changes: dict[str, object] = {"ending": ending, "paused": None, "drift": None, "differences": ()}
    if stable is not None and stable.image == release.image and "canary" not in observed.route.lost:
        return Turn(release.enter(Phase.ROLLING_BACK, event, **changes), event, taken)
    if stable is not None and stable.ready == 0 and canary is not None and canary.ready > 0:
        why = f"{ending.text}; but stable has no ready pod to go back to"
        return to_people(release, why, ending.at, taken=taken, ending=ending)
    changes |= {"weights": ALL_STABLE, "ordered_at": ending.at, "observed_at": None}
    return SetWeights(release.enter(Phase.ROLLING_BACK, event, **changes), event, taken)


def _with_stable(text: str, stable: TrackSeen | None) -> str:
    """A rollback does not wait for stable's pods; whoever asked for it hears how they are."""
    if stable is None or stable.ready >= stable.replicas:
        return text
    return f"{text}; stable has {stable.ready} of {stable.replicas} pods ready{f': {stable.trouble}' if stable.trouble else ''}"


def to_people(
    release: Release,
    why: str,
    now: datetime,
    *,
    claimed: bool = True,
    taken: tuple[str, ...] = (),
    **changes: object,
) -> Decision:
    """Stop where neither direction is safe, and say why. With an ending, the rollback follows as soon as it can."""
    if release.phase is Phase.NEEDS_HUMAN:
        return wait(why, now)
    event = release.event(EventKind.NEEDED_HUMAN, now, why)
    stopped = release.enter(Phase.NEEDS_HUMAN, event, **changes)
    return Turn(stopped, event, taken) if claimed else EndUnclaimed(stopped, event)


def stop(release: Release, why: str, by: Obstacle, now: datetime, back: PutBack | None = None) -> Decision:
    """Stop at what others have to mend; when they did, the release goes on by itself where it was."""
    stopped = Stopped(by=by, phase=release.phase)
    return to_people(release, why, now, stopped=stopped, put_back=back or release.put_back)


def _cancel(release: Release, observed: Observed, ending: Ending, taken: tuple[str, ...]) -> Decision:
    """No traffic of ours has moved; what somebody else sent to the canary goes home, for its pods go."""
    home = release.model_copy(update={"weights": ALL_STABLE})
    ended = end(home, Phase.CANCELLED, ending, taken=taken)
    if isinstance(ended, Turn) and observed.route.weights not in (None, ALL_STABLE):
        return SetWeights(ended.release, ended.event, taken)
    return ended


def end(
    release: Release, phase: Phase, ending: Ending, *, claimed: bool = True, taken: tuple[str, ...] = ()
) -> Decision:
    """Write the terminal record."""
    event = release.event(EventKind.ENDED, ending.at, ending.text, ending.by)
    ended = release.enter(
        phase,
        event,
        ending=release.ending or ending,
        ended_at=ending.at,
        paused=None,
        drift=None,
        differences=(),
        tidied=release.kind is Kind.ADOPT,
    )
    return Turn(ended, event, taken) if claimed else EndUnclaimed(ended, event)


def automatic(trigger: Trigger, text: str, now: datetime, sample: str | None = None) -> Ending:
    """An ending that Lockmaster brings about by itself."""
    return Ending(trigger=trigger, text=text, by=LOCKMASTER, at=now, sample=sample)
