"""Stores written as series of values, one a second, and what expressions over them give."""

from typing import Any

from sandbox.prometheus import answers
from sandbox.prometheus.errors import QueryError
from sandbox.prometheus.evaluate import evaluate, parse
from sandbox.prometheus.store import NAME, STALE, Store

T0 = 1_000_000_000
Result = dict[str, str] | str


def store(series: dict[str, str], step_ms: int = 1000) -> Store:
    """`{"up{job=a}": "1 2 _ stale 5"}`: values from T0 on, `_` for a missing one, `stale` for the end of a series."""
    filled = Store()
    for written, values in series.items():
        name, _, rest = written.rstrip("}").partition("{")
        labels = {NAME: name, **dict(each.split("=") for each in rest.split(",") if each)}
        for index, value in enumerate(values.split()):
            if value != "_":
                filled.append(labels, T0 + index * step_ms, STALE if value == "stale" else float(value))
    return filled


def ask(filled: Store, query: str, second: float) -> Any:
    """The result of an instant query as text by labels: `{"up{job=a}": "1"}`, a scalar alone, or the error's text."""
    at = T0 + round(second * 1000)
    try:
        found = answers.instant(evaluate(parse(query), filled, at), at)
    except QueryError as error:
        return f"{error.status} {error}"
    if found["resultType"] == "scalar":
        return found["result"][1]
    return {_written(each["metric"]): each["value"][1] for each in found["result"]}


def _written(metric: dict[str, str]) -> str:
    labels = ",".join(f"{name}={value}" for name, value in sorted(metric.items()) if name != NAME)
    return f"{metric.get(NAME, '')}{{{labels}}}"
