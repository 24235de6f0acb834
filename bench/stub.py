"""A Prometheus that answers the bot's four questions from a table, and notes when it first showed a failure."""

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from bench.services import NAMESPACE

RATE = 100.0
"""Requests a second to each service, of both tracks."""
FAILING = 0.5
"""Share of a failing canary's requests that fail: far over the hard limit."""
CANARY = "-canary"
HARD = 10.0
"""Seconds that the hard limit looks back."""

_WORKLOADS = re.compile(r'destination_workload=~"((?:[^"\\]|\\.)*)"')
_WINDOW = re.compile(r"\[(\d+)ms\]")
_SPECIAL = re.compile(r"\\+(.)")


@dataclass
class Traffic:
    """What is going on: the canary's share of each service's requests, and since when its canary fails (monotonic seconds)."""

    clock: Callable[[], float] = time.monotonic
    namespace: str = NAMESPACE
    share: dict[str, float] = field(default_factory=dict)
    failing: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    queries: int = 0

    def fail(self, services: Iterable[str]) -> None:
        """From now on their canaries fail."""
        now = self.clock()
        for service in services:
            self.failing[service] = now
            self.shown.pop(service, None)

    def answer(self, query: str) -> str:
        """What `/api/v1/query` answers to one of the bot's questions: JSON, written as quickly as a real one writes it."""
        self.queries += 1
        value = self._value_of(query)
        now = time.time()
        result = ",".join(
            f'{{"metric":{_labels(name, self.namespace)},"value":[{now:.3f},"{number}"]}}'
            for name in _workloads(query)
            if (number := value(name)) is not None
        )
        return f'{{"status":"success","data":{{"resultType":"vector","result":[{result}]}}}}'

    def answered(self, query: str) -> None:
        """Note the moment, if this answer was the first that showed a failure."""
        if _asks_for_errors(query) and _seconds(query) == HARD:
            now = self.clock()
            for name in _workloads(query):
                service = name.removesuffix(CANARY)
                if name != service and service in self.failing:
                    self.shown.setdefault(service, now)

    def _value_of(self, query: str) -> Callable[[str], float | None]:
        if "histogram_quantile" in query:
            return lambda _: 180.0
        if "timestamp(" in query:
            return lambda _: time.time()
        seconds = _seconds(query)
        if _asks_for_errors(query):
            return lambda name: self._failed(name, seconds)
        return lambda name: self._served(name) * seconds

    def _served(self, name: str) -> float:
        share = self.share.get(name.removesuffix(CANARY), 0.0)
        return RATE * (share if name.endswith(CANARY) else 1 - share)

    def _failed(self, name: str, seconds: float) -> float | None:
        """None for a workload that never failed: it has no such series. The hard window is full of errors from the first moment."""
        since = self.failing.get(name.removesuffix(CANARY))
        if since is None or not name.endswith(CANARY):
            return None
        lasted = seconds if seconds == HARD else min(seconds, self.clock() - since)
        return FAILING * self._served(name) * lasted


def _workloads(query: str) -> tuple[str, ...]:
    found = _WORKLOADS.search(query)
    return _unescaped(found[1]) if found else ()


@lru_cache(maxsize=64)
def _unescaped(names: str) -> tuple[str, ...]:
    return tuple(_SPECIAL.sub(r"\1", name) for name in names.split("|"))


@cache
def _labels(name: str, namespace: str) -> str:
    return json.dumps({"destination_workload_namespace": namespace, "destination_workload": name})


def _seconds(query: str) -> float:
    found = _WINDOW.search(query)
    return int(found[1]) / 1000 if found else 0.0


def _asks_for_errors(query: str) -> bool:
    return "response_code" in query
