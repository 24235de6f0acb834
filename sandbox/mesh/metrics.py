"""Istio's standard metrics, made from Envoy's own counters, at an HTTP endpoint for Prometheus."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric, UnknownMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from sandbox.mesh.directory import Destination
from sandbox.mesh.envoy import Envoy, EnvoyError

_FILTER = r"^cluster\.outbound.*\.upstream_rq_(time|\d{3})$"
_REQUESTS = "envoy_cluster_upstream_rq"
_TIME = "envoy_cluster_upstream_rq_time"
_LABELS = (
    "reporter",
    "destination_workload",
    "destination_workload_namespace",
    "destination_service_name",
    "destination_service_namespace",
    "destination_version",
)

_Labels = tuple[str, ...]
# What Envoy counts by: cluster, metric, and response code or bucket's bound.
_Raw = tuple[str, str, str]


class Totals:
    """Envoy's counters summed up by what Istio tells apart, never going back when Envoy forgets a cluster."""

    def __init__(self) -> None:
        self._raw: dict[_Raw, float] = {}
        self._totals: defaultdict[tuple[_Labels, str, str], float] = defaultdict(float)

    def take(self, raw: Mapping[_Raw, float]) -> dict[_Labels, dict[tuple[str, str], float]]:
        """Add what was counted since the last call; return the totals of every workload Envoy still knows."""
        seen = {cluster: labels_of(Destination.from_cluster(cluster)) for cluster, _, _ in raw}
        for (cluster, metric, what), value in raw.items():
            before = self._raw.get((cluster, metric, what), 0.0)
            self._totals[seen[cluster], metric, what] += value - before if value >= before else value
        self._raw = dict(raw)
        found: dict[_Labels, dict[tuple[str, str], float]] = {labels: {} for labels in seen.values()}
        for (labels, metric, what), total in self._totals.items():
            if labels in found:
                found[labels][metric, what] = total
        return found


def labels_of(destination: Destination) -> _Labels:
    """Values of Istio's labels for one Envoy cluster, in the order of the metrics' label names."""
    service = destination.service
    return (
        "destination",
        *(destination.workload, service.namespace),
        *(service.name, service.namespace),
        destination.version,
    )


def raw_counters(text: str) -> dict[_Raw, float]:
    """Read Envoy's Prometheus text."""
    raw = {}
    # Without its comments the text is untyped, and the parser leaves the names of counters as they are.
    samples = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    for family in text_string_to_metric_families(samples):
        for sample in family.samples:
            cluster = sample.labels.get("envoy_cluster_name")
            if cluster and sample.name.startswith(_REQUESTS):
                what = sample.labels.get("envoy_response_code") or sample.labels.get("le", "")
                raw[cluster, sample.name, what] = sample.value
    return raw


def istio_metrics(totals: Mapping[_Labels, Mapping[tuple[str, str], float]]) -> Iterator[Metric]:
    """Yield both standard metrics.

    Envoy times requests without telling codes apart, so the histogram has no `response_code`.
    """
    requests = CounterMetricFamily(
        "istio_requests", "Requests by destination.", labels=(*_LABELS, "response_code")
    )
    duration = HistogramMetricFamily(
        "istio_request_duration_milliseconds", "Time to the answer's end in ms.", labels=_LABELS
    )
    for labels, found in sorted(totals.items()):
        for (metric, what), total in sorted(found.items()):
            if metric == _REQUESTS:
                requests.add_metric((*labels, what), total)
        bounds = sorted((what for metric, what in found if metric == f"{_TIME}_bucket"), key=float)
        if bounds:
            buckets = [(bound, found[f"{_TIME}_bucket", bound]) for bound in bounds]
            duration.add_metric(labels, buckets, found[f"{_TIME}_sum", ""])
    yield requests
    yield duration


class MetricsExporter:
    """`/metrics` of the mesh: Istio's standard metrics, and istiod's `pilot_total_xds_rejects`.

    `port` 0 takes a free one. Answers 503 while Envoy does not.
    """

    def __init__(self, envoy: Envoy, port: int = 0) -> None:
        self._envoy = envoy
        self._totals = Totals()
        self._port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; safe to call twice."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def address(self) -> str:
        """Host and port, as Prometheus wants its targets."""
        return f"127.0.0.1:{self._port}"

    async def _metrics(self, _: web.Request) -> web.Response:
        try:
            text = await self._envoy.admin(f"/stats/prometheus?usedonly&filter={_FILTER}")
        except EnvoyError as error:
            return web.Response(status=503, text=str(error))
        found = [*istio_metrics(self._totals.take(raw_counters(text))), self._rejects()]
        return web.Response(body=exposition(found), content_type="text/plain", charset="utf-8")

    def _rejects(self) -> Metric:
        # As a counter it would get the suffix `_total`, which istiod's has not.
        family = UnknownMetricFamily(
            "pilot_total_xds_rejects", "Configurations Envoy refused.", labels=("type",)
        )
        for kind, count in self._envoy.refused.items():
            family.add_metric((kind,), count)
        return family


class _Once:
    """A collector of families that exist already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        return self._families


def exposition(families: Iterable[Metric]) -> bytes:
    """Prometheus text of these families."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(families))
    return generate_latest(registry)
