import aiohttp

from sandbox.mesh.metrics import Totals, exposition, istio_metrics, raw_counters
from tests.sandbox.mesh.small_mesh import SmallMesh

_STABLE = "outbound|stable|checkout.shop.svc.cluster.local|checkout|v1.2.9|"
_ALL = "outbound||checkout.shop.svc.cluster.local|checkout|v1.2.9|"
_REQUESTS = "envoy_cluster_upstream_rq"
_ENVOY = f"""\
# TYPE envoy_cluster_upstream_rq counter
envoy_cluster_upstream_rq{{envoy_response_code="200",envoy_cluster_name="{_STABLE}"}} 90
envoy_cluster_upstream_rq{{envoy_response_code="503",envoy_cluster_name="{_STABLE}"}} 2
envoy_cluster_upstream_rq{{envoy_response_code="200",envoy_cluster_name="{_ALL}"}} 10
# TYPE envoy_cluster_upstream_rq_time histogram
envoy_cluster_upstream_rq_time_bucket{{envoy_cluster_name="{_STABLE}",le="5"}} 80
envoy_cluster_upstream_rq_time_bucket{{envoy_cluster_name="{_STABLE}",le="+Inf"}} 90
envoy_cluster_upstream_rq_time_sum{{envoy_cluster_name="{_STABLE}"}} 450.5
envoy_cluster_upstream_rq_time_count{{envoy_cluster_name="{_STABLE}"}} 90
"""
_LABELS = (
    'destination_service_name="checkout",destination_service_namespace="shop",destination_version="v1.2.9",'
    'destination_workload="checkout",destination_workload_namespace="shop"'
)
_ISTIO = f"""\
# HELP istio_requests_total Requests by destination.
# TYPE istio_requests_total counter
istio_requests_total{{{_LABELS},reporter="destination",response_code="200"}} 100.0
istio_requests_total{{{_LABELS},reporter="destination",response_code="503"}} 2.0
# HELP istio_request_duration_milliseconds Time to the answer's end in ms.
# TYPE istio_request_duration_milliseconds histogram
istio_request_duration_milliseconds_bucket{{{_LABELS},le="5",reporter="destination"}} 80.0
istio_request_duration_milliseconds_bucket{{{_LABELS},le="+Inf",reporter="destination"}} 90.0
istio_request_duration_milliseconds_count{{{_LABELS},reporter="destination"}} 90.0
istio_request_duration_milliseconds_sum{{{_LABELS},reporter="destination"}} 450.5
"""


def test_envoys_counters_of_a_workloads_clusters_become_istios_metrics() -> None:
    assert exposition(istio_metrics(Totals().take(raw_counters(_ENVOY)))).decode() == _ISTIO


def test_totals_never_go_back_when_envoy_forgets_a_cluster_or_starts_again() -> None:
    totals = Totals()

    def total(raw: dict[str, float]) -> float:
        found = totals.take({(cluster, _REQUESTS, "200"): count for cluster, count in raw.items()})
        return sum(counts[_REQUESTS, "200"] for counts in found.values())

    assert total({_STABLE: 100, _ALL: 50}) == 150
    assert total({_STABLE: 110}) == 160
    assert total({_STABLE: 110, _ALL: 5}) == 165
    assert total({_STABLE: 3, _ALL: 6}) == 169


def test_a_workload_that_envoy_no_longer_knows_has_no_series() -> None:
    totals = Totals()
    totals.take({(_STABLE, _REQUESTS, "200"): 100})
    assert totals.take({}) == {}


async def test_without_envoy_the_endpoint_says_unavailable(mesh: SmallMesh) -> None:
    await mesh.envoy.stop()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{mesh.exporter.address}/metrics") as answer,
    ):
        assert (answer.status, await answer.text()) == (503, "does not run")
