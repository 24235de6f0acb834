"""What people and alerts asked for: taken in one at a time, a rollback before anything else."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from bot.release.baseline import Baseline
from bot.release.decide.claiming import asked
from bot.release.decide.turning import go_on, order, turn_back
from bot.release.decision import Decision, Drop, SetWeights, Turn
from bot.release.instructions import Ask, Instruction
from bot.release.model import EventKind, Kind, Pause, Release
from bot.release.observed import Observed
from bot.release.phases import PAUSABLE, Phase
from bot.release.verdict import Verdict

BOUND = frozenset({Ask.PROMOTE, Ask.PROMOTE_FULL, Ask.GO_ON_ANYWAY, Ask.WAIT_LONGER})
WATCHED = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE})


def take(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """The effect of the most urgent wish; None without any. A wish without effect is dropped."""
    if not observed.inbox:
        return None
    wish = min(observed.inbox, key=lambda one: (one.ask is not Ask.ROLL_BACK, one.at))
    if wish.ask in BOUND and not _still_meant(release, wish):
        return Drop((wish.id,))
    return _effect(release, observed, wish, now) or Drop((wish.id,))


def _still_meant(release: Release, wish: Instruction) -> bool:
    """A promotion speaks of the stage and attempt its author saw."""
    return wish.stage in (None, release.stage) and wish.attempt in (None, release.attempt)


def _effect(release: Release, observed: Observed, wish: Instruction, now: datetime) -> Decision | None:
    match wish.ask:
        case Ask.ROLL_BACK:
            return _roll_back(release, observed, wish, now)
        case Ask.PROMOTE | Ask.PROMOTE_FULL:
            return _promote(release, observed, wish, now)
        case Ask.GO_ON_ANYWAY:
            return _go_on_anyway(release, observed, wish, now)
        case Ask.WAIT_LONGER:
            return _wait_longer(release, observed, wish, now)
        case Ask.PAUSE:
            return _pause(release, wish, now)
        case Ask.RESUME:
            return _resume(release, wish, now)
        case Ask.APPLY_AGAIN | Ask.ADOPT_THEIRS:
            return _settle_drift(release, wish, now)
        case _:
            assert_never(wish.ask)


def _roll_back(release: Release, observed: Observed, wish: Instruction, now: datetime) -> Decision | None:
    if release.phase is Phase.ROLLING_BACK:
        return None
    return turn_back(release, observed, asked(wish, now), (wish.id,))


def _promote(release: Release, observed: Observed, wish: Instruction, now: datetime) -> Decision | None:
    if release.phase not in WATCHED or release.paused or not observed.remembered:
        return None
    if release.phase is Phase.SHIFTING or observed.judgement.verdict is not Verdict.PASS:
        return None
    full = release.full or wish.ask is Ask.PROMOTE_FULL
    approvals = (*(one for one in release.approvals if one.id != wish.by.id), wish.by)
    if len(approvals) < wish.quorum:
        event = release.event(EventKind.APPROVED, now, f"{len(approvals)} of {wish.quorum}", wish.by)
        return Turn(release.after(event, approvals=approvals), event, (wish.id,))
    approved_by = (*release.approved_by, *(one for one in approvals if one not in release.approved_by))
    allowed = release.model_copy(update={"full": full, "approved_by": approved_by})
    return go_on(allowed, observed, now, wish)


def _go_on_anyway(release: Release, observed: Observed, wish: Instruction, now: datetime) -> Decision | None:
    """An approver's word in place of numbers; never in place of bad ones."""
    if release.phase not in WATCHED or release.paused or not observed.remembered:
        return None
    if observed.judgement.verdict is Verdict.FAIL:
        return None
    if release.phase is Phase.SHIFTING:
        event = release.event(EventKind.WEIGHT_OBSERVED, now, f"taken as in effect: {wish.because}", wish.by)
        baking = release.enter(Phase.BAKING, event, observed_at=now, patience_until=None)
        return Turn(baking, event, (wish.id,))
    allowed = release.model_copy(update={"approved_by": (*release.approved_by, wish.by)})
    return go_on(allowed, observed, now, wish)


def _wait_longer(release: Release, observed: Observed, wish: Instruction, now: datetime) -> Decision | None:
    if release.phase not in WATCHED:
        return None
    until = now + observed.terms.patience
    event = release.event(EventKind.WAIT_PROLONGED, now, "waits longer", wish.by)
    changes: dict[str, object] = {"patience_until": until, "attempt": release.attempt + 1}
    return Turn(release.after(event, **changes), event, (wish.id,))


def _pause(release: Release, wish: Instruction, now: datetime) -> Decision | None:
    if release.paused or release.phase not in PAUSABLE or release.kind in (Kind.ADOPT, Kind.UNADOPT):
        return None
    event = release.event(EventKind.PAUSED, now, wish.because or "held", wish.by)
    paused = Pause(by=wish.by, since=now, because=wish.because)
    return Turn(release.after(event, paused=paused, attempt=release.attempt + 1), event, (wish.id,))


def _resume(release: Release, wish: Instruction, now: datetime) -> Decision | None:
    if not release.paused or release.drift is not None:
        return None
    event = release.event(EventKind.RESUMED, now, wish.because or "goes on", wish.by)
    return Turn(release.after(event, paused=None, attempt=release.attempt + 1), event, (wish.id,))


def _settle_drift(release: Release, wish: Instruction, now: datetime) -> Decision | None:
    """Put our weights back, or take theirs as what this stage orders; either is watched from its beginning."""
    if release.drift is None:
        return None
    settled = release.model_copy(update={"drift": None, "differences": (), "paused": None})
    wanted, baseline = release.weights, Baseline.RESTORE
    if wish.ask is Ask.ADOPT_THEIRS:
        wanted, baseline = release.drift, Baseline.TAKE
        theirs = release.current.model_copy(update={"weight": wanted.canary})
        stages = (*release.stages[: release.stage], theirs, *release.stages[release.stage + 1 :])
        settled = settled.model_copy(update={"stages": stages, "put_back": None})
    if release.phase in WATCHED:
        ordered = order(settled, wanted, now, wish.by, taken=(wish.id,))
        return replace(ordered, baseline=baseline)
    event = settled.event(EventKind.DRIFT_SETTLED, now, f"{wanted.canary} to the canary", wish.by)
    ordered_at = None if release.phase is Phase.PREPARING else now
    written = settled.after(event, weights=wanted, ordered_at=ordered_at, observed_at=None)
    return SetWeights(written, event, (wish.id,), baseline)
