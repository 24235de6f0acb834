"""The arithmetic of a Deployment: how many replicas each ReplicaSet may have now. Pure."""

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

from sandbox.kube.document import Document, annotations_of, clone, dig

REVISION = "deployment.kubernetes.io/revision"
POD_TEMPLATE_HASH = "pod-template-hash"

_HASH_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_HASH_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rolling update must keep to: pods at most, and available pods at least."""

    wanted: int
    most: int
    least_available: int


def bounds(deployment: Document) -> Bounds:
    """The limits from `replicas`, `maxSurge` and `maxUnavailable`; percentages round up and down respectively."""
    spec = deployment["spec"]
    wanted: int = spec["replicas"]
    rolling = dig(spec, "strategy", "rollingUpdate", default={})
    surge = _share(rolling.get("maxSurge", 0), wanted, up=True)
    unavailable = min(_share(rolling.get("maxUnavailable", 0), wanted, up=False), wanted)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Bounds(wanted, wanted + surge, wanted - unavailable)


def _share(value: Any, of: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    exact = int(str(value).removesuffix("%")) * of / 100
    return math.ceil(exact) if up else math.floor(exact)


def template_hash(template: Document) -> str:
    """A word that differs between pod templates."""
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    return "".join(_HASH_LETTERS[byte % len(_HASH_LETTERS)] for byte in digest[:_HASH_LENGTH])


def plain_template(replica_set: Document) -> Document:
    """The ReplicaSet's template as its Deployment wrote it, without the hash label."""
    template: Document = clone(replica_set["spec"]["template"])
    labels = dig(template, "metadata", "labels", default={})
    labels.pop(POD_TEMPLATE_HASH, None)
    return template


def revision_of(document: Document) -> int:
    """The revision number a Deployment or ReplicaSet carries; 0 before it has one."""
    return int(annotations_of(document).get(REVISION, "0"))


def new_size(deployment: Document, new: Document, old: list[Document]) -> int:
    """Replicas the new ReplicaSet should have now: what the surge leaves room for."""
    limit, has = bounds(deployment), int(new["spec"]["replicas"])
    if has >= limit.wanted or dig(deployment, "spec", "strategy", "type") == "Recreate":
        return limit.wanted
    room = limit.most - has - total(old, "spec")
    return has + min(max(room, 0), limit.wanted - has)


def old_sizes(deployment: Document, new: Document, old: list[Document]) -> dict[str, int]:
    """Replicas of each old ReplicaSet, by name, that has to change now: unhealthy pods go first, then the oldest."""
    limit = bounds(deployment)
    pods = total([new, *old], "spec")
    new_unavailable = new["spec"]["replicas"] - _available(new)
    sizes = {rs["metadata"]["name"]: int(rs["spec"]["replicas"]) for rs in old}
    spare = pods - limit.least_available - new_unavailable
    if spare <= 0:
        return {}
    for rs in _oldest_first(old):
        unhealthy = min(max(sizes[rs["metadata"]["name"]] - _available(rs), 0), max(spare, 0))
        sizes[rs["metadata"]["name"]] -= unhealthy
        spare -= unhealthy
    spare = sum(_available(rs) for rs in [new, *old]) - limit.least_available
    for rs in _oldest_first(old):
        removed = min(sizes[rs["metadata"]["name"]], max(spare, 0))
        sizes[rs["metadata"]["name"]] -= removed
        spare -= removed
    return {
        rs["metadata"]["name"]: n
        for rs in old
        if (n := sizes[rs["metadata"]["name"]]) != rs["spec"]["replicas"]
    }


def scaled_sizes(deployment: Document, active: list[Document]) -> dict[str, int]:
    """The ReplicaSets' replicas after the Deployment was scaled in the middle of a rollout: in proportion."""
    limit, have = bounds(deployment), total(active, "spec")
    allowed = limit.most if limit.wanted else 0
    if len(active) == 1:
        allowed = limit.wanted
    missing = allowed - have
    sizes: dict[str, int] = {}
    for rs in sorted(active, key=lambda rs: -rs["spec"]["replicas"]):
        size = int(rs["spec"]["replicas"])
        fair = round(size * allowed / have) - size if have else missing
        step = max(min(fair, missing), 0) if missing > 0 else min(max(fair, missing), 0)
        sizes[rs["metadata"]["name"]] = size + step
        missing -= step
    if missing and sizes:
        first = next(iter(sizes))
        sizes[first] = max(sizes[first] + missing, 0)
    return sizes


def total(replica_sets: list[Document], part: str, field: str = "replicas") -> int:
    """The sum of a count over ReplicaSets; `part` is `spec` or `status`."""
    return sum(int(dig(rs, part, field, default=0)) for rs in replica_sets)


def _available(replica_set: Document) -> int:
    return int(dig(replica_set, "status", "availableReplicas", default=0))


def _oldest_first(replica_sets: list[Document]) -> list[Document]:
    return sorted(replica_sets, key=revision_of)
