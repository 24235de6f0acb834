"""The command nearest to a text that is none: a search over edits, cheapest first, judged by the grammar itself."""

import heapq
from itertools import count
from typing import Final

from bot.commands.edits import edits
from bot.commands.errors import Fault
from bot.commands.reader import read
from bot.commands.render import render
from bot.commands.typed import joined

_MOST_READINGS: Final = 60
_DEAREST: Final = 6


def nearest(text: str) -> str | None:
    """Find the command that takes the fewest edits, in canonical form; None where all are too far away."""
    order = count()  # of equally dear texts, the one thought of first
    waiting = [(0, next(order), joined(text))]
    seen: set[str] = set()
    for _ in range(_MOST_READINGS):
        if not waiting:
            return None
        cost, _order, candidate = heapq.heappop(waiting)
        try:
            return render(read(candidate))
        except Fault as fault:
            further = [(cost + more, joined(mended)) for more, mended in edits(candidate, fault)]
        for total, mended in further:
            if mended and mended not in seen and total <= _DEAREST:
                seen.add(mended)
                heapq.heappush(waiting, (total, next(order), mended))
    return None
