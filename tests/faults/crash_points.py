"""Kill the bot before and after each call it makes to the outside in a whole release, start it again, and look at what came of it.

`python -m tests.faults.crash_points` does all of them (`--every 5`: each fifth), and so does `make crash`. The calls are those that an
undisturbed run of each story makes. Every call that writes is a point, and a sample of those that read or only look for work.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.bots import Death, Nursery, nursery
from tests.faults.stand import stand
from tests.faults.stories import PROMOTED, ROLLED_BACK, SERVICE, STORIES, Story, Telling, violations

AT_ONCE = 8
"""Worlds side by side: most of a story is waiting."""
SAMPLED = {
    "redis docket script": 8,
    "redis take": 8,
    "redis ask": 6,
    "redis begin": 6,
    "redis put_back": 2,
    "redis renew": 1,
    "redis SET": 6,
    "redis XAUTOCLAIM": 2,
    "redis SCRIPT LOAD": 1,
    "redis several": 6,
}
"""Writes that mostly look for work, or keep docket's own house: so many of each are points."""
READS = (
    "watch",
    "list",
    "get ",
    "Review",
    "prometheus",
    "HGET",
    "HVALS",
    "HMGET",
    "SMEMBERS",
    "BLPOP",
    "XREAD",
)
READS_OF_SLACK = ("users", "conversations", "auth", "usergroups")
FEW = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One place to die at: the story, the call's name and number, and whether it is made before."""

    story: str
    name: str
    number: int
    moment: str

    def __str__(self) -> str:
        return f"{self.story}: {self.moment} {self.name} no. {self.number}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a point; `died` is False where the run never made that call."""

    point: Point
    died: bool
    wrong: tuple[str, ...]


async def outcome(folder: Path, nursery: Nursery, point: Point) -> Outcome:
    """Live through the story with that death in it."""
    story = STORIES[point.story]
    async with stand(folder, nursery, SERVICE) as world:
        telling = Telling(world, story)
        try:
            await telling.told(Death(point.name, point.number, point.moment))
            wrong = await violations(world, story)
        except AssertionError as error:
            wrong = [str(error)]
        return Outcome(point, telling.died > 0, tuple(wrong))


async def calls(folder: Path, nursery: Nursery, story: Story) -> list[str]:
    """The names of all calls of an undisturbed run, in their order."""
    diary = folder.with_suffix(".calls")
    async with stand(folder, nursery, SERVICE) as world:
        await Telling(world, story).told(Death(diary=str(diary)))
        wrong = await violations(world, story)
        assert not wrong, wrong
    return diary.read_text(encoding="utf-8").splitlines()


def points(story: Story, made: Sequence[str]) -> Iterator[Point]:
    """Where to die in a story that makes these calls."""
    counts = Counter(made)
    for name, count in counts.items():
        reads = any(word in name for word in READS) or any(f"slack {word}" in name for word in READS_OF_SLACK)
        most = FEW if reads else SAMPLED.get(name, count)
        for number in sorted(
            {1 + round(i * (count - 1) / max(1, most - 1)) for i in range(min(most, count))}
        ):
            yield Point(story.name, name, number, "before")
            if not reads:
                yield Point(story.name, name, number, "after")


def from_the_rollback_on(made: Sequence[str], all_points: Iterator[Point]) -> Iterator[Point]:
    """The points of a rollback's story that its beginning does not share with the other story."""
    begun = Counter(made[: made.index("redis instruct")])
    return (point for point in all_points if point.number > begun[point.name])


async def recorded(folder: Path, nursery: Nursery) -> list[Point]:
    """Every point of both stories."""
    forward = await calls(folder / "promoted", nursery, PROMOTED)
    back = await calls(folder / "rolled-back", nursery, ROLLED_BACK)
    return [*points(PROMOTED, forward), *from_the_rollback_on(back, points(ROLLED_BACK, back))]


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


async def run(every: int, only: str) -> int:
    """Print what is wrong, and the figures; 1 when something is."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lockmaster-crash-") as name:
        async with nursery() as births:
            chosen = [p for p in await recorded(Path(name), births) if only in str(p)][::every]
            say(f"{len(chosen)} points")
            turns, numbers = asyncio.Semaphore(AT_ONCE), itertools.count()

            async def one(point: Point) -> Outcome:
                async with turns:
                    found = await outcome(Path(name) / f"{next(numbers)}", births, point)
                for wrong in found.wrong:
                    say(f"{point}\n    {wrong}")
                return found

            outcomes = await asyncio.gather(*map(one, chosen))
    bad, missed = sum(bool(one.wrong) for one in outcomes), sum(not one.died for one in outcomes)
    seconds = time.monotonic() - began
    say(f"{len(outcomes)} points, {missed} not met, {bad} with violations, {seconds:.0f} s")
    return 1 if bad or not outcomes else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="each so manieth point only")
    parser.add_argument("--only", default="", help="points whose description holds this")
    given = parser.parse_args()
    sys.exit(asyncio.run(run(given.every, given.only)))
