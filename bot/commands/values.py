"""The words that stand for a value: each kind is read here, and refuses with a sentence (ValueError)."""

import re
from collections.abc import Callable
from typing import Final

from bot.commands.words import RESERVED_WORDS
from bot.release.duration import parse_duration
from bot.release.version import Version
from bot.release.weight import Weight

_SERVICE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # a DNS-1123 label
_RELEASE = re.compile(r"[rR]-[1-9][0-9]{0,11}")


def service(text: str) -> str:
    """Read a service's name, in small letters."""
    name = text.lower()
    if name in RESERVED_WORDS:
        raise ValueError(f'"{text}" is a word of the language, and no service has such a name')
    if not _SERVICE.fullmatch(name):
        raise ValueError(f'"{text:.40}" is not a service: a name has letters, digits and hyphens')
    return name


def version(text: str) -> Version:
    """Read a version where one has to stand."""
    if text.lower() in RESERVED_WORDS:
        raise ValueError(f'"{text}" stands where the version belongs')
    return Version.parse(text)


def release(text: str) -> str:
    """Read a release's id, `R-1042`."""
    if not _RELEASE.fullmatch(text):
        raise ValueError(f'"{text:.40}" is not a release: R- and its number')
    return text.upper()


def explained(text: str) -> str:
    """Read a word of the language that help is asked for."""
    word = text.lower()
    if word not in RESERVED_WORDS:
        raise ValueError(f'"{text:.40}" is no word of the language')
    return word


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "SERVICE": service,
    "VERSION": version,
    "WEIGHT": Weight.parse,
    "DURATION": parse_duration,
    "RELEASE": release,
    "WORD": explained,
}


def is_value(terminal: str, word: str) -> bool:
    """Say whether a word is a value of the kind that a terminal of the grammar stands for."""
    try:
        _READERS[terminal](word)
    except (KeyError, ValueError):
        return False
    return True
