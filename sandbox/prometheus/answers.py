"""Answers in Prometheus's JSON."""

import math
from collections.abc import Sequence
from typing import Any

from sandbox.prometheus.errors import QueryError
from sandbox.prometheus.store import Labels
from sandbox.prometheus.vectors import Value, Window

Json = dict[str, Any]
_SMALL, _LARGE = 1e-6, 1e21


def number(value: float) -> str:
    """A value as Prometheus writes it: plain decimals, exponents only for the very large and small."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0 or _SMALL <= abs(value) < _LARGE:
        return f"{value:.0f}" if value.is_integer() else _plain(value)
    return repr(value)


def success(found: Any, warnings: Sequence[str] = ()) -> Json:
    """The envelope of an answer."""
    return {"status": "success", "data": found, **({"warnings": list(warnings)} if warnings else {})}


def failure(error: QueryError) -> Json:
    """The envelope of an error."""
    return {"status": "error", "errorType": error.kind, "error": str(error)}


def instant(value: Value, at: int) -> Json:
    """The result of an instant query at `at` (ms)."""
    match value:
        case float():
            return {"resultType": "scalar", "result": _point(at, value)}
        case Window():
            return {"resultType": "matrix", "result": _matrix(value)}
        case _:
            found = [{"metric": dict(each.labels), "value": _point(at, each.value)} for each in value]
            return {"resultType": "vector", "result": found}


def over_time(rows: Sequence[tuple[Labels, list[tuple[int, float]]]]) -> Json:
    """The result of a range query: labels, and points as (ms, value)."""
    found = [
        {"metric": dict(labels), "values": [_point(*each) for each in points]} for labels, points in rows
    ]
    return {"resultType": "matrix", "result": found}


def _matrix(window: Window) -> list[Json]:
    rows = [(series.labels, series.between(window.start, window.end)) for series in window.series]
    result: list[Json] = over_time([(labels, points) for labels, points in rows if points])["result"]
    return result


def _point(at: int, value: float) -> list[float | str]:
    return [at / 1000, number(value)]


def _plain(value: float) -> str:
    """The shortest digits that read back as the same number, without an exponent."""
    text = repr(value)
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    return f"{value:.{len(digits.partition('.')[2]) - int(exponent)}f}"
