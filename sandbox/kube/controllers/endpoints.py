"""The EndpointSlice controller: one slice a Service with a selector, listing its pods by readiness."""

from collections.abc import Iterable

from sandbox.kube.controllers.loop import Key
from sandbox.kube.controllers.replicasets import pod_is_ready
from sandbox.kube.document import Document, dig, labels_of
from sandbox.kube.registry import Registry, random_suffix
from sandbox.kube.resources import ENDPOINT_SLICE, POD, SERVICE
from sandbox.kube.store import Change

_SERVICE_LABEL = "kubernetes.io/service-name"
_KEEPER = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}


class EndpointSlices:
    """Keeps one slice a Service, however many pods it has. Selectors and members are an index, not a memory."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._selectors: dict[str, dict[str, set[tuple[str, str]]]] = {}
        self._members: dict[Key, set[str]] = {}

    def keys(self, change: Change) -> Iterable[Key]:
        """The Service that changed, or those that select the pod now or did so before."""
        meta = change.document["metadata"]
        namespace, name = meta.get("namespace", ""), meta["name"]
        if change.resource is SERVICE:
            self._index(change)
            return [(namespace, name)]
        if change.resource is not POD:
            return []
        labels = set() if change.type == "DELETED" else set(labels_of(change.document).items())
        found = []
        for service, selector in self._selectors.get(namespace, {}).items():
            members = self._members[namespace, service]
            if selector <= labels:
                members.add(name)
                found.append((namespace, service))
            elif name in members:
                members.discard(name)
                found.append((namespace, service))
        return found

    def _index(self, change: Change) -> None:
        meta = change.document["metadata"]
        namespace, name = meta["namespace"], meta["name"]
        selector = set(dig(change.document, "spec", "selector", default={}).items())
        if change.type == "DELETED" or not selector:
            self._selectors.get(namespace, {}).pop(name, None)
            self._members.pop((namespace, name), None)
        elif self._selectors.setdefault(namespace, {}).get(name) != selector:
            self._selectors[namespace][name] = selector
            pods = self._registry.store.documents(POD, namespace)
            chosen = {pod["metadata"]["name"] for pod in pods if selector <= labels_of(pod).items()}
            self._members[namespace, name] = chosen

    def look(self, key: Key) -> float | None:
        """Write the slice as it should be; the slice of a Service that is gone is the garbage collector's."""
        service = self._registry.store.get(SERVICE, *key)
        if service is None or key not in self._members:
            return None
        found = (self._registry.store.get(POD, key[0], name) for name in sorted(self._members[key]))
        pods = [pod for pod in found if pod]
        content = {
            "addressType": "IPv4",
            "endpoints": [_endpoint(pod) for pod in pods if dig(pod, "status", "podIP")],
            "ports": [_port(port, pods) for port in dig(service, "spec", "ports", default=[])],
        }
        owned = self._registry.store.owned_by(service["metadata"]["uid"])
        present = next((document for document in owned if document["kind"] == ENDPOINT_SLICE.kind), None)
        if present:
            place = key[0], present["metadata"]["name"]
            self._registry.modify(ENDPOINT_SLICE, place, lambda old: old | content)
        else:
            self._registry.create(ENDPOINT_SLICE, key[0], {"metadata": _metadata(service)} | content)
        return None


def _metadata(service: Document) -> Document:
    meta = service["metadata"]
    reference = {
        "apiVersion": SERVICE.api_version,
        "kind": SERVICE.kind,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "name": f"{meta['name']}-{random_suffix()}",
        "labels": labels_of(service) | _KEEPER | {_SERVICE_LABEL: meta["name"]},
        "ownerReferences": [reference],
    }


def _endpoint(pod: Document) -> Document:
    meta, serving = pod["metadata"], pod_is_ready(pod)
    terminating = "deletionTimestamp" in meta
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": serving and not terminating, "serving": serving, "terminating": terminating},
        "targetRef": {
            "kind": "Pod",
            "namespace": meta["namespace"],
            "name": meta["name"],
            "uid": meta["uid"],
        },
        "nodeName": pod["spec"]["nodeName"],
    }


def _port(port: Document, pods: list[Document]) -> Document:
    """A named target port is looked up in the first pod's containers."""
    target = port["targetPort"]
    if isinstance(target, str):
        ports = [
            found
            for pod in pods[:1]
            for container in pod["spec"]["containers"]
            for found in container.get("ports", ())
        ]
        target = next((found["containerPort"] for found in ports if found.get("name") == target), None)
    return {"name": port.get("name", ""), "protocol": port["protocol"], "port": target}
