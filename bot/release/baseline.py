"""What a write does with the route as the release found it, beside moving weights."""

from enum import StrEnum


class Baseline(StrEnum):
    """`leave` it; `take` the route as it now is for what everything later is compared with; `restore` that; `forget` it."""

    LEAVE = "leave"
    TAKE = "take"
    RESTORE = "restore"
    FORGET = "forget"
