"""Metrics do not wait for a pass: once a second everything live is read in a few questions and judged.

In between, the last 10 s are read and judged once more where a hard limit is set: what is visible is acted on half a second sooner.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.analysis.looks import ARRIVING, Readings, Spans, Tracks, judged, share_seen, spans, tracks
from bot.analysis.windows import HARD
from bot.config.catalogue import Catalogue
from bot.config.pinned import entry_of
from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.live import Live
from bot.ports.metrics import Metrics, WorkloadKey
from bot.reconciler.cadence import LOOKS, Cadence
from bot.release.decide.arriving import NOT_IN_EFFECT_AFTER, arrived
from bot.release.decide.ended import seen_home
from bot.release.model import Release
from bot.release.observed import MeshSeen, ShareSeen
from bot.release.phases import Phase
from bot.release.verdict import Finding, Judgement, Verdict

log = structlog.get_logger()

EVERY = 0.5
"""Seconds between a look at all windows and a glance at the last seconds."""
FRESH = timedelta(seconds=6)
MESH_EVERY = 5.0
"""Seconds between two looks at the mesh's control plane."""
JUDGED = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})
SAMPLED = JUDGED | ARRIVING | {Phase.PREPARING}
"""While preparing, for what stable's latency is before it loses traffic."""

BROKE = "Lockmaster broke while it judged; its log says how"

HEAD_START = 0.1
"""Seconds for which nobody else is judged, so that those whose canary has just failed are on their way back first."""

AT_A_TIME = 25
"""Releases that are judged in one go: whatever is urgent need not wait for a thousand others."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the last look at the metrics said of a release, in the phase it was then."""

    judgement: Judgement
    share: ShareSeen
    attempt: int
    at: datetime


class Sampler:
    """Keeps the newest judgement of each live release and wakes a release when its verdict or its traffic changed."""

    def __init__(
        self,
        catalogue: Catalogue,
        live: Live,
        metrics: Metrics,
        clock: Clock,
        wake: Callable[[Release, Judgement], Coroutine[Any, Any, None]],
    ) -> None:
        self._live = live
        self._metrics = metrics
        self._clock = clock
        self._wake = wake
        self._catalogue = catalogue
        self._tracks: dict[tuple[str, str | None], Tracks | None] = {}
        self._latest: dict[str, Sampled] = {}
        self._broken: set[str] = set()
        self._needed: Mapping[str, Spans] = {}
        self._readings: Readings | None = None
        self._mesh: MeshSeen | None = None
        self._mesh_due = 0.0
        self._late = False
        self.cadence = Cadence(clock)
        self.why_blind: str | None = None
        self.rounds = 0

    async def run(self) -> None:
        """Look once a second, and glance in between, for ever."""
        due = self._clock.monotonic()
        while True:
            self.rounds += 1
            started = self._clock.monotonic()
            self.cadence.note(LOOKS, started - due)
            due = started + EVERY
            try:
                await (self.look() if self.rounds % 2 else self.glance())
            except Unavailable as error:
                log.warning("cannot sample", part=error.part, why=error.why)
            await self._clock.sleep(max(0.05, due - self._clock.monotonic()))

    async def look(self) -> None:
        """One round: read, judge, wake."""
        releases = [release for release in await self._live.known() if _is_sampled(release)]
        now = self._clock.now()
        needed = {release.id: spans(release, now) for release in releases}
        readings, _ = await asyncio.gather(self._read(releases, needed), self._look_at_the_mesh())
        self._needed, self._readings = needed, readings
        # Answers are as young as their arrival: were they as old as the questions, slow ones would never count.
        await self._judge(releases, needed, readings, self._clock.now())
        for gone in self._latest.keys() - needed.keys():
            del self._latest[gone]
        self._late = any(late for late in map(self._is_late, releases))

    async def glance(self) -> None:
        """The last seconds alone, which hard limits act on; what else a judgement needs is as the last look had it."""
        if self._readings is None:
            return
        now = self._clock.now()
        releases = [release for release in await self._live.known() if _has_hard_limit(release)]
        needed = {release.id: spans(release, now) for release in releases}
        releases = [release for release in releases if self._is_as_it_was(release, needed[release.id])]
        keys = {key for release in releases for key in self._tracks_of(release) or ()}
        if keys:
            hard = await self._metrics.read(keys, HARD)
            await self._judge(releases, needed, {**self._readings, HARD: hard}, self._clock.now())

    def _is_as_it_was(self, release: Release, over: Spans) -> bool:
        """Whether the last look asked about the windows that it needs now."""
        before, known = self._needed.get(release.id), self._latest.get(release.id)
        if before is None or known is None or known.attempt != release.attempt:
            return False
        return before.windows == over.windows

    async def _judge(
        self, releases: list[Release], needed: Mapping[str, Spans], readings: Readings | None, now: datetime
    ) -> None:
        """Judge all; whoever is woken goes on beside it."""
        woken: list[asyncio.Task[None]] = []
        failed: list[asyncio.Task[None]] = []
        for number, release in enumerate(self._worst_first(releases, readings)):
            sampled = self._guarded(release, needed[release.id], readings, now)
            before, self._latest[release.id] = self._latest.get(release.id), sampled
            if _changed(release.phase, before, sampled):
                woken.append(asyncio.create_task(self._wake(release, sampled.judgement)))
                if sampled.judgement.verdict is Verdict.FAIL:
                    failed.append(woken[-1])
            elif failed:
                await asyncio.wait(failed, timeout=HEAD_START)
                failed = []
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*woken)

    def _worst_first(self, releases: list[Release], readings: Readings | None) -> list[Release]:
        """Those whose canary has errors now need not wait until a thousand others are judged."""
        found = readings.get(HARD, {}) if readings else {}
        failed = {key for key, reading in found.items() if reading.errors}
        return sorted(releases, key=lambda release: failed.isdisjoint(self._tracks_of(release) or ()))

    def latest(self, release: Release) -> Sampled:
        """The newest look at a release; without data when there is none of its present attempt."""
        sampled = self._latest.get(release.id)
        now = self._clock.now()
        if sampled is None or now - sampled.at > FRESH:
            return Sampled(blind(self.why_blind or "not looked at yet", now), ShareSeen(None, 0), 0, now)
        if sampled.attempt != release.attempt:
            return Sampled(sampled.judgement, ShareSeen(None, 0), release.attempt, sampled.at)
        return sampled

    def judgement(self, release: Release) -> Judgement:
        """The newest judgement alone."""
        return self.latest(release).judgement

    def behind(self) -> Mapping[str, float]:
        """See the port `Eyes`."""
        return self.cadence.behind()

    async def _look_at_the_mesh(self) -> None:
        """Why a weight does not arrive is asked for while one is late, and every few seconds alone."""
        if not self._late:
            self._mesh = None
        elif self._clock.monotonic() >= self._mesh_due:
            self._mesh_due = self._clock.monotonic() + MESH_EVERY
            try:
                self._mesh = await self._metrics.mesh()
            except Unavailable:
                self._mesh = None

    def _is_late(self, release: Release) -> bool:
        """Half the time before it is said, so that the reason is known then."""
        if release.phase not in ARRIVING or release.ordered_at is None:
            return False
        seen = self._latest[release.id].share
        due = self._clock.now() >= release.ordered_at + NOT_IN_EFFECT_AFTER / 2
        return due and seen.canary is not None and not arrived(seen, release.weights.canary)

    async def _read(self, releases: list[Release], needed: Mapping[str, Spans]) -> Readings | None:
        """Every window that some release needs, over the workloads that need it; None while the source cannot be asked."""
        keys: defaultdict[timedelta, set[WorkloadKey]] = defaultdict(set)
        for release in releases:
            if of := self._tracks_of(release):
                for span in needed[release.id].all():
                    keys[span].update(of)
        if not keys:
            return {}
        try:
            answers = await asyncio.gather(*(self._metrics.read(of, span) for span, of in keys.items()))
        except Unavailable as error:
            self.why_blind = f"no data: {error}"
            return None
        self.why_blind = None
        return dict(zip(keys, answers, strict=True))

    def _tracks_of(self, release: Release) -> Tracks | None:
        """Those of the entry that the release started with."""
        key = release.service, release.entry
        if key not in self._tracks:
            entry = entry_of(release, self._catalogue)
            self._tracks[key] = None if entry is None else tracks(entry)
        return self._tracks[key]

    def _guarded(self, release: Release, over: Spans, readings: Readings | None, now: datetime) -> Sampled:
        """A release that cannot be judged, by a bug, is one without data, and holds up no other."""
        try:
            sampled = self._sample(release, over, readings, now)
        except Exception:
            if release.id not in self._broken:  # not each second
                log.exception("judging broke", release=release.id)
            self._broken.add(release.id)
            return Sampled(blind(BROKE, now), ShareSeen(None, 0, BROKE), release.attempt, now)
        self._broken.discard(release.id)
        return sampled

    def _sample(self, release: Release, over: Spans, readings: Readings | None, now: datetime) -> Sampled:
        of = self._tracks_of(release)
        if readings is None or of is None:
            why = self.why_blind or "no data"
            return Sampled(blind(why, now), ShareSeen(None, 0, why), release.attempt, now)
        share = share_seen(of, readings, over)
        if self._mesh is not None:
            share = replace(share, mesh=self._mesh)
        return Sampled(judged(release, of, readings, over, now), share, release.attempt, now)


def blind(why: str, now: datetime) -> Judgement:
    """The judgement of somebody who cannot see."""
    return Judgement(Verdict.NO_DATA, (Finding("metrics", Verdict.NO_DATA, "-", "-", "-", why),), 0.0, now)


def _is_sampled(release: Release) -> bool:
    if release.live:
        return release.phase in SAMPLED
    return not release.tidied and not seen_home(release)


def _has_hard_limit(release: Release) -> bool:
    hard = release.rules.errors.hard is not None or release.rules.p95.hard is not None
    return hard and release.phase in JUDGED


def _changed(phase: Phase, before: Sampled | None, after: Sampled) -> bool:
    if before is None or before.attempt != after.attempt:
        return True
    if before.judgement.verdict is not after.judgement.verdict:
        return True
    return phase in ARRIVING and after.share.canary is not None and before.share != after.share
