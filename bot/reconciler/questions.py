"""What the sampler asks the metrics: once a window, whatever the number of releases that need it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

from bot.analysis.looks import Readings, Spans, Tracks, tracks, with_durations
from bot.analysis.windows import HARD
from bot.config.catalogue import Catalogue
from bot.config.pinned import entry_of
from bot.ports.metrics import Metrics, Reading, WorkloadKey
from bot.release.model import Release

Answer = TypeVar("Answer")


class Questions:
    """Each raises `Unavailable` while the source cannot be asked."""

    def __init__(self, catalogue: Catalogue, metrics: Metrics) -> None:
        self._catalogue = catalogue
        self._metrics = metrics
        self._tracks: dict[tuple[str, str | None], Tracks | None] = {}

    def tracks_of(self, release: Release) -> Tracks | None:
        """The workloads by the entry that the release started with; None where that cannot be read any more."""
        key = release.service, release.entry
        if key not in self._tracks:
            entry = entry_of(release, self._catalogue)
            self._tracks[key] = None if entry is None else tracks(entry)
        return self._tracks[key]

    async def hard(self, releases: Collection[Release]) -> Readings:
        """The last seconds, of the workloads of all these."""
        return await self._ask(self._metrics.read, ((one, {HARD}) for one in releases))

    async def failures(self, releases: Collection[Release]) -> Mapping[WorkloadKey, Reading]:
        """Requests and errors of the last seconds, alone or sooner than the rest of `hard`."""
        return (await self._ask(self._metrics.failures, ((one, {HARD}) for one in releases))).get(HARD, {})

    async def longer(self, releases: Collection[Release], needed: Mapping[str, Spans]) -> Readings:
        """Every other window that some release needs, of the workloads that need it."""
        return await self._ask(self._metrics.read, ((one, needed[one.id].longer()) for one in releases))

    async def counted(
        self, doubtful: Collection[Release], needed: Mapping[str, Spans], readings: Readings
    ) -> Readings:
        """The same readings, with how long the requests took by which a release was found too slow."""
        windows = ((one, {HARD, needed[one.id].p95}) for one in doubtful)
        return with_durations(readings, await self._ask(self._metrics.durations, windows))

    async def _ask(
        self,
        question: Callable[[Collection[WorkloadKey], timedelta], Awaitable[Mapping[WorkloadKey, Answer]]],
        needed: Iterable[tuple[Release, set[timedelta]]],
    ) -> dict[timedelta, Mapping[WorkloadKey, Answer]]:
        keys: defaultdict[timedelta, set[WorkloadKey]] = defaultdict(set)
        for release, windows in needed:
            if of := self.tracks_of(release):
                for window in windows:
                    keys[window].update(of)
        answers = await asyncio.gather(*(question(who, window) for window, who in keys.items()))
        return dict(zip(keys, answers, strict=True))
