"""Metrics do not wait for a pass: once a second everything live is read in a few questions and judged.

In between, the errors of the last 10 s are read once more where a hard limit is set: what is visible is acted on half a second sooner.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.analysis.latency import rests_on_a_comparison
from bot.analysis.looks import ARRIVING, Readings, Spans, judged, share_seen, spans, with_failures
from bot.analysis.windows import HARD
from bot.config.catalogue import Catalogue
from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.live import Live
from bot.ports.metrics import Metrics
from bot.reconciler.cadence import LOOKS, Cadence
from bot.reconciler.mesh import Mesh, is_late
from bot.reconciler.questions import Questions
from bot.reconciler.rush import HEAD_START, Rush
from bot.release.decide.ended import seen_home
from bot.release.model import Release
from bot.release.observed import ShareSeen
from bot.release.phases import Phase
from bot.release.verdict import Finding, Judgement, Verdict

log = structlog.get_logger()

EVERY = 0.5
"""Seconds between a look at all windows and a glance at the last seconds."""
FRESH = timedelta(seconds=6)
JUDGED = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})
SAMPLED = JUDGED | ARRIVING | {Phase.PREPARING}
"""While preparing, for what stable's latency is before it loses traffic."""

BROKE = "Lockmaster broke while it judged; its log says how"

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
        wake: Callable[[Release, Judgement], asyncio.Future[Any]],
        rush: Rush,
    ) -> None:
        """`wake` begins a pass and answers what ends with it."""
        self._live = live
        self._metrics = metrics
        self._clock = clock
        self._wake = wake
        self._rush = rush
        self._questions = Questions(catalogue, metrics)
        self._latest: dict[str, Sampled] = {}
        self._broken: set[str] = set()
        self._needed: Mapping[str, Spans] = {}
        self._readings: Readings | None = None
        self._mesh = Mesh(metrics, clock)
        self.why_blind: str | None = None
        """Why the metrics could not be asked; None where they could."""
        self.cadence = Cadence(clock)
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
        readings, _ = await asyncio.gather(self._read(releases, needed), self._mesh.look())
        self._needed, self._readings = needed, readings
        # Answers are as young as their arrival: were they as old as the questions, slow ones would never count.
        await self._judge(releases, needed, readings, self._clock.now())
        for gone in self._latest.keys() - needed.keys():
            del self._latest[gone]
        self._mesh.late = any(is_late(one, self._latest[one.id].share, now) for one in releases)

    async def glance(self) -> None:
        """The errors of the last seconds alone; who has none keeps the judgement of the last look."""
        known, now = await self._live.known(), self._clock.now()
        needed = {release.id: spans(release, now) for release in known}
        await self._judge_failed(self._soonest(known, needed), needed)

    async def _read(self, releases: list[Release], needed: Mapping[str, Spans]) -> Readings | None:
        """Every window; None while they cannot be read. The last seconds come first, but do not hold up the others for long."""
        first = asyncio.create_task(self._read_hard(releases, needed))
        try:
            await asyncio.wait([first], timeout=HEAD_START)
            await self._rush.over()
            longer, hard = await asyncio.gather(self._questions.longer(releases, needed), first)
        except Unavailable as error:
            self.why_blind = f"no data: {error}"
            return None
        finally:
            first.cancel()
        self.why_blind = None
        return {**longer, **hard}

    async def _read_hard(self, releases: list[Release], needed: Mapping[str, Spans]) -> Readings:
        """The last seconds. Who failed in them is judged before their P95 is there."""
        hard, _ = await asyncio.gather(self._questions.hard(releases), self._judge_failed(releases, needed))
        return hard

    async def _judge_failed(self, releases: list[Release], needed: Mapping[str, Spans]) -> None:
        """Those with errors in the last seconds; what else that needs is as the last look had it."""
        failures = await self._questions.failures(releases)
        if self._readings is not None:
            readings = with_failures(self._readings, failures)
            failed = self._soonest((one for one in releases if self._has_failed(one, readings)), needed)
            await self._judge(failed, needed, readings, self._clock.now())

    def _soonest(self, releases: Iterable[Release], needed: Mapping[str, Spans]) -> list[Release]:
        """Those that the last seconds alone may turn back."""
        return [one for one in releases if _has_hard_limit(one) and self._is_as_it_was(one, needed[one.id])]

    def _is_as_it_was(self, release: Release, over: Spans) -> bool:
        """Whether the last look asked about the windows that it needs now."""
        before, known = self._needed.get(release.id), self._latest.get(release.id)
        if before is None or known is None or known.attempt != release.attempt:
            return False
        return before.windows == over.windows

    async def _judge(
        self, releases: list[Release], needed: Mapping[str, Spans], readings: Readings | None, now: datetime
    ) -> None:
        """Judge all. Nobody's pass is waited for, but that those who failed have a head start."""
        failed: list[asyncio.Future[Any]] = []
        doubtful: list[Release] = []
        for number, release in enumerate(self._worst_first(releases, readings)):
            sampled = self._guarded(release, needed[release.id], readings, now)
            if failed and sampled.judgement.verdict is not Verdict.FAIL:
                await asyncio.wait(failed, timeout=HEAD_START)
                failed = []
            if rests_on_a_comparison(sampled.judgement):
                doubtful.append(release)
            elif (begun := self._take(release, sampled)) and sampled.judgement.verdict is Verdict.FAIL:
                failed.append(begun)
            if number % AT_A_TIME == 0:
                await self._rush.over()
        if failed:
            await asyncio.wait(failed, timeout=HEAD_START)
        if doubtful and readings is not None:
            await self._judge_counted(doubtful, needed, readings)

    async def _judge_counted(
        self, doubtful: list[Release], needed: Mapping[str, Spans], readings: Readings
    ) -> None:
        """Those of whom a comparison alone tells, by the count of their requests."""
        counted: Readings | None = None
        try:
            counted = await self._questions.counted(doubtful, needed, readings)
        except Unavailable as error:
            self.why_blind = f"no data: {error}"
        for release in doubtful:
            self._take(release, self._guarded(release, needed[release.id], counted, self._clock.now()))

    def _take(self, release: Release, sampled: Sampled) -> asyncio.Future[Any] | None:
        """Keep what was seen; wake the release where that says something new."""
        before, self._latest[release.id] = self._latest.get(release.id), sampled
        if not _changed(release.phase, before, sampled):
            return None
        return self._wake(release, sampled.judgement)

    def _worst_first(self, releases: list[Release], readings: Readings | None) -> list[Release]:
        """Those whose canary has errors now need not wait until a thousand others are judged."""
        return sorted(releases, key=lambda release: not self._has_failed(release, readings))

    def _has_failed(self, release: Release, readings: Readings | None) -> bool:
        of, found = self._questions.tracks_of(release), readings.get(HARD) if readings else None
        reading = found.get(of.canary) if of and found else None
        return bool(reading and reading.errors)

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
        of = self._questions.tracks_of(release)
        if readings is None or of is None:
            why = self.why_blind or "no data"
            return Sampled(blind(why, now), ShareSeen(None, 0, why), release.attempt, now)
        share = share_seen(of, readings, over)
        if self._mesh.seen is not None:
            share = replace(share, mesh=self._mesh.seen)
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
