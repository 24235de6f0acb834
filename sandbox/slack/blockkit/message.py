"""The blocks of a message, with the limits Slack documents for them."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.blockkit.elements import (
    ACCESSORY,
    ID,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    any_text,
    plain_text,
)
from sandbox.slack.blockkit.schema import (
    Check,
    Complaints,
    Shape,
    anything,
    array,
    at,
    boolean,
    by_type,
    string,
)

MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200

_block: dict[str, Check] = {"block_id": ID}


def _section(value: Any, pointer: str) -> Complaints:
    shape = Shape(
        {},
        {
            **_block,
            "text": any_text(3000),
            "fields": array(any_text(2000), 10),
            "accessory": ACCESSORY,
            "expand": boolean,
        },
    )
    if "text" not in value and "fields" not in value:
        yield at("missing required field: text", pointer)
    yield from shape(value, pointer)


def _image(value: Any, pointer: str) -> Complaints:
    shape = Shape(
        {"alt_text": string(2000)},
        {**_block, "image_url": string(3000), "slack_file": anything, "title": plain_text(2000)},
    )
    if ("image_url" in value) == ("slack_file" in value):
        yield at("must define either `slack_file` or `image_url`", pointer)
    yield from shape(value, pointer)


BLOCKS: dict[str, Check] = {
    "header": Shape({"text": plain_text(150)}, _block),
    "section": _section,
    "divider": Shape({}, _block),
    "context": Shape({"elements": array(IN_CONTEXT, 10)}, _block),
    "actions": Shape({"elements": array(IN_ACTIONS, 25)}, _block),
    "image": _image,
    "rich_text": Shape({"elements": array(anything, 1000, least=0)}, _block),
    "markdown": Shape({"text": string(12_000)}, _block),
    "input": Shape(
        {"label": plain_text(2000), "element": IN_INPUT},
        {**_block, "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
}


def block_complaints(blocks: list[Any], most: int = MOST_BLOCKS, pointer: str = "/blocks") -> list[str]:
    """Everything Slack would say against these blocks, without its leading `[ERROR]`."""
    found = list(array(by_type(BLOCKS), most, least=0)(blocks, pointer))
    return found or [*_doubled_block_ids(blocks, pointer), *_doubled_action_ids(blocks, pointer)]


def is_too_long(blocks: Any) -> bool:
    """Whether all texts together pass what one message may hold (`msg_blocks_too_long`)."""
    return sum(_text_lengths(blocks)) > MOST_CHARACTERS


def _text_lengths(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        for held in value:
            yield from _text_lengths(held)
    elif isinstance(value, dict):
        for name, held in value.items():
            if name == "text" and isinstance(held, str):
                yield len(held)
            else:
                yield from _text_lengths(held)


def _doubled(name: str, values: Iterator[tuple[str, str | None]]) -> Complaints:
    seen: set[str] = set()
    for pointer, value in values:
        if value is not None and value in seen:
            yield at(f'`{name}` "{value}" already exists', f"{pointer}/{name}")
        seen.add(value or "")


def _doubled_block_ids(blocks: list[Any], pointer: str) -> Complaints:
    return _doubled("block_id", ((f"{pointer}/{n}", block.get("block_id")) for n, block in enumerate(blocks)))


def _doubled_action_ids(blocks: list[Any], pointer: str) -> Complaints:
    for n, block in enumerate(blocks):
        elements = block.get("elements", []) if block["type"] == "actions" else []
        held = (
            (f"{pointer}/{n}/elements/{k}", element.get("action_id")) for k, element in enumerate(elements)
        )
        yield from _doubled("action_id", held)
