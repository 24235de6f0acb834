"""The four kinds of failure: `Refused`, `Conflict`, `Unavailable`; anything else is a bug, and loud."""

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Why something was not done: closed, the same in Slack, in the terminal and in the audit log."""

    BAD_COMMAND = "bad_command"
    UNKNOWN_SERVICE = "unknown_service"
    UNKNOWN_RELEASE = "unknown_release"
    UNKNOWN_VERSION = "unknown_version"
    NOT_ALLOWED = "not_allowed"
    NOT_A_MEMBER = "not_a_member"
    REQUESTER_EXCLUDED = "requester_excluded"
    SLACK_UNKNOWN = "slack_unknown"
    LOCKED = "locked"
    NOT_LOCKED = "not_locked"
    LOCK_OF_RELEASE = "lock_of_release"
    LIVE_ELSEWHERE = "live_elsewhere"
    NOT_LIVE = "not_live"
    NOT_ADOPTED = "not_adopted"
    ALREADY_ADOPTED = "already_adopted"
    NOT_READY = "not_ready"
    SAME_VERSION = "same_version"
    ROLLED_BACK_BEFORE = "rolled_back_before"
    BAD_STAGES = "bad_stages"
    STALE_BUTTON = "stale_button"
    ALREADY_DONE = "already_done"
    ALREADY_PAUSED = "already_paused"
    NOT_PAUSED = "not_paused"
    NOTHING_TO_PAUSE = "nothing_to_pause"
    NOTHING_TO_PROMOTE = "nothing_to_promote"
    UNHEALTHY = "unhealthy"
    NO_DATA = "no_data"
    ROLLING_BACK = "rolling_back"
    NOTHING_TO_ROLL_BACK = "nothing_to_roll_back"
    UNAVAILABLE = "unavailable"
    TARGET_GONE = "target_gone"
    NEWER_RECORD = "newer_record"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Reason:
    """One node of a refusal: what was not met, what to do next, and the reasons beneath it."""

    code: ReasonCode
    text: str
    next_step: str | None = None
    because: tuple["Reason", ...] = ()


class Refused(Exception):  # noqa: N818  the vocabulary of the house: a refusal is an answer, not an error
    """The user can mend it. Nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


def refuse(code: ReasonCode, text: str, next_step: str | None = None, *because: Reason) -> Refused:
    """Build a refusal in one line."""
    return Refused(Reason(code, text, next_step, because))


class Conflict(Exception):  # noqa: N818  the same
    """Somebody was faster: read again, decide again."""


class Unavailable(Exception):  # noqa: N818  the same
    """A part we depend on cannot be asked now. `part` is one of redis, kubernetes, prometheus, slack."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part} is unavailable: {why}")
        self.part = part
        self.why = why


class TargetGone(Exception):  # noqa: N818  the same
    """An object that the release needs no longer exists; `what` names it, e.g. `VirtualService shop/checkout`."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} does not exist")
        self.what = what
