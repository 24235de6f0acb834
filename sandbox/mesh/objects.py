"""What the mesh reads of Kubernetes' and Istio's objects, in the few words it needs. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]
Labels = Mapping[str, str]

PORT_ANNOTATION = "sandbox.lockmaster.dev/port"
_UNKNOWN_VERSION = "unknown"


@dataclass(frozen=True, slots=True)
class World:
    """Every object the mesh watches, as the API server last told."""

    pods: tuple[Object, ...] = ()
    services: tuple[Object, ...] = ()
    virtual_services: tuple[Object, ...] = ()
    destination_rules: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ServiceName:
    """A Kubernetes Service by namespace and name."""

    namespace: str
    name: str

    @property
    def host(self) -> str:
        """Its full host name in the cluster."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"


@dataclass(frozen=True, slots=True)
class Backend:
    """A pod that may receive requests: ready, not terminating, and listening on a loopback port."""

    namespace: str
    name: str
    workload: str
    version: str
    labels: Labels
    port: int


def full_host(host: str, namespace: str) -> str:
    """Resolve a host as Istio does: only a name without dots means a Service in the object's own namespace."""
    return host if "." in host else f"{host}.{namespace}.svc.cluster.local"


def name_of(obj: Object) -> ServiceName:
    """Namespace and name of any object."""
    metadata = obj["metadata"]
    return ServiceName(metadata.get("namespace", "default"), metadata["name"])


def selects(selector: Labels, labels: Labels) -> bool:
    """Whether all labels of the selector stand among `labels`; an empty selector selects nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def oldest_first(objects: Iterable[Object]) -> list[Object]:
    """Objects in Istio's order of precedence: creation time, then name."""
    return sorted(objects, key=lambda obj: (obj["metadata"].get("creationTimestamp") or "", name_of(obj)))


def workload_of(pod: Object) -> str:
    """Name of the Deployment a pod belongs to, read off its ReplicaSet's name as Istio does; else of its owner."""
    metadata = pod["metadata"]
    owner = next(iter(metadata.get("ownerReferences") or ()), None)
    if owner is None:
        return str(metadata["name"])
    template = (metadata.get("labels") or {}).get("pod-template-hash", "")
    name = str(owner["name"])
    return name.removesuffix(f"-{template}") if owner.get("kind") == "ReplicaSet" and template else name


def version_of(pod: Object) -> str:
    """The pod's `version` label, as Istio's metrics name it."""
    return str((pod["metadata"].get("labels") or {}).get("version") or _UNKNOWN_VERSION)


def is_serving(pod: Object) -> bool:
    """Whether a pod belongs into endpoints: Ready, and not told to stop."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")


def annotated_port(pod: Object) -> int | None:
    """The loopback port written in the pod's annotation, None without one."""
    port = (pod["metadata"].get("annotations") or {}).get(PORT_ANNOTATION)
    return int(port) if port else None
