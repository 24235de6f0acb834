"""The watches of the fake cluster, behind the port."""

from collections.abc import Callable

from bot.ports.changes import Change
from tests.fakes.cluster import FakeCluster


class FakeChanges:
    """Every change at once, in the call that made it."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        self._cluster.listen(listener)
