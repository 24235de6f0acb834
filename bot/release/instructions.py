"""What people and alerts ask of a live release. Kept with its record until a pass has taken it in."""

from enum import StrEnum

from pydantic import AwareDatetime

from bot.release.model import Actor, Trigger
from bot.release.stored import Stored


class Ask(StrEnum):
    """The closed set of wishes."""

    PROMOTE = "promote"
    PROMOTE_FULL = "promote_full"
    GO_ON_ANYWAY = "go_on_anyway"
    WAIT_LONGER = "wait_longer"
    PAUSE = "pause"
    RESUME = "resume"
    ROLL_BACK = "roll_back"
    APPLY_AGAIN = "apply_again"
    ADOPT_THEIRS = "adopt_theirs"


class Instruction(Stored):
    """One wish. `stage` and `attempt` bind a promotion to what the presser saw; a stale one does nothing.

    `id` makes it idempotent: the same id is taken in once. `quorum` is how many different people must promote.
    """

    id: str
    ask: Ask
    by: Actor
    at: AwareDatetime
    trigger: Trigger = Trigger.PERSON
    because: str | None = None
    sample: str | None = None
    stage: int | None = None
    attempt: int | None = None
    quorum: int = 1
