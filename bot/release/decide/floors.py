"""The floor of stable's autoscaler: held before a canary exists, given back after the end; a person's own change stays."""

from datetime import datetime

from bot.release.decide.turning import wait
from bot.release.decision import Decision, GiveBackFloor, HoldFloor, Turn
from bot.release.model import EventKind, Floor, Release
from bot.release.observed import AutoscalerSeen, Observed, TrackSeen, Unseen


def prepare(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Nothing gets ready while it is unknown whether stable could be scaled away meanwhile."""
    if isinstance(observed.autoscaler, Unseen):
        return wait(unseen(observed.autoscaler), now)
    return hold(release, observed, release.stable_replicas, now)


def hold(release: Release, observed: Observed, wanted: int, now: datetime) -> Decision | None:
    """First the record says that the floor is held, then the autoscaler does: whoever is killed in between has a successor.

    None when it is held, or need not be: it is that high already, stable has no autoscaler, or somebody wants it otherwise.
    """
    seen, floor = observed.autoscaler, release.floor
    if not isinstance(seen, AutoscalerSeen) or (floor is not None and floor.left):
        return None
    wanted = min(wanted, seen.ceiling)
    if wanted > (floor.held if floor is not None else seen.was):
        text = f"{seen.name} keeps at least {wanted} pods while the release lives, not {seen.was}"
        event = release.event(EventKind.FLOOR_HELD, now, text)
        held = Floor(autoscaler=seen.name, was=seen.was, held=wanted)
        return Turn(release.after(event, floor=held), event)
    if floor is None or seen.held == floor.held:
        return None
    return HoldFloor(floor.held)


def awaited(release: Release, observed: Observed, stable: TrackSeen) -> bool:
    """Whether the autoscaler has still to give stable the pods that are held for it."""
    floor = release.floor
    holds = isinstance(observed.autoscaler, AutoscalerSeen) and floor is not None and not floor.left
    return holds and floor is not None and stable.replicas < floor.held


def look(release: Release, observed: Observed, now: datetime) -> Decision | None:
    """Somebody set another floor than the one that is held: theirs stays, and it is said."""
    seen, floor = observed.autoscaler, release.floor
    if not isinstance(seen, AutoscalerSeen) or floor is None or floor.left:
        return None
    if seen.held != floor.held or seen.floor == floor.held:
        return None
    risk = "; a rollback may find fewer pods than stable had" if seen.floor < floor.held else ""
    text = (
        f"{seen.name} was set to at least {seen.floor} pods, where {floor.held} were held; that stays{risk}"
    )
    event = release.event(EventKind.FLOOR_CHANGED, now, text)
    return Turn(release.after(event, floor=floor.model_copy(update={"left": True})), event)


def give_back(release: Release, observed: Observed) -> Decision | None:
    """What was there before, and a newer stamp, so that nobody who slept holds it again. None when that is done."""
    seen = observed.autoscaler
    if release.floor is None or not isinstance(seen, AutoscalerSeen):
        return None
    return None if seen.held is None and seen.revision >= release.revision else GiveBackFloor()


def insist(release: Release, observed: Observed) -> Decision | None:
    """Before all is forgotten: an autoscaler that could not be seen is asked about, and its refusal told."""
    unseen_yet = release.floor is not None and isinstance(observed.autoscaler, Unseen)
    return GiveBackFloor() if unseen_yet else None


def outcome(release: Release, observed: Observed) -> str:
    """What became of a floor that was held: the end of a sentence, empty without."""
    seen, floor = observed.autoscaler, release.floor
    if floor is None or not isinstance(seen, AutoscalerSeen):
        return ""
    if seen.floor == floor.was:
        return f"; {seen.name} keeps at least {seen.floor} pods, as before"
    return (
        f"; {seen.name} keeps at least {seen.floor} pods, as somebody set it since, not {floor.was} as before"
    )


def unseen(autoscaler: Unseen) -> str:
    """Why a release waits for it."""
    return f"stable's autoscaler cannot be looked for: {autoscaler.why}"
