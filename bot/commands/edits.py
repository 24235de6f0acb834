"""One step from a text that is no command towards one that is: what people mistype, and what each mend costs."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from bot.commands.errors import Fault
from bot.commands.reader import keyword
from bot.commands.spelling import close_words
from bot.commands.typed import word_at
from bot.commands.wording import EXAMPLES
from bot.commands.words import COMMAND_WORDS, RESERVED_WORDS
from bot.release.version import is_moving, is_version
from bot.release.weight import BadWeight, Weight

Edit = tuple[int, str]

# A slip of the fingers costs its letters. What was said is dearer to leave out than to say in another way.
_REWRITE: Final = 1
_KEYWORD: Final = 2
_EXAMPLE: Final = 3
_DELETION: Final = 4
_REPLACEMENT: Final = 5

_TAKES_A_VALUE: Final = frozenset(["canary", "every", "to", "for"])
_CLAUSE = re.compile(r"(?<!\S)(?:canary|every|auto|ask|because)(?!\S)", re.IGNORECASE)
_WEIGHTS = re.compile(r"(?<= canary )(?:[0-9.]+%? ?)+", re.IGNORECASE)
_LONE_UNIT = re.compile(r"(?<=[0-9]) +(?=[%smh](?!\S))", re.IGNORECASE)
_UNITS: Final[dict[str, Callable[[int], str]]] = {
    "": "{}m".format,
    "ms": lambda _: "1s",
    "s": "{}s".format,
    "m": "{}m".format,
    "h": "{}h".format,
    "d": lambda days: f"{24 * days}h",
    "w": lambda weeks: f"{168 * weeks}h",
}


def edits(text: str, fault: Fault) -> Iterator[Edit]:
    """Give the texts one edit away from a text that has a fault, with their costs; most are no command either."""
    yield from ((_REWRITE, mend) for mend in fault.mends)
    if not fault.accepts:
        return
    word = word_at(text, fault.offset)
    before, after = f"{text[: fault.offset]} ", text[fault.offset + len(word) :]
    for terminal in fault.accepts:
        yield from ((cost, f"{before}{put}{after}") for cost, put in _instead(terminal, word))
    if word:
        yield from _without(before, word, after)
        yield from _moved(before, word, after)
    yield from _elsewhere(text)


def _instead(terminal: str, word: str) -> Iterator[Edit]:
    """Put what is accepted in front of a word, or in its place."""
    if wanted := keyword(terminal):
        yield from close_words(word, [wanted])
        if wanted in _TAKES_A_VALUE:
            yield _KEYWORD, f"{wanted} {word}"
    elif terminal in EXAMPLES:
        yield from _corrected(terminal, word)
        yield _EXAMPLE, f"{EXAMPLES[terminal]} {word}"
        if terminal != "VERSION" or is_moving(word):  # any other word was hardly meant as a version
            yield _REPLACEMENT, EXAMPLES[terminal]


def _corrected(terminal: str, word: str) -> Iterator[Edit]:
    """Say the same value in the way that is accepted."""
    if terminal == "WORD":
        yield from close_words(word, RESERVED_WORDS)
        return
    rewritten = [unicodedata.normalize("NFKC", word), word.strip(",.;:")]
    match terminal:
        case "SERVICE":
            rewritten += [
                word.rpartition("|")[2].replace("_", "-").strip("<>@#/.,"),
                re.sub("[:@=]", " ", word),
            ]
        case "VERSION":
            rewritten += [f"{word}.0", f"{word}.0.0"]
        case "WEIGHT":
            rewritten += [word.replace(",", "."), word.replace(",", " "), word.lstrip("+-")]
            rewritten += [re.sub(r"(\.[0-9]{2})[0-9]+", r"\1", word), re.sub(r"[0-9]{3,}.*", "100%", word)]
        case "DURATION" if found := re.match(r"([0-9]{1,5})(ms|[dhmsw]?)", word, re.IGNORECASE):
            rewritten.append(_UNITS[found[2].lower()](int(found[1])))
        case "RELEASE" if found := re.search(r"[1-9][0-9]*", word):
            rewritten.append(f"R-{found[0]}")
    yield from ((_REWRITE, text) for text in rewritten)


def _without(before: str, word: str, after: str) -> Iterator[Edit]:
    """Leave out a word, or everything up to the next clause."""
    yield _DELETION, before + after
    later = _CLAUSE.search(after)
    rest = after[later.start() :] if later else ""
    yield _KEYWORD if _CLAUSE.match(word) else _DELETION + 1, before + rest
    if is_version(word_at(after, 1)):
        yield _EXAMPLE, f"{word}{after}"


def _moved(before: str, word: str, after: str) -> Iterator[Edit]:
    """Swap a word with its neighbour on either side, or bring its clause in front of the others."""
    earlier, _, neighbour = before.rstrip().rpartition(" ")
    yield _REWRITE, f"{earlier} {word} {neighbour}{after}"
    following, _, later = after.lstrip().partition(" ")
    yield _REWRITE, f"{before}{following} {word} {later}"
    if first := _CLAUSE.search(before):
        end = _CLAUSE.search(after)
        split = end.start() if end else len(after)
        clause, rest = f"{word}{after[:split]}", after[split:]
        yield _REWRITE, f"{before[: first.start()]}{clause} {before[first.start() :]}{rest}"


def _elsewhere(text: str) -> Iterator[Edit]:
    """Mend the first word, units that stand alone, and the order of weights."""
    first, _, rest = text.partition(" ")
    if first.startswith("/"):
        yield _REWRITE, rest
    if first.lower() not in COMMAND_WORDS:
        yield from ((far, f"{word} {rest}") for far, word in close_words(first, COMMAND_WORDS))
    yield _REWRITE, _LONE_UNIT.sub("", text)
    if found := _WEIGHTS.search(text):
        weights = sorted({weight for word in found[0].split() if (weight := _weight(word))})
        ascending = " ".join(f"{weight.number}%" for weight in weights)
        yield _REWRITE, f"{text[: found.start()]}{ascending} {text[found.end() :]}"


def _weight(text: str) -> Weight | None:
    try:
        return Weight.parse(text)
    except BadWeight:
        return None
