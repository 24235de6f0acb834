"""Why a weight does not arrive: asked of the mesh's control plane while one is late, and every few seconds alone."""

from datetime import datetime

from bot.analysis.looks import ARRIVING
from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.metrics import Metrics
from bot.release.decide.arriving import NOT_IN_EFFECT_AFTER, arrived
from bot.release.model import Release
from bot.release.observed import MeshSeen, ShareSeen

EVERY = 5.0
"""Seconds between two looks at the control plane."""


class Mesh:
    """`late`: whether some weight is. `seen`: what the control plane said then, None where it said nothing."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self._due = 0.0
        self.late = False
        self.seen: MeshSeen | None = None

    async def look(self) -> None:
        """Ask where it is due."""
        if not self.late:
            self.seen = None
        elif self._clock.monotonic() >= self._due:
            self._due = self._clock.monotonic() + EVERY
            try:
                self.seen = await self._metrics.mesh()
            except Unavailable:
                self.seen = None


def is_late(release: Release, share: ShareSeen, now: datetime) -> bool:
    """Half the time before it is said, so that the reason is known then."""
    if release.phase not in ARRIVING or release.ordered_at is None:
        return False
    due = now >= release.ordered_at + NOT_IN_EFFECT_AFTER / 2
    return due and share.canary is not None and not arrived(share, release.weights.canary)
