"""Objects of one service, `checkout` in namespace `shop`, as people and Lockmaster write them."""

from typing import Any

Object = dict[str, Any]

_ISTIO = "networking.istio.io/v1"
_TRACK = "lockmaster.dev/track"


def service() -> Object:
    spec = {"selector": {"app": "checkout"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _named("checkout"), "spec": spec}


def deployment(name: str, version: str, *, track: str = "", replicas: int = 1) -> Object:
    labels = {"app": "checkout", "version": version, **({_TRACK: track} if track else {})}
    container = {"name": "checkout", "image": f"registry.example/shop/checkout:{version}"}
    template = {"metadata": {"labels": {**labels, "workload": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"workload": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _named(name), "spec": spec}


def pod(name: str, workload: str, version: str, *, track: str = "", ready: bool = True) -> Object:
    """A pod as its ReplicaSet and kubelet would have made it."""
    labels = {
        "app": "checkout",
        "version": version,
        "pod-template-hash": "abc",
        **({_TRACK: track} if track else {}),
    }
    owner = {"kind": "ReplicaSet", "name": f"{workload}-abc"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**_named(name), "labels": labels, "ownerReferences": [owner]},
        "spec": {"containers": [{"image": f"registry.example/shop/checkout:{version}"}]},
        "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }


def destination_rule(*subsets: str) -> Object:
    found = [{"name": each, "labels": {_TRACK: each}} for each in subsets]
    spec = {"host": "checkout", "subsets": found}
    return {"apiVersion": _ISTIO, "kind": "DestinationRule", "metadata": _named("checkout"), "spec": spec}


def virtual_service(*http: Object, name: str = "checkout") -> Object:
    spec = {"hosts": [name], "http": list(http)}
    return {"apiVersion": _ISTIO, "kind": "VirtualService", "metadata": _named(name), "spec": spec}


def split(**weights: int) -> Object:
    """A route that splits over subsets of checkout."""
    return {
        "route": [
            {"destination": {"host": "checkout", "subset": subset}, "weight": weight}
            for subset, weight in weights.items()
        ]
    }


UNADOPTED: Object = {"route": [{"destination": {"host": "checkout"}}]}


def _named(name: str) -> Object:
    return {"name": name, "namespace": "shop"}
