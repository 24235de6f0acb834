"""Reads `services.yaml`. Broken, every problem is told at once, with file, line and field."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bot.config.catalogue import Catalogue
from bot.config.document import Unreadable, read_document
from bot.config.entries import Entries
from bot.config.problems import Problem

LARGEST: Final = 1024 * 1024
"""The longest catalogue that is read, in bytes."""


class BrokenCatalogue(Exception):  # noqa: N818  the house names an error by what is wrong
    """The catalogue cannot be used; its text has one line a problem, `file:line: field: what was expected (got …)`."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(problem.told(file) for problem in self.problems))


def load_catalogue(path: Path) -> Catalogue:
    """Read the catalogue from a file. Raises `BrokenCatalogue`."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        why = f"expected a file that can be read (got: {error.strerror})"
        raise BrokenCatalogue(str(path), [Problem(0, "", why)]) from error
    if len(content) > LARGEST:
        raise BrokenCatalogue(str(path), [Problem(0, "", f"expected at most {LARGEST} bytes")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BrokenCatalogue(str(path), [Problem(line, "", "expected UTF-8")]) from error
    return parse_catalogue(text, str(path))


def parse_catalogue(text: str, name: str) -> Catalogue:
    """Read the catalogue from a file's text; `name` is what errors call the file. Raises `BrokenCatalogue`."""
    try:
        document = read_document(text)
    except Unreadable as error:
        raise BrokenCatalogue(name, [error.problem]) from error
    entries = Entries(document)
    services = entries.services()
    if problems := [*document.problems, *entries.problems]:
        raise BrokenCatalogue(name, problems)
    return Catalogue(services=services)
