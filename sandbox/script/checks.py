"""Whether what a script expects is so. Every answer says what was seen, for when it is not."""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import assert_never

from sandbox.kube.document import dig
from sandbox.mesh.objects import is_serving, version_of
from sandbox.script.errors import ErrorWatch
from sandbox.script.rendered import squeezed
from sandbox.script.screen import Screen
from sandbox.script.steps import (
    BotReady,
    Cards,
    Condition,
    Failed,
    NoCanary,
    Observed,
    Ordered,
    RolledBackWithin,
    Runs,
    Said,
)
from sandbox.world import Sandbox

_LOOK_S = 0.05
_ANSWER_S = 5.0
_COUNT_S = 60.0
_SIGMAS = 3
"""How sure a measured share must be: of so many standard deviations no more than the tolerance is left."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether it is so, and what was seen instead or beside."""

    holds: bool
    what: str


@dataclass
class Checks:
    """Looks at the world for a script. `failed_before` are requests that failed before the script began."""

    world: Sandbox
    screen: Screen
    errors: ErrorWatch
    failed_before: int

    async def now(self, condition: Condition) -> Seen:
        """Look once, except where looking takes time: answers that are on their way, counters, a rollback."""
        match condition:
            case Observed():
                return await self._observed(condition)
            case Said(place="answer"):
                return await self.within(condition, _ANSWER_S)
            case RolledBackWithin(seconds=seconds):
                return await self.within(condition, seconds + _ANSWER_S)
            case _:
                return await self._look(condition)

    async def within(self, condition: Condition, seconds: float) -> Seen:
        """Look until it holds, but no longer than that."""
        if isinstance(condition, Observed):
            return await self._observed(condition)
        until = time.monotonic() + seconds
        while True:
            seen = await self._look(condition)
            if seen.holds or time.monotonic() > until:
                return seen
            await asyncio.sleep(_LOOK_S)

    async def _look(self, condition: Condition) -> Seen:
        match condition:
            case Said():
                return self._said(condition)
            case Cards(count=count):
                found = len(self.screen.cards())
                return Seen(found == count, f"{found} live messages")
            case Ordered(service=service, stable=stable, canary=canary):
                weights = self.world.cluster.weights(service)
                said = (
                    f"weights {weights['stable']} {weights['canary']}"
                    if weights
                    else "no weights in the route"
                )
                return Seen(weights == {"stable": stable, "canary": canary}, said)
            case Runs():
                return self._runs(condition)
            case NoCanary(service=service):
                name = f"{service}-canary"
                there = self.world.cluster.deployment(name) is not None
                return Seen(not there, f"Deployment {name} is {'there' if there else 'gone'}")
            case Failed(most=most):
                failed = self.world.cluster.load.failed - self.failed_before
                return Seen(failed <= most, f"{failed} of {self.world.cluster.load.sent} requests failed")
            case RolledBackWithin():
                return self._rolled_back(condition)
            case BotReady():
                return Seen(self.world.bot.state == "running", f"the bot is {self.world.bot.state}")
            case Observed():
                return await self._observed(condition)
            case _:
                assert_never(condition)

    def _said(self, wanted: Said) -> Seen:
        texts = list(self.screen.texts(wanted.place))
        found = sum(squeezed(wanted.text) in text for text in texts)
        holds = found > 0 if wanted.times is None else found == wanted.times
        if wanted.times is not None:
            return Seen(holds, f"it {found} times in {len(texts)} {wanted.place}s")
        return Seen(holds, " | ".join(texts) or f"no {wanted.place}")

    def _runs(self, wanted: Runs) -> Seen:
        deployment = self.world.cluster.deployment(wanted.service)
        pods = [
            (version_of(pod), is_serving(pod))
            for pod in self.world.cluster.pods(wanted.service)
            if not pod["metadata"]["name"].startswith(f"{wanted.service}-canary-")
        ]
        replicas = dig(deployment, "spec", "replicas", default=0)
        said = ", ".join(f"{version} {'ready' if ready else 'not ready'}" for version, ready in sorted(pods))
        return Seen(pods == [(wanted.version, True)] * replicas, said or "no pods")

    async def _observed(self, wanted: Observed) -> Seen:
        """Count until the share is sure, by the binomial distribution that Envoy's choice has."""
        share, tolerance = wanted.share / 100, wanted.tolerance / 100
        needed = math.ceil((_SIGMAS / tolerance) ** 2 * share * (1 - share)) if tolerance else 1
        until = time.monotonic() + _COUNT_S
        while True:
            period = self.world.meter.latest(wanted.service)
            found, total = (0.0, 0)
            if period and period.began is not None:
                found, total = period.canary_share(await self.world.meter.counts())
            if total >= max(needed, 1) or time.monotonic() > until:
                said = f"canary {found * 100:.2f} % of {total:,} requests"
                enough = total >= needed
                return Seen(enough and abs(found - share) <= tolerance, said if enough else f"only {said}")
            await asyncio.sleep(_LOOK_S * 4)

    def _rolled_back(self, wanted: RolledBackWithin) -> Seen:
        first, over = self.errors.first_at, self.errors.over_at
        if first is None:
            return Seen(holds=False, what="no errors in Prometheus")
        since = [each for each in self.world.meter.periods if each.written >= self.errors.broken_at]
        zero = next((each for each in since if each.weights and each.weights["canary"] == 0), None)
        if zero is None:
            return Seen(holds=False, what="the canary still has weight")
        taken = zero.written - min(over or zero.written, zero.written)
        said = f"weight 0 written {taken:.2f} s after Prometheus had them over the hard limit"
        return Seen(taken <= wanted.seconds, f"{said}, {zero.written - first:.2f} s after the first")
