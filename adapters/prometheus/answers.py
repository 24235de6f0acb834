"""What Prometheus answered, or why it is no answer."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from adapters.prometheus.promql import NAMESPACE, WORKLOAD
from bot.errors import Unavailable
from bot.ports.metrics import Histogram, WorkloadKey

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Vector:
    """One number a workload (NaN and infinite ones included), and what the source warns of."""

    values: Mapping[WorkloadKey, float]
    warnings: tuple[str, ...]


def vector(status: int, body: bytes) -> Vector:
    """Read an answer of /api/v1/query. Raises `Unavailable("prometheus", …)` for anything but a vector."""
    answer = _answer(status, body)
    warnings = answer.get("warnings") or ()
    return Vector(_values(answer, _workload), tuple(str(warning) for warning in warnings))


def histograms(status: int, body: bytes) -> Mapping[WorkloadKey, Histogram]:
    """Read an answer that has a number for each workload and bucket. Raises `Unavailable` as `vector` does."""
    found: defaultdict[WorkloadKey, dict[float, float]] = defaultdict(dict)
    for (key, bound), count in _values(_answer(status, body), _bucket).items():
        found[key][bound] = count
    return found


def _values(answer: Mapping[str, Any], key: Callable[[Mapping[str, str]], Key]) -> dict[Key, float]:
    found = answer.get("data")
    if not isinstance(found, dict) or found.get("resultType") != "vector":
        kind = found.get("resultType") if isinstance(found, dict) else None
        raise Unavailable("prometheus", f"it answered with a {kind or 'shape'} that was not asked for")
    try:
        return {key(element["metric"]): float(element["value"][1]) for element in found["result"]}
    except (KeyError, TypeError, ValueError, IndexError):
        raise Unavailable("prometheus", "it answered with a vector that cannot be read") from None


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


def _workload(labels: Mapping[str, str]) -> WorkloadKey:
    return WorkloadKey(labels[NAMESPACE], labels[WORKLOAD])


def _bucket(labels: Mapping[str, str]) -> tuple[WorkloadKey, float]:
    return _workload(labels), float(labels["le"])


def moment(seconds: float | None) -> float | None:
    """A sample's Unix time, or None where there is none that could be one."""
    return seconds if seconds is not None and math.isfinite(seconds) else None
