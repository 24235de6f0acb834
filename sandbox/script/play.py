"""Plays a script against a running sandbox, line by line, and prints the conversation."""

import asyncio
from collections.abc import Sequence

from sandbox.page.world import WorldError
from sandbox.script.acts import Acts, NotPossibleError
from sandbox.script.checks import Checks
from sandbox.script.errors import ErrorWatch
from sandbox.script.language import Line
from sandbox.script.screen import Print, Screen
from sandbox.script.steps import Act, Expect, Observed, Rest, RolledBackWithin, Show, Wait
from sandbox.slack import ActError
from sandbox.world import Sandbox
from sandbox.world.meter import Period


async def play(world: Sandbox, lines: Sequence[Line], out: Print = print) -> bool:
    """Play every line; False at the first that did not go as the script says, after saying what was seen instead."""
    load = world.cluster.load
    sent, failed = load.sent, load.failed
    errors = ErrorWatch(world.prometheus.url)
    async with Screen(world.slack, out) as screen:
        world.meter.on_period = lambda period: _tell(screen, period)
        player = _Player(world, screen, errors)
        try:
            is_as_told = await player.play_all(lines)
        finally:
            await errors.stop()
        if is_as_told:
            screen.say("✓", f"{load.sent - sent:,} requests, {load.failed - failed:,} failed")
    return is_as_told


class _Player:
    """One script being played."""

    def __init__(self, world: Sandbox, screen: Screen, errors: ErrorWatch) -> None:
        self._world = world
        self._screen = screen
        self._checks = Checks(world, screen, errors, world.cluster.load.failed)
        self._acts = Acts(world, screen, errors)

    async def play_all(self, lines: Sequence[Line]) -> bool:
        """Play line after line, to the first that did not go as it says."""
        for line in lines:
            wrong = await self.play(line)
            if wrong is not None:
                self._screen.say("✗", f"line {line.number}: {line.text}", *wrong.splitlines())
                return False
        return True

    async def play(self, line: Line) -> str | None:
        """Do one line; None when it went as it says, else what was seen instead."""
        match line.step:
            case Wait(condition=condition, seconds=seconds):
                seen = await self._checks.within(condition, seconds)
                return None if seen.holds else f"not within {seconds:g} s; seen: {seen.what}"
            case Expect(condition=condition):
                seen = await self._checks.now(condition)
                if not seen.holds:
                    return f"seen instead: {seen.what}"
                figures = f" ({seen.what})" if isinstance(condition, Observed | RolledBackWithin) else ""
                self._screen.say("✓", f"{line.text.removeprefix('expect').strip()}{figures}")
                return None
            case Rest(seconds=seconds):
                await asyncio.sleep(seconds)
                return None
            case Show(what=what):
                await self._show(what)
                return None
            case act:
                return await self._do(act, line.text)

    async def _do(self, act: Act, text: str) -> str | None:
        try:
            await self._acts.do(act, text)
        except (ActError, NotPossibleError, WorldError) as error:
            return str(error)
        return None

    async def _show(self, what: str) -> None:
        if what == "channel":
            self._screen.say("show", *self._screen.channel())
            return
        counts = await self._world.meter.counts()
        for period in self._world.meter.periods:
            if period.began is not None:
                self._screen.say("show", _traffic(period, *period.canary_share(counts)))


def _tell(screen: Screen, period: Period) -> None:
    """Say what Envoy counted under weights that have just been replaced."""
    if period.weights and period.began is not None and period.ended is not None:
        screen.say("envoy", _traffic(period, *period.canary_share(period.ended)))


def _traffic(period: Period, share: float, total: int) -> str:
    weights = period.weights
    ordered = f"{weights['stable']}/{weights['canary']}" if weights else "no weights"
    return f"{period.service} {ordered}: {share * 100:.1f} % of {total:,} requests went to the canary"
