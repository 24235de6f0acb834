"""Measure everything in one run, print the tables, and write `RESULTS.md`."""

import asyncio
import os
import time

from bench import commands, reactions, report, upkeep
from bench.figures import Table
from bench.services import names
from bench.stage import CROWD, SERVICES, Stage, staged

LIVE = 200
QUIET = 100
"""Starts that are measured while nothing moves."""
FEW = 6
"""Samples with one live release, of each kind."""
SINGLE = 10
"""Samples one at a time with many, of each kind."""
TOGETHER = 15
REST = 15.0
PREPARED = 90.0


def say(started: float, what: str) -> None:
    """Tell whoever waits."""
    print(f"{time.monotonic() - started:4.0f} s  {what}", flush=True)


async def measured(stage: Stage) -> tuple[Table, ...]:
    """Everything, in the order in which releases come to live."""
    began = time.monotonic()
    left = iter(names(SERVICES))

    def take(count: int) -> list[str]:
        return [next(left) for _ in range(count)]

    say(began, "start-up and memory")
    starts, idle = await upkeep.starts(stage), upkeep.memory(stage)
    say(began, f"{CROWD} people at once")
    crowded = await commands.rush(stage, take(1)[0], CROWD)
    say(began, "one live release")
    few = reactions.NONE
    few_alerts: tuple[float, ...] = ()
    for _ in range(FEW):
        few += await reactions.verdicts(stage, await _live(stage, take(1)))
        few_alerts += await reactions.alerts(stage, await _live(stage, take(1)))
    say(began, "commands, beside the bare handler")
    services = take(LIVE + 2 * SINGLE + 2 * TOGETHER)
    async with stage.unready_canaries():
        quiet = await commands.one_by_one(stage, services[:QUIET])
    busy = await commands.one_by_one(stage, services[QUIET:])
    await stage.in_phase(services, "baking", PREPARED)
    say(began, f"{len(services)} live releases at rest")
    rest, loaded = await upkeep.rest(stage, len(services), REST), upkeep.memory(stage)
    say(began, f"{LIVE} live releases and more, some of them failing")
    found = await _many(stage, services[LIVE:], few, few_alerts)
    say(began, "done")
    return (
        commands.table(quiet, busy, crowded),
        reactions.table(found),
        upkeep.table(upkeep.Upkeep(len(services), starts, idle, loaded, rest)),
    )


async def _live(stage: Stage, services: list[str]) -> list[str]:
    await commands.start(stage, services)
    await stage.in_phase(services, "baking", PREPARED)
    return services


async def _many(
    stage: Stage, services: list[str], few: reactions.Verdicts, few_alerts: tuple[float, ...]
) -> reactions.Reactions:
    one, other = services[:SINGLE], services[SINGLE : 2 * SINGLE]
    together = services[2 * SINGLE :]
    many = reactions.NONE
    many_alerts: tuple[float, ...] = ()
    for service in one:
        many += await reactions.verdicts(stage, [service])
    for service in other:
        many_alerts += await reactions.alerts(stage, [service])
    failed = await reactions.verdicts(stage, together[:TOGETHER])
    alerted = await reactions.alerts(stage, together[TOGETHER:])
    return reactions.Reactions(LIVE, few, many, failed, few_alerts, many_alerts, alerted)


async def main() -> None:
    """One run."""
    before = os.getloadavg()[0]
    async with staged() as stage:
        tables = await measured(stage)
    text = report.rendered(tables, report.machine((before, os.getloadavg()[0])), report.versions())
    report.RESULTS.write_text(text, encoding="utf-8")
    print(f"\n{text}\nwritten to {report.RESULTS.relative_to(report.ROOT)}")


if __name__ == "__main__":
    asyncio.run(main())
