"""From a failing canary, or an alert, to the write that takes its traffic away."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.client import alert
from bench.figures import Figure, Table, milliseconds, within
from bench.stage import Stage

PATIENCE = 60.0
WRITTEN_WITHIN = 0.2
WITHDRAWN_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Seconds to the write of weight 0: from the first answer of Prometheus that showed the failure, and from when it would have."""

    shown: tuple[float, ...]
    visible: tuple[float, ...]

    def __add__(self, other: "Verdicts") -> "Verdicts":
        return Verdicts(self.shown + other.shown, self.visible + other.visible)


NONE = Verdicts((), ())


async def verdicts(stage: Stage, services: Sequence[str]) -> Verdicts:
    """Let these canaries fail together, at some moment between two samples."""
    await asyncio.sleep(random.random())
    failing = await stage.fail(services)
    withdrawn = await _withdrawn(stage, services)
    shown = (await stage.seen())["shown"]
    return Verdicts(
        tuple(withdrawn[service] - shown[service] for service in services),
        tuple(withdrawn[service] - failing[service] for service in services),
    )


async def alerts(stage: Stage, services: Sequence[str]) -> tuple[float, ...]:
    """Let alerts about these canaries arrive together; seconds from the first byte sent to the write of weight 0."""
    url = f"http://127.0.0.1:{stage.ports.bot}/alerts/alertmanager"
    headers = {
        "authorization": f"Bearer {stage.credentials.alert_token}",
        "user-agent": "Alertmanager/0.28.0",
    }

    async def send(service: str) -> float:
        began = time.monotonic()
        async with stage.session.post(url, json=alert(service), headers=headers) as answer:
            if answer.status != 200:
                raise RuntimeError(f"the alert for {service}: {answer.status} {await answer.text()}")
        return began

    began = await asyncio.gather(*(send(service) for service in services))
    withdrawn = await _withdrawn(stage, services)
    return tuple(withdrawn[service] - at for service, at in zip(services, began, strict=True))


async def _withdrawn(stage: Stage, services: Sequence[str]) -> dict[str, float]:
    end = time.monotonic() + PATIENCE
    while True:
        found: dict[str, float] = (await stage.seen())["withdrawn"]
        if found.keys() >= set(services):
            return found
        if time.monotonic() > end:
            late = sorted(set(services) - found.keys())
            raise TimeoutError(f"weight 0 was not written for {late[:3]}\n{stage.logs()}")
        await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Reactions:
    """With one live release, with many, and with several of many at once."""

    live: int
    few: Verdicts
    many: Verdicts
    together: Verdicts
    few_alerts: tuple[float, ...]
    many_alerts: tuple[float, ...]
    together_alerts: tuple[float, ...]


def table(found: Reactions) -> Table:
    """All of it, with its goals."""
    crowd, live = len(found.together.shown), f"{found.live} live"
    slowest = max((found.few + found.many + found.together).visible)
    return Table(
        "Bad news → weight 0 written",
        "By the clock of the process that is both API server and Prometheus. A verdict is counted from the moment Prometheus had sent "
        "the first answer that shows the failure (the limit on errors over the last 10 s), so it holds reading the answers and "
        "judging; an alert from the first byte of its notice. Both end when the API server has stored the VirtualService with "
        "the canary at 0. With so few samples p99 is the slowest. With `1 live`, the one before may still be on its way back.",
        (
            _line("verdict → weight written, 1 live", found.few.shown),
            _line(f"verdict → weight written, {live}", found.many.shown),
            _line(f"verdict → weight written, {live}, {crowd} fail at once", found.together.shown),
            _line("alert → weight written, 1 live", found.few_alerts),
            _line(f"alert → weight written, {live}", found.many_alerts),
            _line(
                f"alert → weight written, {live}, {len(found.together_alerts)} at once", found.together_alerts
            ),
            Figure(
                "errors visible in Prometheus → weight 0, slowest of all",
                milliseconds(slowest),
                f"≤ {milliseconds(WITHDRAWN_WITHIN)}",
                met=slowest <= WITHDRAWN_WITHIN,
            ),
        ),
    )


def _line(what: str, seconds: Sequence[float]) -> Figure:
    return within(what, seconds, 99, WRITTEN_WITHIN)
