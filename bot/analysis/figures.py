"""How figures are read and written, and what makes them too thin to judge by."""

from datetime import datetime, timedelta
from math import isfinite, nan

from bot.analysis.samples import Pair
from bot.ports.metrics import Reading
from bot.release.verdict import SO_FAR, Finding, Verdict

STALE = timedelta(seconds=90)
"""A sample older than this says nothing of now: scrapes may be a minute apart."""


def error_share(reading: Reading) -> float | None:
    """Errors in percent of requests; None where that cannot be told."""
    if reading.requests is None or reading.errors is None or not isfinite(reading.requests):
        return None
    share = 100 * reading.errors / reading.requests if reading.requests > 0 else nan
    return min(share, 100.0) if isfinite(share) else None


def unproven(rule: str, pair: Pair, now: datetime, fewest: int, bound: str) -> Finding | None:
    """Why the canary's reading cannot be judged: no series, old samples, partial or odd numbers, too few requests."""
    reading = pair.canary
    if reading.requests is None or reading.newest is None:
        return _finding(rule, Verdict.NO_DATA, bound, "no data: no series of the canary")
    if now - reading.newest > STALE:
        age = (now - reading.newest).total_seconds()
        return _finding(rule, Verdict.NO_DATA, bound, f"no data: the newest sample is {age:.0f} s old")
    if reading.warnings:
        return _finding(rule, Verdict.NO_DATA, bound, f"no data: partial answer ({reading.warnings[0]})")
    if not isfinite(reading.requests) or reading.errors is None or not isfinite(reading.errors):
        return _finding(rule, Verdict.NO_DATA, bound, "no data: the numbers are not finite")
    if reading.requests < fewest:
        text = f"not enough traffic: {reading.requests:.0f} of {fewest} requests in {counted(pair.window)}"
        return _finding(rule, Verdict.INCONCLUSIVE, bound, text)
    return None


def settled(found: Finding, *, whole: bool) -> Finding:
    """A broken bound counts once its whole window has passed; before that it proves nothing."""
    if whole or found.verdict is not Verdict.FAIL:
        return found
    text = f"{found.text}{SO_FAR}"
    return Finding(found.rule, Verdict.INCONCLUSIVE, found.canary, found.stable, found.limit, text)


def percent(value: float) -> str:
    """`0.12 %`."""
    return f"{value:.2f} %"


def milliseconds(value: float) -> str:
    """`182 ms`."""
    return f"{value:.0f} ms"


def counted(window: timedelta) -> str:
    """`10 s`, `2 min`."""
    seconds = int(window.total_seconds())
    return f"{seconds // 60} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds} s"  # noqa: PLR2004  a minute


def _finding(rule: str, verdict: Verdict, bound: str, text: str) -> Finding:
    return Finding(rule, verdict, "-", "-", bound, text)
