"""Scraping: every second each target's samples, with `up`, and an end to series that are gone."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from sandbox.prometheus.store import NAME, RETENTION_MS, STALE, Labels, Store

_TIMEOUT_S = 0.8
_Samples = list[tuple[Labels, float]]


@dataclass(frozen=True, slots=True)
class Target:
    """Something with a metrics endpoint at `http://{address}{path}`."""

    job: str
    address: str
    path: str = "/metrics"


class Scraper:
    """Scrapes its targets into a store until cancelled, every `interval_s` seconds."""

    def __init__(self, store: Store, targets: Sequence[Target], interval_s: float) -> None:
        self._store = store
        self._targets = targets
        self._interval_s = interval_s
        self._seen: dict[Target, dict[frozenset[tuple[str, str]], Labels]] = {
            target: {} for target in targets
        }

    async def run(self) -> None:
        """Scrape all targets side by side, interval after interval."""
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session:
            due = loop.time()
            while True:
                await asyncio.gather(*(self._scrape(session, target) for target in self._targets))
                self._store.forget_before(_now_ms() - RETENTION_MS)
                due = max(due + self._interval_s, loop.time())
                await asyncio.sleep(due - loop.time())

    async def _scrape(self, session: aiohttp.ClientSession, target: Target) -> None:
        started = _now_ms()
        found: _Samples | None = None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with session.get(f"http://{target.address}{target.path}") as response:
                response.raise_for_status()
                found = parse(await response.text())
        self.record(target, started, found)

    def record(self, target: Target, at: int, found: _Samples | None) -> None:
        """Store what one scrape at `at` (ms) found; None when it failed. Series not found any more end here."""
        own = {"job": target.job, "instance": target.address}
        before = self._seen[target]
        seen = self._seen[target] = {}
        for scraped, value in found or ():
            # Labels of the target's own that say the same are kept under another name, as Prometheus does.
            labels = {
                f"exported_{name}" if name in own else name: each for name, each in scraped.items()
            } | own
            seen[frozenset(labels.items())] = labels
            self._store.append(labels, at, value)
        for key in before.keys() - seen.keys():
            self._store.append(before[key], at, STALE)
        self._store.append({NAME: "up", **own}, at, float(found is not None))
        self._store.append({NAME: "scrape_duration_seconds", **own}, at, (_now_ms() - at) / 1000)


def parse(text: str) -> _Samples:
    """Read Prometheus text. Raises ValueError. Times given in the text are ignored (`honor_timestamps: false`)."""
    # Without its comments the text is untyped, and the parser leaves the names of counters as they are.
    samples = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    families = text_string_to_metric_families(samples)
    return [
        ({NAME: each.name, **each.labels}, float(each.value))
        for family in families
        for each in family.samples
    ]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
