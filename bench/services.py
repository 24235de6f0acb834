"""The services of the bench: their catalogue, and their objects as they stand once adopted. Pure."""

from typing import Any

Document = dict[str, Any]

NAMESPACE = "shop"
CHANNEL = "#shop-releases"
STABLE, TARGET = "v1.2.9", "v1.3.0"
WEIGHT = 5
"""Percent of the traffic that a release of the bench gives its canary, until it ends."""

_ISTIO = "networking.istio.io/v1"
_TRACK = "lockmaster.dev/track"


def names(count: int) -> tuple[str, ...]:
    """`svc-000` and so on."""
    return tuple(f"svc-{number:03}" for number in range(count))


def command(service: str) -> str:
    """What is typed to release a service, and have it stay at its first weight."""
    return f"{service} {TARGET} canary {WEIGHT}% every 1h ask"


def catalogue(services: tuple[str, ...]) -> Document:
    """The bot's `services.yaml`."""
    defaults = {
        "namespace": NAMESPACE,
        "channel": CHANNEL,
        "rules": {
            "errors": {"limit": "0.5%", "over": "1m", "hard": "5%"},
            "p95": {"worse_than_stable": "20%", "over": "1m", "hard": "100%"},
        },
        "approvers": {"promote": {"group": "@shop-leads", "not_requester": True}},
    }
    entries = {
        name: {
            "image": f"registry.example/{NAMESPACE}/{name}",
            "traffic": {"istio": {"virtual_service": name, "destination_rule": name}},
        }
        for name in services
    }
    return {"defaults": defaults, "services": entries}


def manifests(services: tuple[str, ...]) -> list[Document]:
    """Namespace and services, each adopted already, so that a release changes weights alone."""
    found: list[Document] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}]
    for name in services:
        found += [_service(name), _deployment(name), _rule(name), _route(name)]
    return found


def _object(api: str, kind: str, name: str, spec: Document) -> Document:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"app": name}}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def _service(name: str) -> Document:
    port = {"name": "http", "port": 80, "targetPort": 8080}
    return _object("v1", "Service", name, {"selector": {"app": name}, "ports": [port]})


def _deployment(name: str) -> Document:
    container = {"name": name, "image": f"registry.example/{NAMESPACE}/{name}:{STABLE}"}
    labels = {"app": name, "version": STABLE, _TRACK: "stable"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    selector = {"matchLabels": {"app": name, _TRACK: "stable"}}
    return _object("apps/v1", "Deployment", name, {"replicas": 1, "selector": selector, "template": template})


def _rule(name: str) -> Document:
    subsets = [{"name": track, "labels": {_TRACK: track}} for track in ("stable", "canary")]
    return _object(_ISTIO, "DestinationRule", name, {"host": name, "subsets": subsets})


def _route(name: str) -> Document:
    routes = [
        {"destination": {"host": name, "subset": track}, "weight": weight}
        for track, weight in (("stable", 100), ("canary", 0))
    ]
    return _object(_ISTIO, "VirtualService", name, {"hosts": [name], "http": [{"route": routes}]})
