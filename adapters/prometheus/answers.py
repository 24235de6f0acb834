"""What Prometheus answered, or why it is no answer."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.prometheus.promql import NAMESPACE, WORKLOAD
from bot.errors import Unavailable
from bot.ports.metrics import WorkloadKey


@dataclass(frozen=True, slots=True)
class Vector:
    """One number a workload (NaN and infinite ones included), and what the source warns of."""

    values: Mapping[WorkloadKey, float]
    warnings: tuple[str, ...]


def vector(status: int, body: bytes) -> Vector:
    """Read an answer of /api/v1/query. Raises `Unavailable("prometheus", …)` for anything but a vector."""
    answer = _answer(status, body)
    found = answer.get("data")
    if not isinstance(found, dict) or found.get("resultType") != "vector":
        kind = found.get("resultType") if isinstance(found, dict) else None
        raise Unavailable("prometheus", f"it answered with a {kind or 'shape'} that was not asked for")
    try:
        values = dict(_element(element) for element in found["result"])
    except (KeyError, TypeError, ValueError, IndexError):
        raise Unavailable("prometheus", "it answered with a vector that cannot be read") from None
    warnings = answer.get("warnings") or ()
    return Vector(values, tuple(str(warning) for warning in warnings))


def number(status: int, body: bytes) -> float | None:
    """Read an answer of one number at most; None without any. Raises `Unavailable` as `vector` does."""
    try:
        found = _answer(status, body)["data"]["result"]
        return float(found[0]["value"][1]) if found else None
    except (KeyError, TypeError, ValueError, IndexError):
        raise Unavailable("prometheus", "it answered with a number that cannot be read") from None


def _answer(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        raise Unavailable("prometheus", f"it answered {status} and no JSON") from None
    if not isinstance(answer, dict) or status != 200 or answer.get("status") != "success":  # noqa: PLR2004  OK
        why = answer.get("error") if isinstance(answer, dict) else None
        raise Unavailable("prometheus", f"it answered {status}: {str(why or 'no success')[:200]}")
    return answer


def _element(element: Mapping[str, Any]) -> tuple[WorkloadKey, float]:
    labels = element["metric"]
    _, number = element["value"]
    return WorkloadKey(labels[NAMESPACE], labels[WORKLOAD]), float(number)


def moment(seconds: float | None) -> float | None:
    """A sample's Unix time, or None where there is none that could be one."""
    return seconds if seconds is not None and math.isfinite(seconds) else None
