"""What others undo while a release is on its way out: written once more, and then never fought over."""

from datetime import datetime

from bot.release.decide.drifting import counted
from bot.release.decide.turning import automatic, end, stop
from bot.release.decision import Decision, RemoveCanary, SetWeights
from bot.release.meddling import Obstacle, PutBack
from bot.release.model import ALL_STABLE, EventKind, Release, Trigger
from bot.release.observed import Observed, TrackSeen
from bot.release.phases import Phase


def image(release: Release, stable: TrackSeen, now: datetime) -> Decision | None:
    """Stable was given its image in this phase, and has another again: whoever keeps it so has to be told, not fought."""
    if not (stable.ours and 0 < release.entered <= stable.revision):
        return None
    return kept_otherwise(release, stable, now)


def kept_otherwise(release: Release, stable: TrackSeen, now: datetime) -> Decision:
    """Stop until stable has the image that this phase wants."""
    wanted = release.source if release.phase is Phase.ROLLING_BACK else release.target
    text = (
        f"stable was updated to {wanted}, and somebody put it back to {_tag(stable.image)}; where Git keeps it, let Git say "
        f"{wanted}: the release goes on by itself when stable runs that"
    )
    return stop(release, text, Obstacle.PUT_BACK, now)


def route(release: Release, observed: Observed, now: datetime) -> Decision:
    """Everything belongs to stable and the route says otherwise: ordered once more, then given way to."""
    back = counted(release, observed.route)
    if back.times == 1:
        return send_home(release, now, back)
    if observed.route.fault is not None:
        return stop(release, observed.route.fault, Obstacle.PUT_BACK, now, back)
    if back.canary is not None:
        text = f"{back.who} sends {back.canary} to the canary again, {back.times} times now; everything belongs to stable"
        return stop(release, text, Obstacle.PUT_BACK, now, back)
    return _without_tracks(release, observed, back, now)


def send_home(release: Release, now: datetime, back: PutBack | None = None) -> Decision:
    """One write: everything to stable."""
    event = release.event(EventKind.WEIGHT_ORDERED, now, "everything to stable")
    changes = {"weights": ALL_STABLE, "ordered_at": now, "observed_at": None}
    return SetWeights(release.after(event, put_back=back or release.put_back, **changes), event)


def _without_tracks(release: Release, observed: Observed, back: PutBack, now: datetime) -> Decision:
    """The route shares out by pods alone. With one version in all of them that is no harm; else the canary's go."""
    why = f"{back.who} keeps the tracks out of the route"
    if release.phase is Phase.FINISHING:
        text = f"stable runs {release.target}; {why}"
        return end(release, Phase.PROMOTED, automatic(Trigger.COMPLETION, text, now))
    if observed.canary is not None and observed.canary.ours:
        return RemoveCanary()
    text = f"{why}, so the canary was removed: stable serves everything"
    return end(release, Phase.ROLLED_BACK, automatic(Trigger.COMPLETION, text, now))


def _tag(name: str) -> str:
    return name.rsplit("/", 1)[-1].partition(":")[2] or name
