"""Compares what the emulator says with what Slack was recorded to say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
RECORDED = ROOT.parent / "shared" / "slack"
# Free in content, or cut in the recordings: rich blocks, state and metadata differ with each message.
FREE = {"blocks", "state", "event_payload", "metadata", "files", "confirm", "placeholder", "icon"}
# Slack says null here where a modal has none; the recordings are blanked and cannot show it.
MAY_BE_NULL = {"submit", "close", "previous_view_id", "enterprise", "enterprise_id"}


def recorded(path: str) -> Any:
    file = RECORDED / path
    if not file.exists():
        pytest.skip("Slack's recorded shapes are not here")
    return json.loads(file.read_text())


def strays(answer: Any, sample: Any, path: str = "") -> Iterator[str]:
    """Yield each place where the answer has a key the sample lacks, or another JSON type."""
    name = path.rpartition(".")[2]
    if name in FREE or (answer is None and name in MAY_BE_NULL):
        return
    if isinstance(answer, dict) and isinstance(sample, dict):
        for key, held in answer.items():
            if key in sample:
                yield from strays(held, sample[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is not in the recording"
    elif isinstance(answer, list) and isinstance(sample, list):
        for held in answer:
            if sample:
                yield from strays(held, _merged(sample), f"{path}[]")
    elif _kind(answer) != _kind(sample):
        yield f"{path} is {_kind(answer)}, recorded as {_kind(sample)}"


def _kind(value: Any) -> str:
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def _merged(items: list[Any]) -> Any:
    """Return one item that has what any of them has."""
    if not all(isinstance(item, dict) for item in items):
        return items[0]
    return {key: held for item in items for key, held in item.items()}
