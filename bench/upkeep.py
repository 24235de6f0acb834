"""What the bot costs: memory, start-up time, and what it asks of others while nothing happens."""

import asyncio
import time
from dataclasses import dataclass

from bench.figures import Figure, Table, most, percentile
from bench.stage import Stage

STARTS = 3
MEGABYTE = 1_000_000
MEMORY = 150.0
READY_WITHIN = 2.5


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes: resident, and of the process alone."""

    resident: float
    unique: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What went on in a while of `seconds` without commands: requests to the emulator, queries a second, `busy` of one core."""

    seconds: float
    requests: int
    queries: float
    busy: float


async def starts(stage: Stage) -> tuple[float, ...]:
    """Start the bot a few times; seconds from exec to ready. It is up afterwards."""
    seconds = []
    for _ in range(STARTS):
        await stage.stop_bot()
        seconds.append(await stage.start_bot())
    return tuple(seconds)


def memory(stage: Stage) -> Memory:
    """The bot's memory now."""
    if stage.process is None:
        raise RuntimeError("the bot is not up")
    found = stage.process.memory_full_info()
    return Memory(found.rss / MEGABYTE, found.uss / MEGABYTE)


async def rest(stage: Stage, seconds: float) -> Rest:
    """Watch for a while. A real API server counts its requests elsewhere."""
    if stage.process is None:
        raise RuntimeError("the bot is not up")
    before, busy_before, began = await stage.seen(), _busy(stage), time.monotonic()
    await asyncio.sleep(seconds)
    after, elapsed = await stage.seen(), time.monotonic() - began
    return Rest(
        seconds=elapsed,
        requests=after.get("requests", 0) - before.get("requests", 0),
        queries=(after["queries"] - before["queries"]) / elapsed,
        busy=(_busy(stage) - busy_before) / elapsed,
    )


def _busy(stage: Stage) -> float:
    assert stage.process is not None  # for the type checker
    times = stage.process.cpu_times()
    return times.user + times.system


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Start-up in seconds, memory without and with live releases, and the rest."""

    live: int
    starts: tuple[float, ...]
    idle: Memory
    loaded: Memory
    rest: Rest


def table(found: Upkeep) -> Table:
    """All of it, with its goals."""
    live, rest = f"{found.live} live", found.rest
    asked = rest.requests / found.live / rest.seconds * 60
    return Table(
        "What the bot costs",
        "Start-up is exec of `lockmaster serve` to the first 200 of `/readyz`, looked for every 5 ms, with every part there and 300 "
        "services in catalogue and cluster. RSS is what the kernel counts as resident, USS what is the process's alone.",
        (
            most(f"start-up, median of {len(found.starts)}", percentile(found.starts, 50), READY_WITHIN, "s"),
            most("start-up, slowest", max(found.starts), READY_WITHIN, "s"),
            most("memory without a release, RSS", found.idle.resident, MEMORY, "MB"),
            Figure("memory without a release, USS", f"{found.idle.unique:.0f} MB"),
            most(f"memory with {live}, RSS", found.loaded.resident, MEMORY, "MB"),
            Figure(f"memory with {live}, USS", f"{found.loaded.unique:.0f} MB"),
            Figure(f"API requests a live release and minute, {live}, at rest", f"{asked:.2f}"),
            Figure(f"Prometheus queries a second, {live}, at rest", f"{rest.queries:.1f}"),
            Figure(f"CPU of the bot, {live}, at rest", f"{rest.busy:.0%} of a core"),
        ),
    )
