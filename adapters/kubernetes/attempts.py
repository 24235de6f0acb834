"""Compare-and-set on objects that others write all the time, as controllers do with their status."""

from typing import Final, Protocol

from adapters.kubernetes.marks import Overtaken
from bot.errors import Conflict

ATTEMPTS: Final = 4


class Attempt(Protocol):
    """Reads, decides and writes once; `fresh` asks the server for the object."""

    async def __call__(self, *, fresh: bool) -> None:
        """Raise `Conflict` where somebody was faster, `Overtaken` where trying again is of no use."""


async def insist(attempt: Attempt) -> None:
    """Try a compare-and-set again on what stands there now, a few times; each try decides anew."""
    for number in range(1, ATTEMPTS + 1):
        try:
            await attempt(fresh=number > 1)
        except Overtaken:
            raise
        except Conflict:
            if number == ATTEMPTS:
                raise
        else:
            return
