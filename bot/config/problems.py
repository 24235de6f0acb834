"""What is wrong with what the operator wrote, in words: the field, what was expected, what was there."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

_LONGEST_SHOWN: Final = 60
_EXPECTED: Final = {
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "enum": "expected {expected}",
    "model_type": "expected a mapping",
    "tuple_type": "expected a list",
    "too_short": "expected at least one",
    "value_error": "{error}",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. `line` counts from 1, 0 is the whole file; `field` is dotted, empty for the file itself."""

    line: int
    field: str
    text: str

    def told(self, file: str) -> str:
        """`file:line: field: text`, without the parts that are not known."""
        place = f"{file}:{self.line}" if self.line else file
        return ": ".join(part for part in (place, self.field, self.text) if part)


def expected(error: ErrorDetails) -> str:
    """Say in words what pydantic expected there."""
    sentence = _EXPECTED.get(error["type"])
    if sentence is None:
        return error["msg"]
    context = dict(error.get("ctx", {}))
    context["expected"] = str(context.get("expected")).replace("'", "")
    return sentence.format(**context)


def got(value: object) -> str:
    """Show a value as JSON has it, shortened, on one line."""
    if value is None:
        return "(got nothing)"
    shown = json.dumps(value, ensure_ascii=True, default=str)
    return f"(got {shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + '…'})"


def dotted(path: Path) -> str:
    """`services.checkout.rules`; places in a list count from 1, a key that would break the line is quoted."""
    return ".".join(_step(step) for step in path)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return str(step + 1)
    return step if step.isprintable() else json.dumps(step)


def unknown(name: str, known: Iterable[str]) -> str:
    """Say which names are known there, and which of them is closest."""
    names = sorted(known)
    closest = get_close_matches(name, names, n=1)
    hint = f"; did you mean {closest[0]}?" if closest else ""
    return f"expected one of {', '.join(names)}{hint} {got(name)}"


def fields_at(model: type[BaseModel], path: Sequence[str | int]) -> tuple[str, ...]:
    """The names a model knows at that place within it; none where no model stands."""
    for step in path:
        field = model.model_fields.get(str(step))
        found = _model_in(field.annotation) if field else None
        if found is None:
            return ()
        model = found
    return tuple(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
