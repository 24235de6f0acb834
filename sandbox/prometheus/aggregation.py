"""Aggregation operators."""

import math
from collections import defaultdict
from collections.abc import Callable

from promql_parser import AggModifier, AggModifierType

from sandbox.prometheus.errors import ExecutionError
from sandbox.prometheus.store import NAME, Labels
from sandbox.prometheus.vectors import Key, Sample, Vector, key, only, without


def aggregate(operator: str, modifier: AggModifier | None, vector: Vector, at: int) -> Vector:
    """Aggregate a vector by groups of labels. Raises `ExecutionError` for an operator that is not supported."""
    combine = _OPERATORS.get(operator)
    if combine is None:
        raise ExecutionError(f"aggregation {operator!r} is not supported here")
    groups: defaultdict[Key, list[float]] = defaultdict(list)
    labels: dict[Key, Labels] = {}
    for sample in vector:
        group = _group(modifier, sample.labels)
        labels[key(group)] = group
        groups[key(group)].append(sample.value)
    return [Sample(labels[each], combine(values), at) for each, values in groups.items()]


def _group(modifier: AggModifier | None, labels: Labels) -> Labels:
    if modifier is None:
        return {}
    if modifier.type == AggModifierType.By:
        return only(labels, modifier.labels)
    return without(labels, NAME, *modifier.labels)


def _average(values: list[float]) -> float:
    return sum(values) / len(values)


def _count(values: list[float]) -> float:
    return float(len(values))


def _largest(values: list[float]) -> float:
    """NaN counts only when there is nothing else."""
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def _smallest(values: list[float]) -> float:
    """NaN counts only when there is nothing else."""
    return min((value for value in values if not math.isnan(value)), default=math.nan)


_OPERATORS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "avg": _average,
    "count": _count,
    "max": _largest,
    "min": _smallest,
}
