"""Which pods stand behind each service and subset, as groups that Envoy can tell apart. No I/O."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from sandbox.mesh.objects import (
    Backend,
    Labels,
    Object,
    ServiceName,
    World,
    full_host,
    is_serving,
    name_of,
    oldest_first,
    selects,
    version_of,
    workload_of,
)

PortOf = Callable[[Object], int | None]


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """One Envoy cluster: the pods of one workload and version behind one subset of a service.

    Finer than Istio's clusters, because Envoy counts by cluster and Istio's metrics are told by workload and version.
    """

    service: ServiceName
    subset: str
    workload: str
    version: str

    @property
    def cluster(self) -> str:
        """Envoy's name for it. It ends in a bar, so that a statistic's name has a readable end of the cluster's."""
        return f"outbound|{self.subset}|{self.service.host}|{self.workload}|{self.version}|"

    @classmethod
    def from_cluster(cls, cluster: str) -> Self:
        """Read back what `cluster` wrote."""
        _, subset, host, workload, version, _ = cluster.split("|")
        name, namespace = host.split(".")[:2]
        return cls(ServiceName(namespace, name), subset, workload, version)


Groups = Mapping[Destination, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Directory:
    """Services by full host name, and their groups of ports by subset (the empty subset is the whole service)."""

    ports: Mapping[str, frozenset[int]]
    groups: Mapping[str, Mapping[str, Groups]]

    def shares(self, host: str, subset: str, port: int | None) -> dict[str, int]:
        """Pods by cluster behind a destination; empty where host, port or subset do not exist or nothing is ready."""
        if port is not None and port not in self.ports.get(host, ()):
            return {}
        groups = self.groups.get(host, {}).get(subset, {})
        return {destination.cluster: len(ports) for destination, ports in groups.items()}

    def endpoints(self) -> dict[Destination, tuple[int, ...]]:
        """Loopback ports of every group there is, routed to or not."""
        return {
            destination: ports
            for subsets in self.groups.values()
            for groups in subsets.values()
            for destination, ports in groups.items()
        }


def directory(world: World, port_of: PortOf) -> Directory:
    """Read services, subsets and serving pods."""
    backends = [each for pod in world.pods if (each := _backend(pod, port_of))]
    subsets = _subsets(world)
    groups = {}
    ports = {}
    for service in world.services:
        name = name_of(service)
        selector = service["spec"].get("selector") or {}
        members = [
            each for each in backends if each.namespace == name.namespace and selects(selector, each.labels)
        ]
        ports[name.host] = frozenset(port["port"] for port in service["spec"].get("ports") or ())
        groups[name.host] = {
            subset: _grouped(
                name, subset, [each for each in members if not labels or selects(labels, each.labels)]
            )
            for subset, labels in {"": {}, **subsets[name.host]}.items()
        }
    return Directory(ports, groups)


def _backend(pod: Object, port_of: PortOf) -> Backend | None:
    port = port_of(pod) if is_serving(pod) else None
    if port is None:
        return None
    name = name_of(pod)
    labels = pod["metadata"].get("labels") or {}
    return Backend(name.namespace, name.name, workload_of(pod), version_of(pod), labels, port)


def _subsets(world: World) -> defaultdict[str, dict[str, Labels]]:
    """Subsets by full host; of several rules for one host the oldest subset of a name counts."""
    found: defaultdict[str, dict[str, Labels]] = defaultdict(dict)
    for rule in oldest_first(world.destination_rules):
        host = full_host(rule["spec"]["host"], name_of(rule).namespace)
        for subset in rule["spec"].get("subsets") or ():
            found[host].setdefault(subset["name"], subset.get("labels") or {})
    return found


def _grouped(service: ServiceName, subset: str, members: list[Backend]) -> Groups:
    grouped: defaultdict[Destination, list[int]] = defaultdict(list)
    for each in members:
        grouped[Destination(service, subset, each.workload, each.version)].append(each.port)
    return {destination: tuple(sorted(grouped[destination])) for destination in sorted(grouped)}
