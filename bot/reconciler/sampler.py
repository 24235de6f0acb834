"""Metrics do not wait for a pass: once a second everything live is read in a few questions and judged."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite

import structlog

from bot.analysis.judge import judge
from bot.analysis.samples import NOTHING, Pair, Samples
from bot.analysis.windows import HARD, arrival_window, window
from bot.config.catalogue import Catalogue, Service
from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.live import Live
from bot.ports.metrics import Metrics, Reading, WorkloadKey
from bot.release.decide.arriving import NOT_IN_EFFECT_AFTER, arrived
from bot.release.decide.ended import seen_home
from bot.release.model import Release
from bot.release.observed import NO_REQUESTS, MeshSeen, ShareSeen
from bot.release.phases import Phase
from bot.release.verdict import Finding, Judgement, Verdict

log = structlog.get_logger()

FRESH = timedelta(seconds=6)
MESH_EVERY = 5.0
"""Seconds between two looks at the mesh's control plane."""
JUDGED = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})
ARRIVING = frozenset({Phase.SHIFTING, Phase.FINISHING, Phase.ROLLING_BACK})
SAMPLED = JUDGED | ARRIVING | {Phase.PREPARING}
"""While preparing, for what stable's latency is before it loses traffic."""

BROKE = "Lockmaster broke while it judged; its log says how"

Readings = Mapping[timedelta, Mapping[WorkloadKey, Reading]]


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
        wake: Callable[[Release, Judgement], Awaitable[None]],
    ) -> None:
        self._catalogue = catalogue
        self._live = live
        self._metrics = metrics
        self._clock = clock
        self._wake = wake
        self._latest: dict[str, Sampled] = {}
        self._broken: set[str] = set()
        self._mesh: MeshSeen | None = None
        self._mesh_due = 0.0
        self._late = False
        self.why_blind: str | None = None
        self.rounds = 0

    async def run(self) -> None:
        """Look once a second, for ever."""
        while True:
            self.rounds += 1
            started = self._clock.monotonic()
            try:
                await self.look()
            except Unavailable as error:
                log.warning("cannot sample", part=error.part, why=error.why)
            await self._clock.sleep(max(0.05, 1.0 - (self._clock.monotonic() - started)))

    async def look(self) -> None:
        """One round: read, judge, wake."""
        releases = [release for release in await self._live.all() if release.phase in SAMPLED]
        releases += [release for release in await self._live.untidied() if not seen_home(release)]
        now = self._clock.now()
        readings, _ = await asyncio.gather(self._read(releases, now), self._look_at_the_mesh())
        before, self._latest = self._latest, {}
        woken = []
        for release in releases:
            sampled = self._guarded(release, readings, now)
            self._latest[release.id] = sampled
            if _changed(release.phase, before.get(release.id), sampled):
                woken.append(self._wake(release, sampled.judgement))
        self._late = any(late for late in map(self._is_late, releases))
        await asyncio.gather(*woken)

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

    async def _read(self, releases: list[Release], now: datetime) -> Readings | None:
        """Every window that some release needs, over the workloads that need it; None while the source cannot be asked."""
        keys: defaultdict[timedelta, set[WorkloadKey]] = defaultdict(set)
        for release in releases:
            if entry := self._catalogue.get(release.service):
                for span in _windows(release, now):
                    keys[span].update(tracks(entry))
        if not keys:
            return {}
        try:
            answers = await asyncio.gather(*(self._metrics.read(of, span) for span, of in keys.items()))
        except Unavailable as error:
            self.why_blind = f"no data: {error}"
            return None
        self.why_blind = None
        return dict(zip(keys, answers, strict=True))

    def _guarded(self, release: Release, readings: Readings | None, now: datetime) -> Sampled:
        """A release that cannot be judged, by a bug, is one without data, and holds up no other."""
        try:
            sampled = self._sample(release, readings, now)
        except Exception:
            if release.id not in self._broken:  # not each second
                log.exception("judging broke", release=release.id)
            self._broken.add(release.id)
            return Sampled(blind(BROKE, now), ShareSeen(None, 0, BROKE), release.attempt, now)
        self._broken.discard(release.id)
        return sampled

    def _sample(self, release: Release, readings: Readings | None, now: datetime) -> Sampled:
        entry = self._catalogue.get(release.service)
        if readings is None or entry is None:
            why = self.why_blind or "no data"
            return Sampled(blind(why, now), ShareSeen(None, 0, why), release.attempt, now)
        share = replace(_share(release, entry, readings, now), mesh=self._mesh)
        return Sampled(_judge(release, entry, readings, now), share, release.attempt, now)


def blind(why: str, now: datetime) -> Judgement:
    """The judgement of somebody who cannot see."""
    return Judgement(Verdict.NO_DATA, (Finding("metrics", Verdict.NO_DATA, "-", "-", "-", why),), 0.0, now)


def tracks(entry: Service) -> tuple[WorkloadKey, WorkloadKey]:
    """The canary's and stable's workload."""
    return WorkloadKey(entry.namespace, entry.canary), WorkloadKey(entry.namespace, entry.deployment)


def _changed(phase: Phase, before: Sampled | None, after: Sampled) -> bool:
    if before is None or before.attempt != after.attempt:
        return True
    if before.judgement.verdict is not after.judgement.verdict:
        return True
    return phase in ARRIVING and after.share.canary is not None and before.share != after.share


def _elapsed(release: Release, now: datetime) -> timedelta:
    return now - (release.observed_at or release.ordered_at or now)


def _windows(release: Release, now: datetime) -> set[timedelta]:
    elapsed, rules = _elapsed(release, now), release.rules
    spans = {HARD, window(rules.errors.over, elapsed), window(rules.p95.over, elapsed)}
    arriving = (
        arrival_window(now - release.ordered_at) if release.ordered_at and release.phase in ARRIVING else None
    )
    return spans | {arriving} if arriving else spans


def _judge(release: Release, entry: Service, readings: Readings, now: datetime) -> Judgement:
    elapsed, rules = _elapsed(release, now), release.rules

    def pair(span: timedelta) -> Pair:
        canary, stable = tracks(entry)
        return Pair(readings[span].get(canary, NOTHING), readings[span].get(stable, NOTHING), span)

    def whole(over: timedelta) -> bool:
        return release.observed_at is not None and elapsed >= min(over, release.current.bake)

    samples = Samples(
        hard=pair(HARD),
        errors=pair(window(rules.errors.over, elapsed)),
        p95=pair(window(rules.p95.over, elapsed)),
        whole_errors=whole(rules.errors.over),
        whole_p95=whole(rules.p95.over),
        baseline_p95=release.baseline_p95,
        now=now,
    )
    return judge(rules, samples)


def _share(release: Release, entry: Service, readings: Readings, now: datetime) -> ShareSeen:
    arriving = release.phase in ARRIVING and release.ordered_at is not None
    span = arrival_window(now - release.ordered_at) if arriving and release.ordered_at else HARD
    if span is None:
        return ShareSeen(None, 0)
    canary, stable = (readings[span].get(key, NOTHING) for key in tracks(entry))
    if canary.requests is None and stable.requests is None:
        return ShareSeen(None, 0, "no series of either track")
    of_canary, total = canary.requests or 0.0, (canary.requests or 0.0) + (stable.requests or 0.0)
    if not (isfinite(total) and total > 0):
        return ShareSeen(None, 0, NO_REQUESTS)
    return ShareSeen(of_canary / total, total)
