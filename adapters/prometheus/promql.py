"""Label matchers and the four questions, as PromQL. Values are escaped: none gets out of its quotes or its alternative."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from bot.ports.metrics import WorkloadKey

NAMESPACE = "destination_workload_namespace"
WORKLOAD = "destination_workload"
REQUESTS = "istio_requests_total"
DURATIONS = "istio_request_duration_milliseconds_bucket"
PUSHES = "pilot_xds_pushes"
REJECTS = "pilot_total_xds_rejects"
_BY = f"{NAMESPACE}, {WORKLOAD}"
_SPECIAL = frozenset(r".+*?()|[]{}^$" + "\\")


class Matching(StrEnum):
    """How a label is compared."""

    IS = "="
    IS_LIKE = "=~"


class Question(StrEnum):
    """What is asked of all workloads at once."""

    REQUESTS = "requests"
    ERRORS = "errors"
    P95 = "p95"
    NEWEST = "newest"


def quoted(value: str) -> str:
    """Write a PromQL string: in double quotes, with Go's escapes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped.translate(_CONTROL)}"'


def one_of(values: Collection[str]) -> str:
    """Write a regular expression (RE2, anchored by Prometheus) that matches these values and no other."""
    return "|".join(_literal(value) for value in sorted(set(values)))


def matcher(label: str, matching: Matching, value: str) -> str:
    """Write one comparison."""
    return f"{label}{matching}{quoted(value)}"


def questions(workloads: Collection[WorkloadKey], window: timedelta) -> Mapping[Question, str]:
    """Ask about all the workloads over the window that ends now; the answers may cover a few more of the same names."""
    span, chosen = _span(window), _chosen(workloads)
    failed = [*chosen, matcher("response_code", Matching.IS_LIKE, "5.*")]
    served, buckets = _series(REQUESTS, chosen), _series(DURATIONS, chosen)
    return {
        Question.REQUESTS: _counted(served, served, span),
        Question.ERRORS: _counted(_series(REQUESTS, failed), served, span),
        Question.P95: f"histogram_quantile(0.95, sum by (le, {_BY}) (rate({buckets}{span})))",
        Question.NEWEST: f"max by ({_BY}) (timestamp({served}))",
    }


def durations(workloads: Collection[WorkloadKey], window: timedelta) -> str:
    """Ask how many requests of each workload fell into each bucket, over the window that ends now."""
    buckets = _series(DURATIONS, _chosen(workloads))
    return f"sum by (le, {_BY}) (increase({buckets}{_span(window)}))"


def presence(metric: str) -> str:
    """Count the series of a metric: none, and still one that counts 0 where there were some in the last hour."""
    return f"count({metric}) or 0 * count(increase({metric}[1h]))"


def grown(metric: str) -> str:
    """Add up what a counter counted in the last 5 minutes, from nothing where a series is new; 0 without any."""
    return f"sum(({metric} unless {metric} offset 5m) or increase({metric}[5m])) or vector(0)"


def _counted(series: str, known: str, span: str) -> str:
    """What the series counted over the span, summed by workload.

    `increase` needs two samples, so the first errors of a workload that never failed would go unseen until the next scrape. A series
    that was not there when the span began counts as it stands, but only where others of its namespace were (after Prometheus itself
    has lost its samples, everything would look new), and only where the workload's other series can be counted over the span or
    are new themselves: with scrapes further apart, new errors would be held against no requests at all.
    """
    before = f"offset {span[1:-1]}"
    new = f"({series} unless {series} {before}) and on ({NAMESPACE}) ({known} {before})"
    whole = f"increase({known}{span}) or ({known} unless on ({_BY}) {known} {before})"
    return f"sum by ({_BY}) (({new} and on ({_BY}) ({whole})) or increase({series}{span}))"


# Go's string escapes for what may not stand in a PromQL string as it is
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F) if chr(code) not in "\n\r"}


@lru_cache(maxsize=4096)
def _literal(value: str) -> str:
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in value)


def _span(window: timedelta) -> str:
    return f"[{round(window.total_seconds() * 1000)}ms]"


def _chosen(workloads: Collection[WorkloadKey]) -> list[str]:
    return [
        matcher("reporter", Matching.IS, "destination"),
        matcher(NAMESPACE, Matching.IS_LIKE, one_of({key.namespace for key in workloads})),
        matcher(WORKLOAD, Matching.IS_LIKE, one_of({key.name for key in workloads})),
    ]


def _series(metric: str, matchers: Collection[str]) -> str:
    return f"{metric}{{{','.join(matchers)}}}"
