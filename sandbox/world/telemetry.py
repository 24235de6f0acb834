"""What the page draws, put together from what clients saw, from the pods and from the route."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal

from sandbox.kube.demo import NAMESPACE, REPLICAS
from sandbox.kube.document import dig
from sandbox.mesh.objects import is_serving, version_of
from sandbox.mesh.telemetry import Second, VersionView
from sandbox.mesh.upstream_http import Behaviour
from sandbox.page.world import Moment, Pod, Sample, Service, Version, Weights
from sandbox.world.cluster import USUAL, Cluster

TRACK_LABEL = "lockmaster.dev/track"
UNANSWERED = "no pod answered"
"""Stands for requests that no pod answered: Envoy refused them itself, or nobody did."""

Track = Literal["stable", "canary"]
Views = Iterable[VersionView]


def services(cluster: Cluster) -> list[Service]:
    """Both services with their last two minutes."""
    now, history = cluster.telemetry.now(), cluster.telemetry.history()
    return [_service(cluster, name, now, history) for name in REPLICAS]


def _service(cluster: Cluster, name: str, now: Views, history: Iterable[Second]) -> Service:
    weights = cluster.weights(name)
    views = [view for view in now if view.service == name]
    return {
        "name": name,
        "namespace": NAMESPACE,
        "weights_ordered": weights,
        "versions": versions(cluster.pods(name), views, weights, partial(cluster.fleet.behaviour, name)),
        "history": [_moment(second, name) for second in history],
    }


def versions(
    pods: Iterable[Mapping[str, Any]],
    views: Views,
    weights: Weights | None,
    behaviour_of: Callable[[str], Behaviour],
) -> list[Version]:
    """Every version of one service that has pods or requests, the stable track first."""
    by_version: dict[str, list[Mapping[str, Any]]] = {}
    for pod in pods:
        by_version.setdefault(version_of(pod), []).append(pod)
    seen = {view.version or UNANSWERED: view for view in views}
    found = []
    for name in by_version | seen:
        own = by_version.get(name, [])
        version = _version(name, _track(own, weights), seen.get(name), own)
        version["trouble"] = _trouble(behaviour_of(name))
        found.append(version)
    return sorted(found, key=lambda version: (version["track"] == "canary", version["version"]))


def _version(name: str, track: Track, view: VersionView | None, pods: list[Mapping[str, Any]]) -> Version:
    return {
        "version": name,
        "track": track,
        "share": view.share if view else 0.0,
        "rps": view.requests_per_s if view else 0.0,
        "error_rate": view.error_rate if view else 0.0,
        "p50_ms": (view.p50_ms if view else None) or 0.0,
        "p95_ms": (view.p95_ms if view else None) or 0.0,
        "pods": [_pod(pod) for pod in pods],
        "trouble": "",
    }


def _track(pods: Iterable[Mapping[str, Any]], weights: Weights | None) -> Track:
    """The track of a version's pods; where it runs on both, at the end of a release, the one with more weight."""
    tracks = {dig(pod, "metadata", "labels", TRACK_LABEL, default="stable") for pod in pods}
    if "canary" not in tracks:
        return "stable"
    if "stable" not in tracks:
        return "canary"
    return "canary" if weights and weights["canary"] > weights["stable"] else "stable"


def _pod(pod: Mapping[str, Any]) -> Pod:
    metadata, status = pod["metadata"], pod.get("status") or {}
    waiting = dig(status, "containerStatuses", 0, "state", "waiting", "reason", default="")
    reason = "Terminating" if metadata.get("deletionTimestamp") else waiting
    return {
        "name": metadata["name"],
        "ready": is_serving(pod),
        "phase": status.get("phase", "Pending"),
        "reason": "" if reason == "ContainerCreating" else reason,
    }


def _moment(second: Second, service: str) -> Moment:
    found = {view.version or UNANSWERED: _sample(view) for view in second.versions if view.service == service}
    return {"t": second.at, "by_version": found}


def _sample(view: VersionView) -> Sample:
    return {
        "share": view.share,
        "error_rate": view.error_rate,
        "p95_ms": view.p95_ms or 0.0,
        "rps": view.requests_per_s,
    }


def _trouble(behaviour: Behaviour) -> str:
    """How it was broken by hand, such as `30 % errors, +250 ms`."""
    slower = behaviour.latency_ms - USUAL.latency_ms
    said = [
        f"{behaviour.error_rate * 100:g} % errors" if behaviour.error_rate else "",
        f"+{slower:g} ms" if slower else "",
        "crash loop" if behaviour.crash else "",
    ]
    return ", ".join(filter(None, said))
