"""Ids that Slack gives to blocks and elements that came without."""

from typing import Any

Json = dict[str, Any]


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return the blocks, each and each interactive element with an id that is stable over edits."""
    return [_block(block, f"blk{index:02d}") for index, block in enumerate(blocks)]


def _block(block: Json, fallback: str) -> Json:
    block_id = block.get("block_id") or fallback
    named = {**block, "block_id": block_id}
    if block["type"] == "actions":
        named["elements"] = [_element(e, f"{block_id}-{n}") for n, e in enumerate(block["elements"])]
    for part in ("accessory", "element"):
        if part in block and block[part]["type"] != "image":
            named[part] = _element(block[part], f"{block_id}-0")
    return named


def _element(element: Json, fallback: str) -> Json:
    return {**element, "action_id": element.get("action_id") or fallback}
