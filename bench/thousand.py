"""A thousand live releases on a real API server: what they cost while nothing happens, and how soon a failing one is turned back."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import asked, commands, reactions, upkeep
from bench.figures import Figure, Table, milliseconds, most, percentile, spread, within
from bench.real import BOT, RealStage
from bench.services import names
from bench.stage import Stage

LIVE = 1000
SINGLE = 30
"""Failures one at a time, and as many alerts."""
TOGETHER, TIMES = 15, 2
SERVICES = LIVE + 2 * SINGLE + 2 * TIMES * TOGETHER
WAVE = 80
PREPARED = 180.0
"""Seconds for a wave to come to rest."""
CALM = 65.0
"""Seconds before the quiet minute: the longest window of the rules is full by then."""
QUIET = 60.0

TITLE = "A thousand live releases on a real API server"
VISIBLE_P50, VISIBLE_P99, WRITTEN_P99 = 0.7, 1.5, 0.25
REQUESTS, QUERIES, MEMORY = 2.0, 20.0, 300.0

Say = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a quiet minute with so many live releases costs."""

    live: int
    rest: upkeep.Rest
    requests: asked.Asked
    memory: upkeep.Memory


@dataclass(frozen=True, slots=True)
class Reactions:
    """With a thousand live: one at a time, and several at once."""

    single: reactions.Verdicts
    together: reactions.Verdicts
    single_alerts: tuple[float, ...]
    together_alerts: tuple[float, ...]


async def measured(found: RealStage, say: Say) -> Table:
    """All of it; the bot is started here."""
    began = time.monotonic()
    stage, services = found.stage, names(SERVICES)
    say(began, f"{SERVICES} services stand on a real API server; releasing all of them")
    await stage.start_bot()
    await _release(stage, services)
    say(began, f"{SERVICES} live; letting them come to rest")
    await asyncio.sleep(CALM)
    say(began, "a quiet minute")
    quiet = await _quiet(found)
    for figure in _costs(quiet):
        say(began, f"{figure.what}: {figure.measured}")
    say(began, "failures and alerts, one at a time and several at once")
    reacted = await _reactions(stage, services[LIVE:])
    say(began, "done")
    return table(quiet, reacted)


async def _release(stage: Stage, services: Sequence[str]) -> None:
    """Start them in waves, each when the one before the last has come to rest: nobody starts a thousand in a minute."""
    for first in range(0, len(services), WAVE):
        await commands.start(stage, services[first : first + WAVE])
        await stage.in_phase(services[:first], "baking", PREPARED)
    await stage.in_phase(services, "baking", PREPARED)


async def _quiet(found: RealStage) -> Quiet:
    log = found.plane.audit_log
    start, since = asked.end_of(log), datetime.now(UTC)
    rest = await upkeep.rest(found.stage, QUIET)
    until = datetime.now(UTC)
    requests = asked.asked(asked.since(log, start), BOT, since, until)
    return Quiet(SERVICES, rest, requests, upkeep.memory(found.stage))


async def _reactions(stage: Stage, services: Sequence[str]) -> Reactions:
    left = iter(services)

    def take(count: int) -> list[str]:
        return [next(left) for _ in range(count)]

    single = together = reactions.NONE
    single_alerts: tuple[float, ...] = ()
    together_alerts: tuple[float, ...] = ()
    for _ in range(SINGLE):
        single += await reactions.verdicts(stage, take(1))
        single_alerts += await reactions.alerts(stage, take(1))
    for _ in range(TIMES):
        together += await reactions.verdicts(stage, take(TOGETHER))
        together_alerts += await reactions.alerts(stage, take(TOGETHER))
    return Reactions(single, together, single_alerts, together_alerts)


def table(quiet: Quiet, reacted: Reactions) -> Table:
    """All of it, with its goals."""
    return Table(TITLE, _how(), (*_reacted(reacted), *_costs(quiet)))


def unmeasured(why: str) -> Table:
    """The same without a figure."""
    return Table(TITLE, f"Not measured: {why}.", ())


def _how() -> str:
    return (
        "etcd, kube-apiserver, controllers and scheduler as they are; KWOK plays the kubelet, so that pods are ready and nothing runs "
        f"in them. Each of {SERVICES} services is released by a command, to stay at 5 % for an hour; {LIVE} of them are live to the "
        "end. For the preparation alone the pace of writes is 100 a second, and the Role names no objects. Written is when a watch of "
        "the measuring process, which plays Prometheus too, tells of the route with the canary at 0: later than it was stored, so "
        "nothing is left out. Visible is when Prometheus would show the failure of the last 10 s to whoever asks. Requests are "
        "counted in the API server's audit log; those in the form of a write that ask for a permission are no writes."
    )


def _reacted(found: Reactions) -> tuple[Figure, ...]:
    live, crowd = f"{LIVE} live on a real server", f"{TOGETHER} at once"
    return (
        _visible(f"failure visible → weight written, {live}", found.single.visible),
        _visible(f"failure visible → weight written, {live}, {crowd}", found.together.visible),
        within(f"verdict → weight written, {live}", found.single.shown, 99, WRITTEN_P99),
        within(f"verdict → weight written, {live}, {crowd}", found.together.shown, 99, WRITTEN_P99),
        within(f"alert → weight written, {live}", found.single_alerts, 99, WRITTEN_P99),
        within(f"alert → weight written, {live}, {crowd}", found.together_alerts, 99, WRITTEN_P99),
    )


def _visible(what: str, seconds: Sequence[float]) -> Figure:
    met = percentile(seconds, 50) <= VISIBLE_P50 and percentile(seconds, 99) <= VISIBLE_P99
    goal = f"p50 ≤ {milliseconds(VISIBLE_P50)}, p99 ≤ {milliseconds(VISIBLE_P99)}"
    return Figure(what, spread(seconds), goal, met=met)


def _costs(quiet: Quiet) -> tuple[Figure, ...]:
    live, requests = f"{quiet.live} live on a real server, at rest", quiet.requests
    a_release = requests.all / quiet.live / quiet.rest.seconds * 60
    told = ", ".join(f"{count} {what}" for what, count in requests.by_what.most_common(9))
    return (
        Figure(f"writes in a minute, {live}", str(requests.writes), "0", met=requests.writes == 0),
        most(f"API requests a release and minute, {live}", a_release, REQUESTS, ""),
        Figure("… and in all", f"{requests.all} in {quiet.rest.seconds:.0f} s: {told}"),
        most(f"Prometheus queries a second, {live}", quiet.rest.queries, QUERIES, ""),
        most(f"memory, {live}, RSS", quiet.memory.resident, MEMORY, "MB"),
        Figure(f"memory, {live}, USS", f"{quiet.memory.unique:.0f} MB"),
        Figure(f"CPU of the bot, {live}", f"{quiet.rest.busy:.0%} of a core"),
    )
