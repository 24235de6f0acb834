"""What happened to a release, in the past tense: the history that `show` prints and the audit keeps."""

from enum import StrEnum

from pydantic import AwareDatetime

from bot.release.frozen import Frozen
from bot.release.model import Actor


class EventKind(StrEnum):
    """Closed, so that a reader of the history can rely on it."""

    STARTED = "started"
    CLAIMED = "claimed"
    ADOPTED = "adopted"
    CANARY_CREATED = "canary_created"
    WEIGHT_ORDERED = "weight_ordered"
    WEIGHT_OBSERVED = "weight_observed"
    ASKED = "asked"
    APPROVED = "approved"
    BAKE_PROLONGED = "bake_prolonged"
    PAUSED = "paused"
    RESUMED = "resumed"
    ROLLBACK_ORDERED = "rollback_ordered"
    STABLE_PATCHED = "stable_patched"
    NEEDED_HUMAN = "needed_human"
    ENDED = "ended"
    TIDIED = "tidied"


class Event(Frozen):
    """One line of the history. `revision` is that of the route object after it; `text` is for people."""

    kind: EventKind
    at: AwareDatetime
    by: Actor
    revision: int
    text: str
