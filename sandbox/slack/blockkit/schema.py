"""A small schema language that complains in Slack's words, with a JSON pointer to the place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Complaints = Iterator[str]
Check = Callable[[Any, str], Complaints]


def at(words: str, pointer: str) -> str:
    """One complaint as Slack writes it."""
    return f"{words} [json-pointer:{pointer}]"


def string(most: int | None = None, *, least: int = 1) -> Check:
    """Return a string of so many characters."""

    def check(value: Any, pointer: str) -> Complaints:
        if not isinstance(value, str):
            yield at("must provide a string", pointer)
        elif len(value) < least:
            yield at(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            yield at(f"must be less than {most + 1} characters", pointer)

    return check


def boolean(value: Any, pointer: str) -> Complaints:
    """Return true or false."""
    if not isinstance(value, bool):
        yield at("must provide a boolean", pointer)


def integer(value: Any, pointer: str) -> Complaints:
    """Return a whole number; JSON's true is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield at("must provide an integer", pointer)


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(value: Any, pointer: str) -> Complaints:
        if value not in words:
            yield at(f"must be one of the following: {', '.join(words)}", pointer)

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """Return a list of so many items."""

    def check(value: Any, pointer: str) -> Complaints:
        if not isinstance(value, list):
            yield at("must provide an array", pointer)
            return
        if len(value) > most:
            yield at(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield at(f"no fewer than {least} items allowed", pointer)
        for index, held in enumerate(value):
            yield from item(held, f"{pointer}/{index}")

    return check


def anything(_value: Any, _pointer: str) -> Complaints:
    """Left to the reader: free-form parts such as rich text."""
    yield from ()


@dataclass(frozen=True)
class Shape:
    """An object: which fields it must and may have."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check]

    def __call__(self, value: Any, pointer: str) -> Complaints:
        """Complain about missing, unknown and wrong fields."""
        if not isinstance(value, dict):
            yield at("must provide an object", pointer)
            return
        for name in self.required:
            if name not in value:
                yield at(f"missing required field: {name}", pointer)
        for name, held in value.items():
            check = self.required.get(name) or self.optional.get(name)
            if check is not None:
                yield from check(held, f"{pointer}/{name}")
            elif name != "type":
                yield at(f"invalid additional property: {name}", pointer)


def by_type(shapes: Mapping[str, Check]) -> Check:
    """Return an object whose `type` says which shape it has."""

    def check(value: Any, pointer: str) -> Complaints:
        if not isinstance(value, dict):
            yield at("must provide an object", pointer)
        elif "type" not in value:
            yield at("missing required field: type", pointer)
        elif not isinstance(value["type"], str) or value["type"] not in shapes:
            yield at(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            yield from shapes[value["type"]](value, pointer)

    return check
