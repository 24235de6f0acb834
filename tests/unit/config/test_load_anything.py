"""Whatever stands in the file, the answer is a catalogue or a list of problems."""

import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.config.load import BrokenCatalogue, parse_catalogue

EXAMPLE = Path("docs/services.example.yaml").read_text(encoding="utf-8")
SCALARS = (
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8) | some.dates()
)
WORDS = some.sampled_from(
    ["defaults", "services", "rules", "errors", "approvers", "promote", "traffic", "istio", "name"]
)
ANYTHING = some.recursive(
    SCALARS,
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(WORDS | some.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


def problems(text: str) -> list[str]:
    """One line a problem, none for a catalogue; any other error than the one meant for this is a failure."""
    try:
        assert parse_catalogue(text, "f").services
    except BrokenCatalogue as broken:
        return str(broken).split("\n")
    return []


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the value that could hold something else."""
    if not isinstance(value, dict):
        return [path]
    return [path] * bool(path) + [
        found for key, part in value.items() for found in places(part, (*path, key))
    ]


@given(some.text())
@settings(max_examples=150)
def test_any_text_is_answered(text: str) -> None:
    assert all(re.match(r"f(:\d+)?: .", line) for line in problems(text))


@given(some.data())
@settings(max_examples=150)
def test_any_value_at_any_place_is_answered(data: some.DataObject) -> None:
    catalogue = yaml.safe_load(EXAMPLE)
    *above, last = data.draw(some.sampled_from(places(catalogue)))
    place = catalogue
    for step in above:
        place = place[step]
    place[last] = data.draw(ANYTHING)
    assert all(re.match(r"f:\d+: \w", line) for line in problems(yaml.safe_dump(catalogue)))
