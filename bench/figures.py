"""Measured values as the figures that are reported, each with its goal. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table. `met` None: there is no goal, the figure is for information."""

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is met, in a word."""
        if self.met is None:
            return ""
        return "met" if self.met else "**MISSED**"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that belong together, and how they came to be."""

    title: str
    how: str
    figures: tuple[Figure, ...]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of them do not exceed; with few values, p99 is the largest."""
    if not values:
        raise ValueError("there is no percentile of nothing")
    ordered = sorted(values)
    return ordered[max(0, -int(-percent * len(ordered) // 100) - 1)]


def milliseconds(seconds: float) -> str:
    """`1.23 ms`, with as many digits as mean something."""
    value = seconds * 1000
    return f"{value:.0f} ms" if value >= 100 else f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def spread(values: Sequence[float]) -> str:
    """p50, p90 and p99 of seconds, and how many they are."""
    shown = ", ".join(f"p{percent} {milliseconds(percentile(values, percent))}" for percent in (50, 90, 99))
    return f"{shown} (n = {len(values)})"


def within(what: str, values: Sequence[float], percent: int, seconds: float) -> Figure:
    """A figure of seconds whose percentile has a limit."""
    goal = f"p{percent} ≤ {milliseconds(seconds)}"
    return Figure(what, spread(values), goal, met=percentile(values, percent) <= seconds)


def most(what: str, value: float, limit: float, unit: str) -> Figure:
    """A figure with an upper limit in its own unit."""
    return Figure(
        what,
        f"{value:.2f} {unit}" if value < 10 else f"{value:.0f} {unit}",
        f"≤ {limit:g} {unit}",
        met=value <= limit,
    )
