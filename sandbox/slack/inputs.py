"""What a person filled in: Slack's `state`, and the complaints its own client makes before sending."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.slack.message import Json

Values = Mapping[str, Mapping[str, Any]]
REQUIRED = "Please complete this required field."

_SINGLE = {"users_select": "user", "channels_select": "channel", "datepicker": "date"}


def elements_of(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each interactive element with its block."""
    for block in blocks:
        held = list(block.get("elements", [])) if block["type"] == "actions" else []
        held += [block[part] for part in ("accessory", "element") if part in block]
        for element in held:
            if "action_id" in element:
                yield block, element


def find_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """Return a block and its element; LookupError when the screen shows no such thing."""
    for block, element in elements_of(blocks):
        if element["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, element
    raise LookupError(f"nothing on this screen has the action {action_id!r}")


def state_of(blocks: list[Json], values: Values) -> Json:
    """Return the `state` object: what was filled in, else what was there at first."""
    state: dict[str, Json] = {}
    for block, element in elements_of(blocks):
        if element["type"] not in ("button", "overflow"):
            chosen = values.get(block["block_id"], {}).get(element["action_id"])
            state.setdefault(block["block_id"], {})[element["action_id"]] = held_by(element, chosen)
    return {"values": state}


def held_by(element: Json, chosen: Any) -> Json:
    """Return one element's entry in `state`; `chosen` is a text, an option's value, or a list of those."""
    kind = element["type"]
    if kind in ("static_select", "radio_buttons", "overflow"):
        option = _option(element, chosen) if chosen is not None else element.get("initial_option")
        return {"type": kind, "selected_option": option}
    if kind in ("checkboxes", "multi_static_select"):
        options = [_option(element, value) for value in chosen] if chosen is not None else None
        return {
            "type": kind,
            "selected_options": options if options is not None else element.get("initial_options", []),
        }
    if kind in _SINGLE:
        word = _SINGLE[kind]
        return {"type": kind, f"selected_{word}": chosen or element.get(f"initial_{word}")}
    value = chosen if chosen is not None else element.get("initial_value")
    return {"type": kind, "value": value or None}


def _option(element: Json, value: Any) -> Json:
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(option for group in groups for option in group["options"])]
    for option in options:
        if option["value"] == value:
            found: Json = option
            return found
    raise LookupError(f"{value!r} is not among the options of {element['action_id']!r}")


def complaints_of(blocks: list[Json], state: Json) -> dict[str, str]:
    """Return what Slack's client objects to before it sends a modal: block id to words."""
    found: dict[str, str] = {}
    for block, element in elements_of(blocks):
        if block["type"] != "input":
            continue
        held = state["values"][block["block_id"]][element["action_id"]]
        words = _complaint(element, _filled(held), is_optional=block.get("optional", False))
        if words:
            found[block["block_id"]] = words
    return found


def _filled(held: Json) -> Any:
    return next((value for name, value in held.items() if name != "type"), None)


def _complaint(element: Json, filled: Any, *, is_optional: bool) -> str:
    if not filled:
        return "" if is_optional else REQUIRED
    if isinstance(filled, str) and len(filled) > element.get("max_length", len(filled)):
        return f"Must be at most {element['max_length']} characters."
    if isinstance(filled, str) and len(filled) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters."
    return ""
