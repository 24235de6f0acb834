"""Envoy's start-up configuration: one listener, everything else from files that are replaced. No I/O."""

from pathlib import Path
from typing import Any

from sandbox.mesh.directory import Destination
from sandbox.mesh.routes import ROUTES

STAT_PREFIX = "mesh"
# Istio's own buckets up to 1 min, and more between 25 ms and 2.5 s, where a demo's P95 lives.
LATENCY_BUCKETS_MS = (
    *(0.5, 1, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 125, 150, 175, 200, 250, 300, 400, 500),
    *(750, 1000, 1500, 2000, 2500, 5000, 10000, 30000, 60000),
)

_TYPE = "type.googleapis.com/envoy."
_HTTP = f"{_TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_NO_LIMIT = 2**32 - 1


def bootstrap(clusters: Path, routes: Path, port: int) -> dict[str, Any]:
    """Configuration for a proxy on `port` (0 takes a free one) that reads clusters and routes from these files."""
    return {
        "node": {"id": "sandbox", "cluster": "sandbox"},
        "admin": {"address": _loopback(0)},
        # Histograms are merged at each flush; a scrape every second must see fresh ones.
        "stats_flush_interval": "0.250s",
        "stats_config": {
            "use_all_default_tags": False,
            "stats_tags": [
                {"tag_name": "envoy.response_code", "regex": r"_rq(_(\d{3}))$"},
                {"tag_name": "envoy.cluster_name", "regex": r"^cluster\.((outbound\|.*\|)\.)"},
            ],
            "histogram_bucket_settings": [
                {"match": {"suffix": "upstream_rq_time"}, "buckets": LATENCY_BUCKETS_MS}
            ],
        },
        "dynamic_resources": {"cds_config": _file_source(clusters)},
        "static_resources": {"listeners": [_listener(routes, port)]},
    }


def cluster(destination: Destination, endpoints: Path) -> dict[str, Any]:
    """One CDS resource, whose endpoints stand in a file of their own."""
    thresholds = {
        f"max_{each}": _NO_LIMIT for each in ("connections", "pending_requests", "requests", "retries")
    }
    return {
        "@type": f"{_TYPE}config.cluster.v3.Cluster",
        "name": destination.cluster,
        "type": "EDS",
        "eds_cluster_config": {"eds_config": _file_source(endpoints)},
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "circuit_breakers": {"thresholds": [thresholds]},
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
    }


def endpoints(destination: Destination, ports: tuple[int, ...]) -> dict[str, Any]:
    """One EDS resource: loopback ports in one locality."""
    found = [{"endpoint": {"address": _loopback(port)}} for port in ports]
    return {
        "@type": f"{_TYPE}config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": destination.cluster,
        "endpoints": [{"lb_endpoints": found}] if found else [],
    }


def routes(configuration: dict[str, Any]) -> dict[str, Any]:
    """The RDS resource."""
    return {"@type": f"{_TYPE}config.route.v3.RouteConfiguration", **configuration}


def _listener(routes: Path, port: int) -> dict[str, Any]:
    router = {"name": "router", "typed_config": {"@type": f"{_TYPE}extensions.filters.http.router.v3.Router"}}
    http = {
        "@type": _HTTP,
        "stat_prefix": STAT_PREFIX,
        "rds": {"route_config_name": ROUTES, "config_source": _file_source(routes)},
        "generate_request_id": False,
        "http_filters": [router],
    }
    chain = {"filters": [{"name": "http", "typed_config": http}]}
    # Without SO_REUSEPORT a port that is taken is an error, not a silent sharing.
    return {
        "name": "outbound",
        "address": _loopback(port),
        "enable_reuse_port": False,
        "filter_chains": [chain],
    }


def _loopback(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _file_source(path: Path) -> dict[str, Any]:
    return {
        "path_config_source": {"path": str(path), "watched_directory": {"path": str(path.parent)}},
        "resource_api_version": "V3",
    }
