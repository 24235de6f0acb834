"""Measure everything in one run, print the tables, and write `RESULTS.md`; `emulated` or `real` measures that part, and prints."""

import asyncio
import os
import sys
import time

from bench import commands, reactions, real, report, thousand, upkeep
from bench.figures import Table
from bench.services import names
from bench.stage import CROWD, SERVICES, Stage, staged
from tests.e2e.cluster.programs import MissingError, find_programs

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
    rest, loaded = await upkeep.rest(stage, REST), upkeep.memory(stage)
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


async def emulated() -> tuple[Table, ...]:
    """On the emulator of Kubernetes."""
    async with staged() as stage:
        return await measured(stage)


async def on_a_real_server() -> tuple[Table, ...]:
    """On a real API server; where none can be had, a table without a figure says why."""
    try:
        programs = find_programs()
    except MissingError as missing:
        return (thousand.unmeasured(str(missing)),)
    async with real.staged(programs, thousand.SERVICES) as found:
        return (await thousand.measured(found, say),)


async def main(parts: list[str]) -> None:
    """One run. With a part named, the results are printed alone."""
    before = os.getloadavg()[0]
    tables: tuple[Table, ...] = ()
    for part in parts or PARTS:
        tables += await PARTS[part]()
    text = report.rendered(tables, report.machine((before, os.getloadavg()[0])), report.versions())
    print(f"\n{text}")
    if not parts:
        report.RESULTS.write_text(text, encoding="utf-8")
        print(f"written to {report.RESULTS.relative_to(report.ROOT)}")


PARTS = {"emulated": emulated, "real": on_a_real_server}

if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
