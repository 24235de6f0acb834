"""Shares of traffic as Istio's integers. Their sum is anything but 0; they need not add up to 100."""

from bot.release.model import Split
from bot.release.weight import Weight

WHOLE = 10_000
"""Basis points."""


def numbers_of(split: Split) -> tuple[int, int]:
    """Stable's and the canary's integers: percents where they are whole (95, 5), else basis points (9950, 50)."""
    stable, canary = split.stable.basis_points, split.canary.basis_points
    return (stable, canary) if canary % 100 else (stable // 100, canary // 100)


def split_of(stable: int, canary: int) -> Split | None:
    """Any two integers as shares; None for two zeros. A share that is not zero never reads as zero."""
    total = stable + canary
    if total == 0:
        return None
    points = (WHOLE * canary + total // 2) // total
    low, high = (1 if canary else 0), (WHOLE - 1 if stable else WHOLE)
    return Split.of(Weight(min(max(points, low), high)))
