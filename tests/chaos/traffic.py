"""What Prometheus answers: each version behaves as the fate in its tag says."""

import json
from collections.abc import Callable

from bench.stub import CANARY, Traffic
from sandbox.kube.resources import VIRTUAL_SERVICE
from sandbox.kube.store import Change
from tests.chaos.plan import Fate, fate_of
from tests.faults.stand import STATE

FAILS_FROM = {Fate.BAD: 1, Fate.LATE: 50}
"""The percentage of the traffic from which a version answers with errors."""


class FatedTraffic(Traffic):
    """Reads weights and versions off the routes as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self._fates: dict[str, Fate] = {}

    def saw(self, change: Change) -> None:
        """Take in a write of a route; called within the write itself, after the share was noted."""
        if change.resource != VIRTUAL_SERVICE:
            return
        metadata = change.document["metadata"]
        state = json.loads(metadata.get("annotations", {}).get(STATE, "{}"))
        if not str(state.get("to", "")).startswith("v2."):
            return
        name = metadata["name"]
        fate = self._fates[name] = fate_of(state["to"])
        share = self.share.get(name, 0.0) * 100
        if share == 0:
            self.failing.pop(name, None)
        elif share >= FAILS_FROM.get(fate, 101):
            self.failing.setdefault(name, self.clock())

    def _value_of(self, query: str) -> Callable[[str], float | None]:
        value = super()._value_of(query)
        return lambda name: None if self._is_mute(name) else value(name)

    def _is_mute(self, name: str) -> bool:
        return name.endswith(CANARY) and self._fates.get(name.removesuffix(CANARY)) is Fate.MUTE
