"""The demo's cluster: namespace `shop` with the services `checkout` and `payments`, as they are before Lockmaster."""

from sandbox.kube.document import Document

NAMESPACE = "shop"
VERSION = "v1.2.9"
REPLICAS = {"checkout": 3, "payments": 2}
"""The demo's services, by name, with the replicas of their Deployments."""

_ISTIO = "networking.istio.io/v1"
_CONTAINER_PORT = 8080


def image(service: str, version: str = VERSION) -> str:
    """The image of one of the demo's services."""
    return f"registry.example/{NAMESPACE}/{service}:{version}"


def manifests() -> list[Document]:
    """Everything, in the order in which it can be created."""
    found: list[Document] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}]
    for service, replicas in REPLICAS.items():
        found += [_service(service), _deployment(service, replicas), _rule(service), _route(service)]
    return found


def _metadata(service: str) -> Document:
    return {"name": service, "namespace": NAMESPACE, "labels": {"app": service}}


def _service(service: str) -> Document:
    port = {"name": "http", "port": 80, "targetPort": _CONTAINER_PORT}
    spec = {"selector": {"app": service}, "ports": [port]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(service), "spec": spec}


def _deployment(service: str, replicas: int) -> Document:
    container = {
        "name": service,
        "image": image(service),
        "ports": [{"name": "http", "containerPort": _CONTAINER_PORT}],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
    }
    template = {
        "metadata": {"labels": {"app": service, "version": VERSION}},
        "spec": {"containers": [container]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": service}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _metadata(service), "spec": spec}


def _rule(service: str) -> Document:
    spec = {"host": service}
    return {"apiVersion": _ISTIO, "kind": "DestinationRule", "metadata": _metadata(service), "spec": spec}


def _route(service: str) -> Document:
    rule = {"name": "primary", "route": [{"destination": {"host": service}}]}
    spec = {"hosts": [service], "http": [rule]}
    return {"apiVersion": _ISTIO, "kind": "VirtualService", "metadata": _metadata(service), "spec": spec}
