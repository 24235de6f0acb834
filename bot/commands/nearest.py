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
    read_already: set[str] = set()
    while waiting and len(read_already) < _MOST_READINGS:
        cost, _, candidate = heapq.heappop(waiting)
        if candidate in read_already:
            continue
        read_already.add(candidate)
        try:
            return render(read(candidate))
        except Fault as fault:
            found = [(cost + more, edited) for more, edited in edits(candidate, fault) if edited.strip()]
        for dear, edited in found:
            if dear <= _DEAREST:
                heapq.heappush(waiting, (dear, next(order), joined(edited)))
    return None
