"""Values of expressions, and how labels identify them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.prometheus.errors import ExecutionError
from sandbox.prometheus.store import NAME, Labels, Series

Key = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of an instant vector. `time` is the moment the value is of, in ms."""

    labels: Labels
    value: float
    time: int


@dataclass(frozen=True, slots=True)
class Window:
    """A range vector: series, and the range of time (ms, both ends included) that is looked at."""

    series: list[Series]
    start: int
    end: int


Vector = list[Sample]
Value = float | Vector | Window


def without(labels: Labels, *names: str) -> Labels:
    """Labels but for these."""
    return {name: value for name, value in labels.items() if name not in names}


def only(labels: Labels, names: Iterable[str]) -> Labels:
    """These labels, where there are such."""
    return {name: labels[name] for name in names if name in labels}


def nameless(labels: Labels) -> Labels:
    """Labels without the metric's name, which no computed value keeps."""
    return without(labels, NAME)


def key(labels: Labels) -> Key:
    """What identifies labels among others."""
    return frozenset(labels.items())


def distinct(vector: Vector) -> Vector:
    """The vector itself. Raises `ExecutionError` when two elements have the same labels."""
    if len({key(sample.labels) for sample in vector}) != len(vector):
        raise ExecutionError("vector cannot contain metrics with the same labelset")
    return vector
