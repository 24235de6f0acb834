"""`make chaos`: replicas that are killed, paused and lied to, thousands of releases, and a look at every write."""

import argparse
import asyncio
import logging
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from adapters.redis.locks import RedisLocks
from bench.services import NAMESPACE, names
from sandbox.kube import Fault, FaultKind
from sandbox.kube.resources import DEPLOYMENT
from tests.chaos.checker import End, at_the_end, violations
from tests.chaos.people import People, Tally
from tests.chaos.plan import Fate
from tests.chaos.traffic import FatedTraffic
from tests.chaos.weather import REPLICAS, Weather
from tests.faults.bots import nursery
from tests.faults.stand import Stand, stand
from tests.support.until import until, work

MOST_SERVICES = 200
PACE = 50
"""Moves forward in a second: hundreds of services at once would stand in line for most of the run, at the usual pace."""
HISTORY = "history.txt"
TIDY = 90.0
"""Seconds in which everything that is over must also be tidied up, once the weather is calm."""


async def run(folder: Path, seed: int, releases: int) -> int:
    """One run; answers how many promises were broken."""
    services = names(min(MOST_SERVICES, max(1, releases // 5)))
    began = time.monotonic()
    async with nursery() as born, stand(folder, born, *services) as found:
        found.traffic = traffic = FatedTraffic()
        found.pace = PACE
        found.kube.store.subscribe(traffic.saw)
        found.kube.faults.set(Fault(FaultKind.CRASH_LOOP, image=f"-{Fate.CRASH}"))
        weather = Weather(found, random.Random(f"{seed}:weather"))
        await weather.calm()
        tally = Tally(releases)
        people = [
            People(found, weather, service, random.Random(f"{seed}:{service}:people")) for service in services
        ]
        async with asyncio.TaskGroup() as around:  # whatever breaks ends the run
            around.create_task(weather.blow())
            telling = around.create_task(_tell(tally, releases))
            await asyncio.wait([around.create_task(one.release(seed, tally)) for one in people])
            weather.over = True
            telling.cancel()
        await _calm_down(found, weather)
        lost = [f"lost, though the store forgot nothing then: {what}" for what in tally.lost]
        broken = [*violations(found.routes), *await _left(found), *lost]
        _report(tally, weather, broken, time.monotonic() - began)
        if broken or tally.rescued or tally.unasked:
            _keep(folder, found)
    return len(broken)


async def _tell(tally: Tally, releases: int) -> None:
    while True:
        await work(20.0)
        _say(f"  {tally.ends.total()} of {releases} ended")


async def _calm_down(found: Stand, weather: Weather) -> None:
    """Let every release end and be tidied up; what does not is found by the check."""
    await weather.calm()
    with suppress(AssertionError):
        await until(lambda: not any(_canaries(found)), within=TIDY)


def _canaries(found: Stand) -> Iterator[str]:
    names = (one["metadata"]["name"] for one in found.kube.store.documents(DEPLOYMENT, NAMESPACE))
    return (name for name in names if name.endswith("-canary"))


async def _left(found: Stand) -> list[str]:
    """What is left over."""
    locks = {lock.service: lock.release or lock.by.name for lock in await RedisLocks(found.store).all()}
    images: dict[str, dict[str, str]] = {}
    for one in found.kube.store.documents(DEPLOYMENT, NAMESPACE):
        name, image = one["metadata"]["name"], one["spec"]["template"]["spec"]["containers"][0]["image"]
        images.setdefault(name.removesuffix("-canary"), {})[name] = image.rsplit(":", 1)[1]
    broken: list[str] = []
    for service, forms in found.routes.items():
        end = End(forms[-1].canary, images.get(service, {}), locks.get(service))
        broken += at_the_end(service, forms, end)
    return broken


def _report(tally: Tally, weather: Weather, broken: list[str], seconds: float) -> None:
    _say(
        f"{tally.started} releases in {seconds:.0f} s, {tally.forgotten} started anew after the store forgot them"
    )
    _say("ends: " + ", ".join(f"{count} {what}" for what, count in sorted(tally.ends.items())))
    _say("weather: " + ", ".join(f"{count} {what}" for what, count in sorted(weather.counted.items())))
    _say(f"given up by people after long: {len(tally.rescued)} {' '.join(tally.rescued[:5])}")
    _say(f"healthy, and did not get through: {len(tally.unasked)} {' '.join(tally.unasked[:5])}")
    _say(f"{len(broken)} violations")
    for one in broken[:20]:
        _say(one)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _keep(folder: Path, found: Stand) -> None:
    """Write every form of every route down, beside the logs."""
    with (folder / HISTORY).open("w", encoding="utf-8") as file:
        for service, forms in found.routes.items():
            for form in forms:
                file.write(f"{service} {form.at:.3f} r{form.revision} {form.canary} {form.state}\n")
    _say(f"history and logs: {folder}")


def main() -> int:
    """Read what is asked for; the exit status says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--releases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=None, help="what a failed run printed; otherwise drawn")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    folder = Path(tempfile.mkdtemp(prefix="lockmaster-chaos-"))
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # requests that are cut off are meant to be
    _say(f"chaos: {given.releases} releases, {REPLICAS} replicas, seed {seed}")
    broken = asyncio.run(run(folder, seed, given.releases))
    if not (folder / HISTORY).exists():
        shutil.rmtree(folder)
    if broken:
        _say(f"again: make chaos SEED={seed} RELEASES={given.releases}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
