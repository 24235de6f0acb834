"""One step from a text that is no command towards one that is: what people mistype, and what each mend costs."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from bot.commands.errors import Fault
from bot.commands.reader import keyword
from bot.commands.spelling import close_words
from bot.commands.typed import word_at
from bot.commands.values import is_value
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

_TAKES: Final = {"canary": "WEIGHT", "every": "DURATION", "to": "VERSION", "for": "DURATION"}
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
        yield from _moved(before, word, after, fault.accepts)
    yield from _elsewhere(text)


def _instead(terminal: str, word: str) -> Iterator[Edit]:
    """Put what is accepted in front of a word, or in its place."""
    if wanted := keyword(terminal):
        yield from close_words(word, [wanted])
        if is_value(_TAKES.get(wanted, ""), word):
            yield _KEYWORD, f"{wanted} {word}"
    elif terminal in EXAMPLES:
        rewritten = (text for text in _rewritten(terminal, word) if is_value(terminal, text))
        yield from ((_REWRITE, text) for text in rewritten)
        yield _EXAMPLE, f"{EXAMPLES[terminal]} {word}"
        if terminal != "VERSION" or is_moving(word) or not is_value("SERVICE", word):
            # A word that could be a service stands behind a misspelt command: nobody meant a version there.
            yield _REPLACEMENT, EXAMPLES[terminal]


def _rewritten(terminal: str, word: str) -> Iterator[str]:
    """Say the same value in other ways, of which one may be accepted."""
    yield unicodedata.normalize("NFKC", word)
    yield word.strip(",.;:")
    match terminal:
        case "SERVICE":
            yield word.rpartition("|")[2].replace("_", "-").strip("<>@#/.,")
        case "VERSION":
            yield f"{word}.0"
            yield f"{word}.0.0"
        case "WEIGHT":
            yield word.replace(",", ".")
            yield word.lstrip("+-")
            yield re.sub(r"(\.[0-9]{2})[0-9]+", r"\1", word)
            yield re.sub(r"[0-9]{3,}.*", "100%", word)
        case "DURATION" if found := re.match(r"([0-9]{1,5})(ms|[dhmsw]?)", word, re.IGNORECASE):
            yield _UNITS[found[2].lower()](int(found[1]))
        case "RELEASE" if found := re.search(r"[1-9][0-9]*", word):
            yield f"R-{found[0]}"
        case "WORD":
            yield from (near for _, near in close_words(word, RESERVED_WORDS))
        case _:
            pass


def _without(before: str, word: str, after: str) -> Iterator[Edit]:
    """Leave out a word, everything up to the next clause, or everything before a word and its version."""
    yield _DELETION, before + after
    yield _KEYWORD if _CLAUSE.match(word) else _DELETION + 1, before + _split(after)[1]
    if is_version(word_at(after, 1)):
        yield _EXAMPLE, f"{word}{after}"


def _moved(before: str, word: str, after: str, accepts: tuple[str, ...]) -> Iterator[Edit]:
    """Swap a word with its neighbour on either side, or bring its clause in front of the others."""
    if word.lower() in COMMAND_WORDS:
        yield _REWRITE, f"{word} {before}{after}"
    following, _, later = after.lstrip().partition(" ")
    if any(is_value(terminal, following) for terminal in accepts):
        yield _REWRITE, f"{before}{following} {word} {later}"
    if first := _CLAUSE.search(before):
        clause, rest = _split(after)
        yield _REWRITE, f"{before[: first.start()]}{word}{clause} {before[first.start() :]}{rest}"


def _split(text: str) -> tuple[str, str]:
    """Divide a text where its first clause begins."""
    later = _CLAUSE.search(text)
    start = later.start() if later else len(text)
    return text[:start], text[start:]


def _elsewhere(text: str) -> Iterator[Edit]:
    """Mend the first word, values that run together or stand apart, and the order of weights."""
    first, _, rest = text.partition(" ")
    if first.startswith("/"):
        yield _REWRITE, rest
    if first.lower() not in COMMAND_WORDS:
        yield from ((far, f"{word} {rest}") for far, word in close_words(first, COMMAND_WORDS))
        yield _REWRITE, f"{re.sub('[:@=]', ' ', first)} {rest}"
    yield _REWRITE, _LONE_UNIT.sub("", text)
    yield _REWRITE, text.replace("%,", "% ")
    if found := _WEIGHTS.search(text):
        weights = sorted({weight for word in found[0].split() if (weight := _weight(word))})
        ascending = " ".join(f"{weight.number}%" for weight in weights)
        yield _REWRITE, f"{text[: found.start()]}{ascending} {text[found.end() :]}"


def _weight(text: str) -> Weight | None:
    try:
        return Weight.parse(text)
    except BadWeight:
        return None
