"""What pods say of themselves, in their own words."""

from collections.abc import Iterator
from datetime import datetime

from adapters.kubernetes import marks
from adapters.kubernetes.resources import Object
from bot.ports.workloads import Pod

HASH = "pod-template-hash"
STARTING = frozenset({"ContainerCreating", "PodInitializing"})
"""Waiting, but nothing is wrong."""
ENDED = frozenset({"Failed", "Succeeded"})
"""Phases out of which no pod comes back: its ReplicaSet has made another."""


def deployment_of(pod: Object) -> str | None:
    """The Deployment a pod belongs to: its ReplicaSet's name without the hash of the template. None for other pods."""
    meta = pod["metadata"]
    for owner in meta.get("ownerReferences") or ():
        if owner.get("controller") and owner["kind"] == "ReplicaSet":
            suffix = f"-{(meta.get('labels') or {}).get(HASH, '')}"
            name = str(owner["name"])
            return name.removesuffix(suffix) if name.endswith(suffix) else name.rpartition("-")[0]
    return None


def pod_of(found: Object) -> Pod:
    """Read a pod; a ready one that stays gives no reason. One that is evicted, or has ended for good, counts as going."""
    meta, status = found["metadata"], found.get("status") or {}
    ready = _condition(status, "Ready").get("status") == "True"
    ended = status.get("phase") in ENDED
    terminating = "deletionTimestamp" in meta or ended
    if terminating:
        reason, message = _why_it_goes(status)
    else:
        reason, message = (None, None) if ready else _why_not(status)
    containers = status.get("containerStatuses") or ()
    return Pod(
        name=meta["name"],
        ready=ready and not ended,
        reason=reason,
        message=message,
        restarts=sum(one.get("restartCount", 0) for one in containers),
        terminating=terminating,
        created=datetime.fromisoformat(meta["creationTimestamp"]),
        crashed=max((at for one in containers for at in _crashes(one)), default=None),
        release=marks.owner(found),
    )


def not_created(deployment: Object) -> Pod | None:
    """Stands for the pods that a quota or a policy does not let the Deployment create, with the API's own words."""
    failed = _condition(deployment.get("status") or {}, "ReplicaFailure")
    if failed.get("status") != "True":
        return None
    name = f"{deployment['metadata']['name']} (not created)"
    return Pod(
        name,
        ready=False,
        reason=failed.get("reason"),
        message=failed.get("message"),
        restarts=0,
        terminating=False,
    )


def _why_not(status: Object) -> tuple[str | None, str | None]:
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        found = _waiting(container) or _terminated(container)
        if found:
            return found
    scheduled = _condition(status, "PodScheduled")
    if scheduled.get("status") == "False":
        return scheduled.get("reason"), scheduled.get("message")
    if status.get("reason"):
        return status["reason"], status.get("message")
    return None, _condition(status, "Ready").get("message")


def _why_it_goes(status: Object) -> tuple[str | None, str | None]:
    """A node that ran out of something says it in the status; whoever drains one, in a condition."""
    if status.get("reason"):
        return status["reason"], status.get("message")
    disrupted = _condition(status, "DisruptionTarget")
    if disrupted.get("status") != "True":
        return None, None
    return disrupted.get("reason"), disrupted.get("message")


def _crashes(container: Object) -> Iterator[datetime]:
    """When a container ended with an error, as far as its status remembers: the last two times."""
    for state in (container.get("state") or {}, container.get("lastState") or {}):
        ended = state.get("terminated") or {}
        if ended.get("exitCode") and ended.get("finishedAt"):
            yield datetime.fromisoformat(ended["finishedAt"])


def _waiting(container: Object) -> tuple[str | None, str | None] | None:
    """Why a container does not run, and how it ended before."""
    waiting = container.get("state", {}).get("waiting") or {}
    reason = waiting.get("reason")
    if reason is None or reason in STARTING:
        return None
    before = _ending(container.get("lastState", {}).get("terminated"))
    parts = [part for part in (waiting.get("message"), before and f"before: {before}") if part]
    return reason, "; ".join(parts) or None


def _terminated(container: Object) -> tuple[str | None, str | None] | None:
    """How a container ended that does not run, or that runs again but is not ready."""
    for state in (container.get("state", {}), container.get("lastState", {})):
        ended = state.get("terminated")
        if ended and ended.get("exitCode"):
            return ended.get("reason"), _ending(ended)
    return None


def _ending(ended: Object | None) -> str | None:
    if not ended:
        return None
    words = f"{ended.get('reason', 'terminated')}, exit code {ended.get('exitCode')}"
    return f"{words}: {ended['message']}" if ended.get("message") else words


def _condition(status: Object, kind: str) -> Object:
    for condition in status.get("conditions") or ():
        if condition["type"] == kind:
            return dict(condition)
    return {}
