"""Bots that fall asleep, as by SIGSTOP, at the moment in which they would send a request that fits.

    bed = Bed(site.folder / "bed")
    bots = [await site.start_bot(program=bed.program) for _ in range(2)]
    bed.make(r"patch Deployment/checkout .*v1\\.3\\.0")     # for one of them, whichever comes first
    sleeper, awake = await bed.sleeper(bots)

What is matched is `VERB KIND/NAME BODY`, of the bot's own door to the API server. The product knows nothing of it.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.replica import Replica
from tests.support.until import until


@dataclass(frozen=True, slots=True)
class Bed:
    """Room for one; `path` is where its file will be."""

    path: Path

    @property
    def program(self) -> tuple[str, ...]:
        """What to start for a bot that may sleep."""
        return (sys.executable, "-m", "tests.e2e.sleeper", str(self.path))

    def make(self, pattern: str) -> None:
        """From now on the first bot that would send something like that falls asleep instead."""
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(pattern)
        unfinished.rename(self.path)

    async def sleeper(self, bots: Sequence[Replica], within: float) -> tuple[Replica, Replica]:
        """Wait until one of two is asleep: that one, and the other."""
        await until(lambda: any(map(is_asleep, bots)), within=within)
        sleeper, awake = sorted(bots, key=is_asleep, reverse=True)
        return sleeper, awake


def is_asleep(bot: Replica) -> bool:
    """Whether its process is stopped."""
    return bool(psutil.Process(bot.pid).status() == psutil.STATUS_STOPPED)


def main() -> int:
    """Serve, with the door wrapped."""
    import bot.cli.serve  # noqa: PLC0415  a test that imports this module needs no bot
    from adapters.kubernetes.api import Api  # noqa: PLC0415  the same

    bed, real = Path(sys.argv[1]), Api._send

    async def send(self: Api, call: Any, limits: Any) -> Any:
        lie_down(bed, f"{call.verb} {call.ref.resource.kind}/{call.ref.name} {json.dumps(call.body)}")
        return await real(self, call, limits)

    Api._send = send  # type: ignore[method-assign]
    return bot.cli.serve.run([])


def lie_down(bed: Path, request: str) -> None:
    """Stop this process if the bed is made for that request, and nobody else was faster."""
    try:
        if re.search(bed.read_text(), request):
            bed.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)
    except FileNotFoundError:
        return


if __name__ == "__main__":
    sys.exit(main())
