"""A YAML file as plain values that remember their lines. Numbers are what JSON calls numbers; no tags, no anchors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from bot.config.problems import Path, Problem, dotted

DEEPEST: Final = 20
"""How many levels of nesting are read."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", re.ASCII)
_TRUE: Final = {"true", "yes", "on"}
_CORE: Final = "tag:yaml.org,2002:"
_PLAIN: Final = {
    _CORE + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "map", "seq")
}


class Unreadable(Exception):  # noqa: N818  the house names an error by what is wrong
    """The text is no YAML that we read; `problem` says where and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(line, "", text)


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is made of dict, list, str, int, float, bool and None; `lines` says where each part of it stands."""

    value: object
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...]

    def line(self, path: Path) -> int:
        """Where that part stands, or the nearest part around it that does."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(text: str) -> Document:
    """Read a YAML file's text. Raises `Unreadable` at the first thing that keeps it from being YAML."""
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise Unreadable(line, f"expected printable text (got U+{error.character:04X})") from error
    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark)
        raise Unreadable(line, f"expected YAML: {error.problem}") from error
    if root is None:
        raise Unreadable(0, "expected services: and, beneath it, one entry a service (got an empty file)")
    reader = _Reader()
    return Document(reader.value(root, ()), reader.lines, tuple(reader.problems))


def _check_events(text: str) -> None:
    """Refuse what could make a small file large or deep before anything is built of it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise Unreadable(
                line, f"expected no anchors and no aliases; share values under defaults: (got {event.anchor})"
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Unreadable(line, f"expected at most {DEEPEST} levels")


@dataclass(slots=True)
class _Reader:
    """Turns nodes into values, noting lines and what is wrong on the way."""

    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: yaml.Node, path: Path) -> object:
        line = self.lines.setdefault(path, _line(node.start_mark))
        if node.tag not in _PLAIN:
            self._wrong(line, path, f"expected a plain value (got the tag {node.tag.removeprefix(_CORE)})")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, item in node.value:
            line = _line(key.start_mark)
            below = (*path, str(key.value))
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(line, path, "expected a word as key")
            elif key.value in found:
                self._wrong(line, below, f"expected once (got again, first in line {self.lines[below]})")
            else:
                self.lines[below] = line
                found[key.value] = self.value(item, below)
        return found

    def _wrong(self, line: int, path: Path, text: str) -> None:
        self.problems.append(Problem(line, dotted(path), text))


def _scalar(node: yaml.Node) -> object:
    """`010`, `0x1F`, `1:30` and `.inf` stay text: nobody means what YAML 1.1 makes of them."""
    text: str = node.value
    if node.tag == _CORE + "null":
        return None
    if node.tag == _CORE + "bool":
        return text.lower() in _TRUE
    if node.tag in {_CORE + "int", _CORE + "float"} and (number := _NUMBER.fullmatch(text)):
        return float(text) if number[1] else int(text)
    return text


def _line(mark: Any) -> int:
    """The line of a mark, from 1; some of the parser's errors have none."""
    return mark.line + 1 if mark else 1
