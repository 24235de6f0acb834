"""A Deployment's status from its ReplicaSets: counts and the conditions Available and Progressing. Pure."""

from datetime import datetime, timedelta

from sandbox.kube.clock import parse_timestamp, timestamp
from sandbox.kube.controllers import rollout
from sandbox.kube.controllers.conditions import condition, with_condition
from sandbox.kube.controllers.replicasets import FAILURE
from sandbox.kube.document import Document, dig

_COUNTS = ("updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")
_DONE, _TIMED_OUT = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
_SLACK = 1.0  # seconds: times in a status are whole seconds


def deployment_status(
    deployment: Document, new: Document | None, old: list[Document], now: datetime
) -> Document:
    """The complete new status."""
    every = [*([new] if new else []), *old]
    available = rollout.total(every, "status", "availableReplicas")
    replicas = rollout.total(every, "status")
    counts = {
        "replicas": replicas,
        "updatedReplicas": rollout.total([new] if new else [], "status"),
        "readyReplicas": rollout.total(every, "status", "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(rollout.total(every, "spec") - available, 0),
    }
    before = deployment.get("status", {})
    conditions = _with_available(deployment, dig(before, "conditions", default=[]), available, now)
    conditions = _with_progress(deployment, (new, before, counts), conditions, now)
    conditions = _with_failure(every, conditions, now)
    return {
        "observedGeneration": deployment["metadata"]["generation"],
        **{name: count for name, count in counts.items() if count},
        "conditions": conditions,
    }


def progress_deadline(deployment: Document, status: Document, now: datetime) -> float | None:
    """Seconds until the rollout has made no progress for too long; None when it is done or already late."""
    progress = condition(status["conditions"], "Progressing")
    if not progress or progress["reason"] in (_DONE, _TIMED_OUT) or deployment["spec"].get("paused"):
        return None
    since = parse_timestamp(progress["lastUpdateTime"])
    due = since + timedelta(seconds=deployment["spec"]["progressDeadlineSeconds"])
    return max((due - now).total_seconds(), 0.0) + _SLACK


def _with_available(
    deployment: Document, conditions: list[Document], available: int, now: datetime
) -> list[Document]:
    enough = available >= rollout.bounds(deployment).least_available
    entry = {
        "type": "Available",
        "status": "True" if enough else "False",
        "reason": "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        "message": f"Deployment {'has' if enough else 'does not have'} minimum availability.",
    }
    return _entered(conditions, entry, now, fresh=False)


def _with_progress(
    deployment: Document,
    seen: tuple[Document | None, Document, Document],
    conditions: list[Document],
    now: datetime,
) -> list[Document]:
    """`seen`: the new ReplicaSet, the status before, the counts now."""
    new, before, counts = seen
    old = condition(conditions, "Progressing")
    if new is None:
        return conditions
    name, wanted = new["metadata"]["name"], deployment["spec"]["replicas"]
    deadline = timedelta(seconds=deployment["spec"]["progressDeadlineSeconds"])
    state, reason, message, fresh = "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.', False
    observed = dig(before, "observedGeneration", default=0) >= deployment["metadata"]["generation"]
    if counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted:
        reason, message = _DONE, f'ReplicaSet "{name}" has successfully progressed.'
    elif old is None:
        reason, message = "NewReplicaSetCreated", f'Created new replica set "{name}"'
    elif old["reason"] == _DONE and observed and _same_set(old, name):
        return conditions
    elif _moved(before, counts) or not _same_set(old, name):
        fresh = True
    elif old["reason"] == _TIMED_OUT or parse_timestamp(old["lastUpdateTime"]) + deadline < now:
        state, reason, message = "False", _TIMED_OUT, f'ReplicaSet "{name}" has timed out progressing.'
    else:
        return conditions
    entry = {"type": "Progressing", "status": state, "reason": reason, "message": message}
    return _entered(conditions, entry, now, fresh=fresh)


def _with_failure(every: list[Document], conditions: list[Document], now: datetime) -> list[Document]:
    """What a ReplicaSet says of pods that may not be made, for as long as it says so."""
    said = [condition(dig(rs, "status", "conditions", default=[]), FAILURE) for rs in every]
    failure = next((entry for entry in said if entry), None)
    if failure is None:
        return [entry for entry in conditions if entry["type"] != FAILURE]
    entry = {key: failure[key] for key in ("type", "status", "reason", "message")}
    return _entered(conditions, entry, now, fresh=False)


def _same_set(progress: Document, name: str) -> bool:
    return f'"{name}"' in progress["message"]


def _moved(before: Document, counts: Document) -> bool:
    """Whether more is updated, ready or available, or less of the old is there."""
    was = {name: int(before.get(name, 0)) for name in (*_COUNTS, "replicas")}
    old_before = was["replicas"] - was["updatedReplicas"]
    grown = any(counts[name] > was[name] for name in _COUNTS[:3])
    return grown or counts["replicas"] - counts["updatedReplicas"] < old_before


def _entered(conditions: list[Document], entry: Document, now: datetime, *, fresh: bool) -> list[Document]:
    """With the entry in place; `lastUpdateTime` moves when anything said differs, or progress was `fresh`."""
    old = condition(conditions, entry["type"])
    same = old is not None and all(old[field] == entry[field] for field in entry)
    updated = old["lastUpdateTime"] if old and same and not fresh else timestamp(now)
    return with_condition(conditions, entry | {"lastUpdateTime": updated}, timestamp(now))
