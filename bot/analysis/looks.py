"""One release's part in a round of questions: which stretches of time it needs, and what their readings say of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import NamedTuple

from bot.analysis.judge import judge
from bot.analysis.samples import NOTHING, Pair, Samples
from bot.analysis.windows import HARD, arrival_window, window
from bot.config.catalogue import Service
from bot.ports.metrics import Histogram, Reading, WorkloadKey
from bot.release.model import Release
from bot.release.observed import NO_REQUESTS, ShareSeen
from bot.release.phases import Phase
from bot.release.verdict import Judgement

ARRIVING = frozenset({Phase.SHIFTING, Phase.FINISHING, Phase.ROLLING_BACK})

Readings = Mapping[timedelta, Mapping[WorkloadKey, Reading]]


class Tracks(NamedTuple):
    """The workloads of a service."""

    canary: WorkloadKey
    stable: WorkloadKey


class Spans(NamedTuple):
    """Windows of one release, whose weight is in effect for `elapsed`. `share` None: none lies wholly after the weight was ordered."""

    elapsed: timedelta
    errors: timedelta
    p95: timedelta
    share: timedelta | None

    @property
    def windows(self) -> tuple[timedelta, timedelta, timedelta | None]:
        """Those that differ between releases."""
        return self.errors, self.p95, self.share

    def longer(self) -> set[timedelta]:
        """Each once, but for the hard one."""
        return {span for span in self.windows if span is not None} - {HARD}


def tracks(entry: Service) -> Tracks:
    """The canary's and stable's workload."""
    return Tracks(WorkloadKey(entry.namespace, entry.canary), WorkloadKey(entry.namespace, entry.deployment))


def spans(release: Release, now: datetime) -> Spans:
    """What has to be asked about."""
    elapsed, rules = now - (release.observed_at or release.ordered_at or now), release.rules
    arriving = release.phase in ARRIVING and release.ordered_at is not None
    return Spans(
        elapsed,
        window(rules.errors.over, elapsed),
        window(rules.p95.over, elapsed),
        arrival_window(now - release.ordered_at) if arriving and release.ordered_at else HARD,
    )


def with_durations(
    readings: Readings, found: Mapping[timedelta, Mapping[WorkloadKey, Histogram]]
) -> Readings:
    """The same readings, and how long requests took where that is known."""
    known = {
        span: {key: readings[span][key]._replace(durations=durations) for key, durations in of.items()}
        for span, of in found.items()
    }
    return {span: {**of, **known.get(span, {})} for span, of in readings.items()}


def with_failures(readings: Readings, failures: Mapping[WorkloadKey, Reading]) -> Readings:
    """The same readings, with requests and errors of the last seconds as they are now."""
    before = readings.get(HARD, {})
    hard = {key: _with_failures(before.get(key, NOTHING), now) for key, now in failures.items()}
    return {**readings, HARD: hard}


def _with_failures(before: Reading, now: Reading) -> Reading:
    partial = tuple(dict.fromkeys((*before.warnings, *now.warnings)))
    return before._replace(requests=now.requests, errors=now.errors, warnings=partial)


def judged(release: Release, of: Tracks, readings: Readings, over: Spans, now: datetime) -> Judgement:
    """What the readings say by the release's rules."""
    rules = release.rules

    def pair(span: timedelta) -> Pair:
        found = readings[span]
        return Pair(found.get(of.canary, NOTHING), found.get(of.stable, NOTHING), span)

    def whole(rule: timedelta) -> bool:
        return release.observed_at is not None and over.elapsed >= min(rule, release.current.bake)

    samples = Samples(
        hard=pair(HARD),
        errors=pair(over.errors),
        p95=pair(over.p95),
        whole_errors=whole(rules.errors.over),
        whole_p95=whole(rules.p95.over),
        same_time=over.elapsed >= HARD,
        baseline_p95=release.baseline_p95,
        now=now,
    )
    return judge(rules, samples)


def share_seen(of: Tracks, readings: Readings, over: Spans) -> ShareSeen:
    """The canary's share of the requests."""
    if over.share is None:
        return ShareSeen(None, 0)
    found = readings[over.share]
    canary, stable = found.get(of.canary, NOTHING), found.get(of.stable, NOTHING)
    if canary.requests is None and stable.requests is None:
        return ShareSeen(None, 0, "no series of either track")
    of_canary, total = canary.requests or 0.0, (canary.requests or 0.0) + (stable.requests or 0.0)
    if not (isfinite(total) and total > 0):
        return ShareSeen(None, 0, NO_REQUESTS)
    return ShareSeen(of_canary / total, total)
