"""How far one word is from another."""

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 24  # no word of the language is half as long


def distance(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace, or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, current[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, above = above, current
    return above[-1]


def close_words(typed: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Pick the words a slip of the fingers away, nearest first, each with its distance: a letter in three at most."""
    typed = typed.lower()
    if len(typed) > _LONGEST:
        return []
    near = ((distance(typed, word), word) for word in words)
    return sorted((far, word) for far, word in near if 0 < far <= max(1, len(word) // 3))
