"""Faults that a test or a person orders while the emulator runs."""

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["ratelimited", "delay", "status", "drop"]


@dataclass
class Fault:
    """`value` is seconds for `ratelimited` and `delay`, the HTTP status for `status`.

    With `after_effect` the method does its work first and only its answer is lost.
    """

    method: str
    kind: Kind
    value: float
    times: float
    after_effect: bool = False


class Faults:
    """The faults still to come, oldest first; method `*` is every method."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def ratelimit(self, method: str, times: float = 1, retry_after: int = 1) -> None:
        """Answer the next calls with 429."""
        self._waiting.append(Fault(method, "ratelimited", retry_after, times))

    def delay(self, method: str, seconds: float, times: float = math.inf) -> None:
        """Answer the next calls late."""
        self._waiting.append(Fault(method, "delay", seconds, times))

    def fail(
        self, method: str, status: int = 500, times: float = math.inf, *, after_effect: bool = False
    ) -> None:
        """Answer the next calls with this HTTP status."""
        self._waiting.append(Fault(method, "status", status, times, after_effect))

    def drop(self, method: str, times: float = math.inf, *, after_effect: bool = False) -> None:
        """Close the connection of the next calls without an answer."""
        self._waiting.append(Fault(method, "drop", 0, times, after_effect))

    def clear(self) -> None:
        """Forget them all."""
        self._waiting.clear()

    def take(self, method: str) -> list[Fault]:
        """Return what befalls this call: every delay that is on, and the first of the other kinds."""
        hit: list[Fault] = []
        for fault in self._waiting:
            is_first = fault.kind == "delay" or all(other.kind == "delay" for other in hit)
            if fault.method in ("*", method) and is_first:
                fault.times -= 1
                hit.append(fault)
        self._waiting = [fault for fault in self._waiting if fault.times > 0]
        return hit
