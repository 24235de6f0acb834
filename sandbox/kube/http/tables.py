"""The columns `kubectl get` prints, as the server lays them out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.kube.clock import parse_timestamp
from sandbox.kube.document import Document, dig
from sandbox.kube.resources import (
    AUTOSCALER,
    CONFIG_MAP,
    DEPLOYMENT,
    DESTINATION_RULE,
    DISRUPTION_BUDGET,
    ENDPOINT_SLICE,
    EVENT,
    HTTP_ROUTE,
    LEASE,
    NAMESPACE,
    POD,
    REPLICA_SET,
    SECRET,
    SERVICE,
    VIRTUAL_SERVICE,
    Resource,
)
from sandbox.kube.selectors import selector_text

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_ENDS = ((2 * _MINUTE, 1, "s"), (3 * _HOUR, _MINUTE, "m"), (2 * _DAY, _HOUR, "h"))

Cell = Callable[[Document], Any]
Columns = tuple[tuple[str, Cell], ...]


def columns(resource: Resource) -> list[Document]:
    """The table's head: NAME, what the kind shows, AGE, then what only `-o wide` shows."""
    narrow, wide = _COLUMNS.get(resource.key, ((), ()))
    heads = ["Name", *(title for title, _ in narrow), "Age", *(title for title, _ in wide)]
    priorities = [0] * (len(narrow) + 2) + [1] * len(wide)
    if resource is EVENT:
        heads, priorities = ["Last Seen", "Type", "Reason", "Object", "Message"], [0] * 5
    return [
        {
            "name": head,
            "type": "string",
            "format": "name" if head == "Name" else "",
            "description": head,
            "priority": priority,
        }
        for head, priority in zip(heads, priorities, strict=True)
    ]


def cells(resource: Resource, document: Document, now: datetime) -> list[Any]:
    """One row, in the order of `columns`."""
    if resource is EVENT:
        involved = document["involvedObject"]
        where = f"{involved['kind'].lower()}/{involved['name']}"
        return [
            age(document["lastTimestamp"], now),
            document["type"],
            document["reason"],
            where,
            document["message"],
        ]
    narrow, wide = _COLUMNS.get(resource.key, ((), ()))
    meta = document["metadata"]
    return [
        meta["name"],
        *(cell(document) for _, cell in narrow),
        age(meta["creationTimestamp"], now),
        *(cell(document) for _, cell in wide),
    ]


def age(since: str, now: datetime) -> str:
    """How long ago, in one unit: `45s`, `12m`, `3h`, `9d`."""
    seconds = max(int((now - parse_timestamp(since)).total_seconds()), 0)
    return next(
        (f"{seconds // unit}{letter}" for end, unit, letter in _ENDS if seconds < end), f"{seconds // _DAY}d"
    )


def _at(*path: str, default: Any = "<none>") -> Cell:
    def cell(document: Document) -> Any:
        value = dig(document, *path, default=default)
        return ",".join(map(str, value)) if isinstance(value, list) else value

    return cell


def _json_at(*path: str) -> Cell:
    """A list as the columns of custom resources print it."""
    return lambda document: "" if (value := dig(document, *path)) is None else str(value).replace("'", '"')


def _of(field: str) -> Cell:
    def cell(document: Document) -> str:
        containers = dig(document, "spec", "template", "spec", "containers", default=[])
        return ",".join(container.get(field, "") for container in containers)

    return cell


def _deployment_ready(document: Document) -> str:
    return f"{dig(document, 'status', 'readyReplicas', default=0)}/{document['spec']['replicas']}"


def _selector(document: Document) -> str:
    return selector_text(dig(document, "spec", "selector", default={}))


def _pod_ready(document: Document) -> str:
    statuses = dig(document, "status", "containerStatuses", default=[])
    return f"{sum(s['ready'] for s in statuses)}/{len(document['spec']['containers'])}"


def _pod_status(document: Document) -> str:
    if "deletionTimestamp" in document["metadata"]:
        return "Terminating"
    for status in dig(document, "status", "containerStatuses", default=[]):
        for state in ("waiting", "terminated"):
            if reason := dig(status, "state", state, "reason"):
                return str(reason)
    return str(dig(document, "status", "phase", default="Unknown"))


def _pod_restarts(document: Document) -> int:
    return sum(s["restartCount"] for s in dig(document, "status", "containerStatuses", default=[]))


def _service_ports(document: Document) -> str:
    ports = dig(document, "spec", "ports", default=[])
    return ",".join(f"{port['port']}/{port['protocol']}" for port in ports) or "<none>"


def _map(*path: str) -> Cell:
    return lambda document: (
        ",".join(f"{k}={v}" for k, v in dig(document, *path, default={}).items()) or "<none>"
    )


def _scale_target(document: Document) -> str:
    target = dig(document, "spec", "scaleTargetRef", default={})
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def _slice_ports(document: Document) -> str:
    return ",".join(str(port.get("port")) for port in document.get("ports", ())) or "<unset>"


def _slice_endpoints(document: Document) -> str:
    return (
        ",".join(a for endpoint in document.get("endpoints", ()) for a in endpoint["addresses"]) or "<unset>"
    )


def _count(field: str) -> Cell:
    return lambda document: len(document.get(field, {}))


_TEMPLATE: Columns = (("Containers", _of("name")), ("Images", _of("image")), ("Selector", _selector))
_COLUMNS: dict[str, tuple[Columns, Columns]] = {
    NAMESPACE.key: ((("Status", _at("status", "phase")),), ()),
    POD.key: (
        (("Ready", _pod_ready), ("Status", _pod_status), ("Restarts", _pod_restarts)),
        (("IP", _at("status", "podIP")), ("Node", _at("spec", "nodeName"))),
    ),
    SERVICE.key: (
        (
            ("Type", _at("spec", "type")),
            ("Cluster-IP", _at("spec", "clusterIP")),
            ("External-IP", _at("spec", "externalIPs")),
            ("Port(s)", _service_ports),
        ),
        (("Selector", _map("spec", "selector")),),
    ),
    CONFIG_MAP.key: ((("Data", _count("data")),), ()),
    SECRET.key: ((("Type", _at("type", default="Opaque")), ("Data", _count("data"))), ()),
    DEPLOYMENT.key: (
        (
            ("Ready", _deployment_ready),
            ("Up-to-date", _at("status", "updatedReplicas", default=0)),
            ("Available", _at("status", "availableReplicas", default=0)),
        ),
        _TEMPLATE,
    ),
    REPLICA_SET.key: (
        (
            ("Desired", _at("spec", "replicas")),
            ("Current", _at("status", "replicas", default=0)),
            ("Ready", _at("status", "readyReplicas", default=0)),
        ),
        _TEMPLATE,
    ),
    ENDPOINT_SLICE.key: (
        (("AddressType", _at("addressType")), ("Ports", _slice_ports), ("Endpoints", _slice_endpoints)),
        (),
    ),
    AUTOSCALER.key: (
        (
            ("Reference", _scale_target),
            ("MinPods", _at("spec", "minReplicas")),
            ("MaxPods", _at("spec", "maxReplicas")),
            ("Replicas", _at("status", "currentReplicas", default=0)),
        ),
        (),
    ),
    DISRUPTION_BUDGET.key: (
        (
            ("Min Available", _at("spec", "minAvailable", default="N/A")),
            ("Max Unavailable", _at("spec", "maxUnavailable", default="N/A")),
        ),
        (),
    ),
    LEASE.key: ((("Holder", _at("spec", "holderIdentity", default="")),), ()),
    VIRTUAL_SERVICE.key: (
        (("Gateways", _json_at("spec", "gateways")), ("Hosts", _json_at("spec", "hosts"))),
        (),
    ),
    DESTINATION_RULE.key: ((("Host", _at("spec", "host", default="")),), ()),
    HTTP_ROUTE.key: ((("Hostnames", _json_at("spec", "hostnames")),), ()),
}
